"""What a folder in diffusers' format is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from studio.core.errors import CannotLoad
from studio.core.model_file import ModelFile, Role
from studio.models.files.header import BITS, read_header
from studio.models.files.identify import PRECISIONS
from studio.models.kinds import kind_of
from studio.models.source import FolderSource

NETWORKS = ("unet", "transformer", "")
"""The parts whose precision a person means by the model's."""


def describe_folder(path: Path) -> ModelFile:
    """What the model in the folder is; one that cannot be used says why."""
    source = FolderSource(path)
    try:
        kind = kind_of(source)
    except CannotLoad as error:
        return ModelFile(path, Role.FOLDER, problem=error.message)
    precision, parameters = _weights(path)
    return ModelFile(
        path,
        Role.FOLDER,
        layout=kind.family,
        title=kind.title,
        precision=precision,
        parameters=parameters,
    )


@lru_cache(maxsize=256)
def whole_folder(path: Path, changed: int) -> ModelFile:
    """The same with the bytes of its weights. `changed`: looked at again when this is another."""
    size = sum(file.stat().st_size for file in path.rglob("*.safetensors"))
    return replace(describe_folder(path), bytes=size)


def _weights(path: Path) -> tuple[str, int]:
    """Precision and parameters of the network, from its files' headers."""
    for part in NETWORKS:
        sizes: Counter[str] = Counter()
        for file in sorted((path / part).glob("*.safetensors")):
            try:
                entries = read_header(file).entries.values()
            except CannotLoad:
                continue
            for entry in entries:
                sizes[entry.kind] += (entry.end - entry.start) * 8 // BITS[entry.kind]
        if sizes:
            most = sizes.most_common(1)[0][0]
            return PRECISIONS.get(most, most.lower()), sizes.total()
    return "", 0
