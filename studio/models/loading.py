"""From a row of the catalogue to a loaded model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import torch

from studio.core.model_info import ModelInfo
from studio.models.family import Family
from studio.models.stable_diffusion import load_stable_diffusion
from studio.models.toy import Toy

Tell = Callable[[str], None]


def load(info: ModelInfo, device: torch.device, dtype: torch.dtype, tell: Tell) -> Family:
    """Load a model onto `device`. `tell` hears each part's name and may raise to stop.

    Raises CannotLoad if the model is incomplete or damaged.
    """
    return LOADERS[info.family](info, device, dtype, tell)


def _load_toy(info: ModelInfo, device: torch.device, dtype: torch.dtype, tell: Tell) -> Family:
    tell("closed form")
    return Toy(device)


LOADERS: dict[str, Callable[[ModelInfo, torch.device, torch.dtype, Tell], Family]] = {
    "stable_diffusion": load_stable_diffusion,
    "toy": _load_toy,
}
"""One row a family: the word in `ModelInfo.family` and the function that loads it."""


def weights_hash(folder: Path | None) -> str:
    """SHA-256 over the folder's weights and configurations, names included; "" for no folder.

    Two models with the same hash make the same pictures.
    """
    if folder is None:
        return ""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".safetensors", ".json", ".txt") and path.is_file():
            total.update(path.relative_to(folder).as_posix().encode())
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()
