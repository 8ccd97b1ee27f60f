"""The kinds of model there are: one row each, all that is known before anything is loaded.

A row says by which parts a model of its kind is known, what such a model can do, and which module
of `studio.models` loads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from studio.core.errors import CannotLoad
from studio.core.model_info import Abilities
from studio.models import abilities as able
from studio.models import abilities_classic as classic
from studio.models.source import Source


@dataclass(frozen=True)
class Kind:
    """`family` is the word in `ModelInfo.family` and the name of the module in `studio.models`.

    A model is of this kind if it has all of `parts` (each with its class in diffusers or
    transformers, or several that will do with "|" between them) and none of `without`.
    `abilities` reads configurations only; it may raise KeyError, TypeError or ValueError if they
    are damaged. `spacing` is the one that diffusers' own pipeline asks for where the scheduler's
    configuration says none, and `patch` how many latent cells wide and high a token of the
    network is.
    """

    family: str
    title: str
    parts: Mapping[str, str]
    abilities: Callable[[Source], Abilities]
    without: tuple[str, ...] = ()
    spacing: str = ""
    patch: int = 1

    def fits(self, parts: Mapping[str, str]) -> bool:
        return not any(part in parts for part in self.without) and all(
            parts.get(part) in name.split("|") for part, name in self.parts.items()
        )


def kind_of(source: Source) -> Kind:
    """The kind of the model. Raises CannotLoad, naming what it is, if there is no row for it."""
    parts = source.parts
    for kind in KINDS:
        if kind.fits(parts):
            return kind
    if "text_encoder_2" in parts and "text_encoder" not in parts and "unet" in parts:
        raise CannotLoad(
            f"{source.path} is an SDXL refiner, which only finishes what another model began.",
            "Choose the base model; it draws whole pictures alone.",
        )
    raise CannotLoad(
        f"{source.path} is a model of a kind that cannot be used yet.",
        f"Choose one of these: {', '.join(dict.fromkeys(kind.title for kind in KINDS))}.",
    )


KINDS = (
    Kind(
        "stable_diffusion",
        "Stable Diffusion",
        {"unet": "UNet2DConditionModel", "vae": "AutoencoderKL", "text_encoder": "CLIPTextModel"},
        classic.stable_diffusion,
        without=("text_encoder_2",),
    ),
    Kind(
        "sdxl",
        "Stable Diffusion XL",
        {
            "unet": "UNet2DConditionModel",
            "vae": "AutoencoderKL",
            "text_encoder": "CLIPTextModel",
            "text_encoder_2": "CLIPTextModelWithProjection",
        },
        classic.sdxl,
    ),
    Kind(
        "sd3",
        "Stable Diffusion 3",
        {"transformer": "SD3Transformer2DModel", "vae": "AutoencoderKL"},
        able.stable_diffusion_3,
        patch=able.PATCH,
    ),
    Kind(
        "flux",
        "FLUX.1",
        {"transformer": "FluxTransformer2DModel", "vae": "AutoencoderKL"},
        able.flux,
        spacing="trailing",
        patch=able.PATCH,
    ),
    Kind(
        "z_image",
        "Z-Image",
        {"transformer": "ZImageTransformer2DModel", "vae": "AutoencoderKL"},
        able.z_image,
        spacing="trailing",
        patch=able.PATCH,
    ),
    Kind(
        "pixart",
        "PixArt-Σ",
        {
            "transformer": "PixArtTransformer2DModel|Transformer2DModel",  # later and earlier files
            "vae": "AutoencoderKL",
            "text_encoder": "T5EncoderModel",
        },
        able.pixart,
        patch=able.PATCH,
    ),
    Kind(
        "ddpm",
        "DDPM",
        {"unet": "UNet2DModel"},
        classic.ddpm,
        without=("vae", "vqvae", "text_encoder"),
    ),
    Kind(
        "dit",
        "DiT",
        {"transformer": "DiTTransformer2DModel|Transformer2DModel", "vae": "AutoencoderKL"},
        classic.dit,
        without=("text_encoder", "tokenizer"),
    ),
)
"""Models of none of these kinds are refused by name, never guessed at."""
