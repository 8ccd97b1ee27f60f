"""What is known of a model without loading it, as data. Nothing asks for a family's name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.core.geometry import Size


@dataclass(frozen=True)
class Abilities:
    """What a model can do. Sizes are in pixels; width and height are multiples of `multiple`."""

    native_size: Size
    multiple: int
    prompt: bool = True
    negative_prompt: bool = True
    image_input: bool = True
    inpaint_channels: bool = False
    default_steps: int = 20
    default_guidance: float = 4.0
    default_sampler: str = "ddim"
    max_tokens: int = 77


@dataclass(frozen=True)
class ModelInfo:
    """A row of the catalogue. `name` is what recipes and `--model` say."""

    name: str
    title: str
    family: str
    path: Path | None
    abilities: Abilities
    summary: str = ""
