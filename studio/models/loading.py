"""From a row of the catalogue to a loaded model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import torch

from studio.core.model_info import ModelInfo
from studio.models.family import Family
from studio.models.patches import Patches
from studio.models.stable_diffusion import load_stable_diffusion
from studio.models.toy import Toy

Tell = Callable[[str], None]
SUFFIXES = (".safetensors", ".json", ".txt")
PART = 16 * 2**20


def load(info: ModelInfo, device: torch.device, dtype: torch.dtype, tell: Tell) -> Family:
    """Load a model onto `device`. `tell` hears each part's name and may raise to stop.

    Raises CannotLoad if the model is incomplete or damaged.
    """
    return LOADERS[info.family](info, device, dtype, tell)


def _load_toy(info: ModelInfo, device: torch.device, dtype: torch.dtype, tell: Tell) -> Family:
    tell("closed form")
    return Toy(device)


def _load_patches(info: ModelInfo, device: torch.device, dtype: torch.dtype, tell: Tell) -> Family:
    tell("closed form")
    return Patches()


LOADERS: dict[str, Callable[[ModelInfo, torch.device, torch.dtype, Tell], Family]] = {
    "stable_diffusion": load_stable_diffusion,
    "patches": _load_patches,
    "toy": _load_toy,
}
"""One row a family: the word in `ModelInfo.family` and the function that loads it."""


Stamp = tuple[tuple[str, int, int], ...]
"""Name, size and time of each file that a model is loaded from."""


def stamp(folder: Path | None) -> Stamp:
    """Changes whenever the model's files do, and costs next to nothing; () for no folder."""
    found = [(path, path.stat()) for path in _files(folder)] if folder else []
    return tuple((str(path), stat.st_size, stat.st_mtime_ns) for path, stat in found)


def weights_hash(folder: Path | None, ask: Callable[[], None]) -> str:
    """SHA-256 over the folder's weights and configurations, names included; "" for no folder.

    Two models with the same hash make the same pictures. Takes seconds for large models: `ask`
    is called in between and may raise to stop.
    """
    if folder is None:
        return ""
    total = hashlib.sha256()
    for path in _files(folder):
        total.update(path.relative_to(folder).as_posix().encode())
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while part := file.read(PART):
                ask()
                digest.update(part)
        total.update(digest.digest())
    return total.hexdigest()


def _files(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*"))
    return [path for path in found if path.suffix in SUFFIXES and path.is_file()]
