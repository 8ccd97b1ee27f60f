"""Which files of a repository a model needs: safe weights, once each, in one precision.

A repository in diffusers' format holds the same weights up to a dozen times: in 16 and 32 bits,
as pickles, for other frameworks, and as one file for other programs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from studio.core.downloads import Precision, RemoteFile
from studio.core.errors import CannotLoad

INDEX = "model_index.json"
UNUSED = ("safety_checker", "feature_extractor")
STEMS = ("diffusion_pytorch_model", "model")
WEIGHTS = re.compile(
    rf"({'|'.join(STEMS)})(?:\.(\w+))?(?:-\d{{5}}-of-(\d{{5}}))?(?:\.(\w+))?\.safetensors"
)
SHARDS = re.compile(rf"({'|'.join(STEMS)})\.safetensors\.index(?:\.(\w+))?\.json")
PICKLES = (".bin", ".ckpt", ".pt", ".pth")
SMALL = (".json", ".txt", ".model", ".jinja")
ORDER: dict[Precision, tuple[str, ...]] = {
    "half": ("fp16", "bf16", ""),
    "full": ("", "bf16", "fp16"),
}
LICENCE = re.compile(r"LICENSE[\w.-]*", re.IGNORECASE)


def parts_of(index: Mapping[str, Any]) -> dict[str, str]:
    """The class of each part that a model index names."""
    return {
        part: str(value[1])
        for part, value in index.items()
        if isinstance(value, list) and len(value) == 2 and value[0] is not None
    }


def choose_parts(
    files: Collection[RemoteFile], parts: Iterable[str], precision: Precision
) -> tuple[RemoteFile, ...]:
    """The files of a model in diffusers' format, weights under the name that has no variant.

    Raises CannotLoad if a part has its weights only in files that could run code.
    """
    folders = {file.path.rpartition("/")[0] for file in files}
    # A network that is all of a model may lie beside the index instead of in a folder.
    wanted = {part if part in folders else "" for part in parts if part not in UNUSED}
    chosen = [f for f in files if f.path == INDEX or LICENCE.fullmatch(f.path)]
    for folder in sorted(wanted):
        inside = [f for f in files if f.path.rpartition("/")[0] == folder and f.path != INDEX]
        chosen += [f for f in inside if f.path.endswith(SMALL) and not SHARDS.search(f.path)]
        weights = _weights(inside, precision)
        if not weights and any(f.path.endswith(PICKLES) for f in inside):
            raise CannotLoad(
                f"Its {folder or 'network'} is published only in a format that can run code.",
                "Choose a model with safetensors files.",
            )
        chosen += weights
    return tuple({file.name: file for file in chosen}.values())


def choose_checkpoint(files: Collection[RemoteFile], wanted: str) -> tuple[RemoteFile, ...]:
    """The one file that is a whole model. Raises CannotLoad if none is, or several could be."""
    found = [file for file in files if file.path.endswith(".safetensors")]
    if wanted:
        found = [file for file in found if file.path == wanted]
        if not found:
            raise CannotLoad(f"There is no file {wanted} in it.", "Check how it is written.")
    if not found:
        hint = "Choose a model with safetensors files."
        if any(file.path.endswith(PICKLES) for file in files):
            raise CannotLoad("It is published only in a format that can run code.", hint)
        raise CannotLoad("It holds no model.", hint)
    if len(found) > 1:
        largest = sorted(found, key=lambda file: -file.size)[:5]
        names = ", ".join(file.path for file in largest)
        raise CannotLoad(
            f"It holds {len(found)} files of weights.",
            f"Write one of them behind the name, after a slash: {names}.",
        )
    return (replace(found[0], name=found[0].path.rpartition("/")[2]),)


def _weights(inside: Iterable[RemoteFile], precision: Precision) -> list[RemoteFile]:
    sets: dict[tuple[str, str], list[RemoteFile]] = {}
    counts: dict[tuple[str, str], int] = {}
    for file in inside:
        folder, _, name = file.path.rpartition("/")
        match = WEIGHTS.fullmatch(name)
        if match is None:
            continue
        stem, early, count, late = match.groups()
        key = (stem, early or late or "")
        if count is None:
            plain = f"{folder}/{stem}.safetensors".lstrip("/")
            sets[key], counts[key] = [replace(file, name=plain)], 1
        elif counts.get(key) != 1:  # in one piece is better than in several
            sets.setdefault(key, []).append(file)
            counts[key] = int(count)
    for stem in STEMS:
        for variant in ORDER[precision]:
            found = sets.get((stem, variant), [])
            if found and len(found) == counts[stem, variant]:
                return found if len(found) == 1 else found + _shard_index(inside, stem, variant)
    return []


def _shard_index(inside: Iterable[RemoteFile], stem: str, variant: str) -> list[RemoteFile]:
    """What says which tensor is in which of several files."""
    for file in inside:
        folder, _, name = file.path.rpartition("/")
        match = SHARDS.fullmatch(name)
        if match and match.groups() == (stem, variant or None):
            return [replace(file, name=f"{folder}/{stem}.safetensors.index.json".lstrip("/"))]
    return []
