"""The tokenizers that single files come without: found on this machine, or fetched once.

Their vocabularies are their makers' and not shipped here. Nearly every machine with models on it
has them: inside ComfyUI, in any folder in diffusers' format, in the hub's cache.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from studio.core.errors import Missing
from studio.library.folders import Folders
from studio.models.spiece import open_tokenizer

Files = Mapping[str, Path]
"""A tokenizer's files by name."""
WANTED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "clip": (("vocab.json", "merges.txt"), ("tokenizer.json",)),
    "t5": (("spiece.model",), ("tokenizer.json",)),
    "qwen": (
        ("tokenizer.json", "tokenizer_config.json"),
        ("vocab.json", "merges.txt", "tokenizer_config.json"),
    ),
}
"""What must be there for each, in any of these combinations."""
TITLES = {"clip": "CLIP", "t5": "T5", "qwen": "Qwen"}
COMFY = ("comfy/sd1_tokenizer", "comfy/text_encoders/t5_tokenizer")
PARTS = ("tokenizer", "tokenizer_2", "tokenizer_3", "")
HIGH = 5
"""Folders above a model in which the program that it belongs to may be."""
LARGEST = 64 * 2**20

_found: dict[tuple[str, Path], Files] = {}


def tokenizer_kind(name: str) -> str:
    """The vocabulary that a tokenizer of this name needs: "clip-zero" pads CLIP's otherwise."""
    return name.partition("-")[0]


def kept_in(kind: str) -> Path:
    """Where a fetched tokenizer is kept."""
    return Folders.default().data / "tokenizers" / kind


def find_tokenizer(name: str, near: Path) -> Files | None:
    """The files of the tokenizer on this machine, or None; `near` is the model's file."""
    kind = tokenizer_kind(name)
    known = _found.get((kind, near.parent))
    if known and all(path.is_file() for path in known.values()):
        return known
    kept = _whole(kept_in(kind), kind)
    found = kept or next(
        (files for folder in _places(near) if (files := _right(folder, kind))), None
    )
    if found:
        _found[kind, near.parent] = found
    return found


def make_tokenizer(name: str, near: Path, kind: Any, config: Mapping[str, Any]) -> Any:
    """The tokenizer, of class `kind` with these settings. Raises Missing if it is nowhere."""
    files = find_tokenizer(name, near)
    if files is None:
        word = tokenizer_kind(name)
        raise Missing(
            f"{near.name} needs the {TITLES[word]} tokenizer, which is not on this machine.",
            f"Fetch it once: “studio models fetch-tokenizer {word}”. ComfyUI's folder and any "
            "folder in diffusers' format have it too.",
            word,
        )
    folder = next(iter(files.values())).parent
    return open_tokenizer(folder, kind, **config)


def _places(near: Path) -> Iterator[Path]:
    """Folders that may hold a tokenizer, the likeliest first."""
    for above in list(near.parents)[:HIGH]:
        yield from (above / name for name in COMFY)
    data = Folders.default().data
    models = [*_added(data), *_listed(data / "models"), *_listed(near.parent)]
    for above in list(near.parents)[1:3]:
        models += [*_listed(above), *_listed(above / "diffusers")]
    for model in models:
        yield from (model / part for part in PARTS)
    for repo in _listed(_cache()):
        for snapshot in _listed(repo / "snapshots"):
            yield from (snapshot / part for part in PARTS)


def _cache() -> Path:
    """The hub's cache, as its own client finds it."""
    named = os.environ.get("HF_HUB_CACHE")
    home = Path(os.environ.get("HF_HOME", "~/.cache/huggingface")).expanduser()
    return Path(named).expanduser() if named else home / "hub"


def _added(data: Path) -> list[Path]:
    try:
        added = json.loads((data / "models.json").read_text(encoding="utf-8"))
        return [Path(path) for path in added.values()]
    except (OSError, ValueError, AttributeError, TypeError):
        return []


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []


def _whole(folder: Path, kind: str) -> Files | None:
    """The tokenizer's files in the folder, if all of them are there."""
    for names in WANTED[kind]:
        files = {name: folder / name for name in names}
        if all(path.is_file() for path in files.values()):
            return files
    return None


def _right(folder: Path, kind: str) -> Files | None:
    """The same, if it is that vocabulary and not another one in the same format."""
    files = _whole(folder, kind)
    if files is None:
        return None
    try:
        if any(path.stat().st_size > LARGEST for path in files.values()):
            return None
        if kind == "clip":
            data = json.loads(next(iter(files.values())).read_text(encoding="utf-8"))
            words = data if "vocab.json" in files else data["model"]["vocab"]
            return files if words.get("<|endoftext|>") == 49407 else None
        if kind == "t5":
            return files if _is_t5(files) else None
        config = files["tokenizer_config.json"].read_text(encoding="utf-8")
        return files if "<|im_start|>" in config and "chat_template" in config else None
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return None


def _is_t5(files: Files) -> bool:
    """T5's pieces number 32000, and a hundred more stand for gaps."""
    if "spiece.model" in files:
        return files["spiece.model"].stat().st_size == 791_656
    return "<extra_id_99>" in files["tokenizer.json"].read_text(encoding="utf-8")
