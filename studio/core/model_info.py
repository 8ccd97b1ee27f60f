"""What is known of a model without loading it, as data. Nothing asks for a family's name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from studio.core.geometry import Size
from studio.core.model_file import ModelFile


@dataclass(frozen=True)
class Abilities:
    """What a model can do. Sizes are in pixels; width and height are multiples of `multiple`.

    `mask_needed`: it does nothing but fill. `own_scale`: it works on the picture's own pixels, up
    to the area of `native_size`. `least_context`: how much of the surroundings it sees at least,
    in multiples of the masked region. `default_fill`: what its fills start from, where it is not
    a matter of words. `photos`: whether it knows photographs. `material`: whether its fills
    are made of places of the picture itself, which can then be chosen.
    `prompt_hint`: what an empty prompt field says, if it is not a picture that is described: what
    to write, or without `prompt` why nothing can be.
    `classes`: names, one of which is the prompt of a model that was trained on them.
    `embedded_guidance`: its network is told the guidance scale and makes one prediction of it.
    `x0_limit`: it draws nothing beyond ± this, −1…1 being black to white: x̂0 is clipped there.
    `half`: the format of half precision that it can compute in.
    `tokenizer`: the part that counts `max_tokens`; "" where prompts are no tokens. `chunks`: longer
    prompts are read in chunks of so many, and are cut off otherwise.
    `adapters`: the families whose LoRAs it takes, by `ModelFile.layout`; () for none at all.
    `autoencoder`: the same of the VAEs that it could have in the place of its own; "" for none.
    """

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
    mask_needed: bool = False
    own_scale: bool = False
    least_context: float = 0.0
    default_fill: str = ""
    photos: bool = True
    prompt_hint: str = ""
    classes: tuple[str, ...] = ()
    material: bool = False
    embedded_guidance: bool = False
    x0_limit: float = math.inf
    half: str = "float16"
    tokenizer: str = "tokenizer"
    chunks: bool = False
    adapters: tuple[str, ...] = ()
    autoencoder: str = ""

    @property
    def guided(self) -> bool:
        """Whether the guidance scale changes anything."""
        return self.negative_prompt or self.embedded_guidance


@dataclass(frozen=True)
class ModelInfo:
    """A row of the catalogue. `name` is what recipes and `--model` say; `file` is what is known of
    the file or folder, None for built-in models. `vae`: another autoencoder than the model's."""

    name: str
    title: str
    family: str
    path: Path | None
    abilities: Abilities
    summary: str = ""
    file: ModelFile | None = None
    vae: Path | None = None
