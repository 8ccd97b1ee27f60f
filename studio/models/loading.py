"""From a row of the catalogue to a loaded model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import torch
from diffusers.utils import logging as diffusers_logging
from safetensors import SafetensorError
from transformers.utils import logging as transformers_logging

from studio.core.errors import CannotLoad
from studio.core.model_info import ModelInfo
from studio.models.adapters.autoencoders import Altered
from studio.models.family import Family
from studio.models.parts import Parts
from studio.models.source import open_source

Tell = Callable[[str], None]
PART = 16 * 2**20


def load(info: ModelInfo, device: torch.device, dtype: torch.dtype, tell: Tell) -> Family:
    """Load a model onto `device`. `tell` hears each part's name and may raise to stop.

    Weights are read from safetensors only: no file that is opened can run code. Raises
    CannotLoad if the model is incomplete or damaged.
    """
    module = import_module(f"studio.models.{info.family}")
    if info.path is None:
        tell("closed form")
        built_in: Family = module.build(device)
        return built_in
    # Our own progress is shown, and what they would warn of is checked here.
    for logging in (diffusers_logging, transformers_logging):
        logging.disable_progress_bar()
        logging.set_verbosity_error()
    try:
        source = Altered(open_source(info.path), info.vae)
        loaded: Family = module.load(info, source, device, dtype, tell)
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise CannotLoad(
            f"The model {info.name} in {info.path} cannot be loaded: {_first_line(error)}",
            "It may be incomplete or damaged: put the files there again.",
        ) from error
    parts = getattr(loaded, "parts", None)
    if isinstance(parts, Parts):
        parts.vocabularies = source.vocabularies
    return loaded


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:200]


Stamp = tuple[tuple[str, int, int], ...]
"""Name, size and time of each file that a model is loaded from."""


def stamp(path: Path | None) -> Stamp:
    """Changes whenever the model's files do, and costs next to nothing; () for no files."""
    files = open_source(path).files() if path else ()
    found = [(file, file.stat()) for file in files]
    return tuple((str(file), stat.st_size, stat.st_mtime_ns) for file, stat in found)


def weights_hash(path: Path | None, ask: Callable[[], None]) -> str:
    """SHA-256 over the model's weights and configurations, names included; "" for no files.

    Two models with the same hash make the same pictures. Takes seconds for large models: `ask`
    is called in between and may raise to stop.
    """
    if path is None:
        return ""
    total = hashlib.sha256()
    for file in open_source(path).files():
        inside = file != path and file.is_relative_to(path)
        within = file.relative_to(path) if inside else Path(file.name)
        total.update(within.as_posix().encode())
        digest = hashlib.sha256()
        with file.open("rb") as opened:
            while part := opened.read(PART):
                ask()
                digest.update(part)
        total.update(digest.digest())
    return total.hexdigest()
