"""The kinds of model there are: one row each, all that is known before anything is loaded.

A row says by which parts a model of its kind is known, what such a model can do, and which module
of `studio.models` loads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.core.errors import CannotLoad
from studio.core.geometry import Size
from studio.core.model_info import Abilities
from studio.models import abilities as able
from studio.models.defaults import defaults
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


def vae_factor(source: Source) -> int:
    """How many pixels wide and high a latent cell is: 1 for a model of the pixels themselves."""
    if "vae" not in source.parts:
        return 1
    return int(2 ** (len(source.config("vae")["block_out_channels"]) - 1))


def _stable_diffusion(source: Source) -> Abilities:
    unet, text = source.config("unet"), source.config("text_encoder")
    side = int(unet.get("sample_size") or 64) * vae_factor(source)
    return Abilities(
        native_size=Size(side, side),
        max_tokens=int(text.get("max_position_embeddings", 77)),
        chunks=True,
        **_unet(source, 7.0 if side >= 256 else 4.0),
    )


def _sdxl(source: Source) -> Abilities:
    text = source.config("text_encoder")
    side = int(source.config("unet").get("sample_size") or 128) * vae_factor(source)
    return Abilities(
        native_size=Size(side, side),
        max_tokens=int(text.get("max_position_embeddings", 77)),
        chunks=True,
        **_unet(source, 5.0),
    )


def _ddpm(source: Source) -> Abilities:
    unet = source.config("unet")
    side = unet.get("sample_size") or 32
    height, width = side if isinstance(side, list) else (side, side)
    if unet.get("num_class_embeds"):
        raise CannotLoad(
            f"{source.path} is a UNet that is told classes, and does not say which there are.",
            "Choose one that is told nothing, or a DiT.",
        )
    return Abilities(
        native_size=Size(int(width), int(height)),
        multiple=int(2 ** (len(unet["block_out_channels"]) - 1)),
        prompt=False,
        negative_prompt=False,
        prompt_hint="This model takes no words: it draws what it has seen most. Choose another "
        "model to describe what you want.",
        # It was made for 1000 steps of DDPM, which can be chosen; DDIM's fifty look the same.
        default_steps=50,
        default_guidance=1.0,
    )


def _dit(source: Source) -> Abilities:
    transformer, factor = source.config("transformer"), vae_factor(source)
    side = int(transformer.get("sample_size") or 32) * factor
    return Abilities(
        native_size=Size(side, side),
        multiple=int(transformer.get("patch_size", 2)) * factor,
        prompt_hint="A class that the model knows, such as golden retriever, or its number",
        tokenizer="",
        **defaults(source, 4.0) | {"default_steps": 50},
    )


def _unet(source: Source, guidance: float) -> dict[str, Any]:
    """What the UNets of latent models have in common, as fields of Abilities."""
    unet, vae = source.config("unet"), source.config("vae")
    latent = int(vae.get("latent_channels", 4))
    fields = defaults(source, guidance) | {
        "multiple": vae_factor(source) * 2 ** (len(unet["block_out_channels"]) - 1),
        "inpaint_channels": int(unet.get("in_channels", latent)) == 2 * latent + 1,
    }
    if unet.get("time_cond_proj_dim"):
        # Distilled with guidance: the scale is a condition, and there is one prediction only.
        fields |= {"embedded_guidance": True, "negative_prompt": False, "default_guidance": 8.0}
    return fields


KINDS = (
    Kind(
        "stable_diffusion",
        "Stable Diffusion",
        {"unet": "UNet2DConditionModel", "vae": "AutoencoderKL", "text_encoder": "CLIPTextModel"},
        _stable_diffusion,
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
        _sdxl,
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
        _ddpm,
        without=("vae", "vqvae", "text_encoder"),
    ),
    Kind(
        "dit",
        "DiT",
        {"transformer": "DiTTransformer2DModel|Transformer2DModel", "vae": "AutoencoderKL"},
        _dit,
        without=("text_encoder", "tokenizer"),
    ),
)
"""Models of none of these kinds are refused by name, never guessed at."""
