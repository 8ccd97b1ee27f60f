"""The kinds of model there are: one row each, all that is known before anything is loaded.

A row says by which parts a model of its kind is known, what such a model can do, and which module
of `studio.models` loads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from studio.core.errors import CannotLoad
from studio.core.geometry import Size
from studio.core.model_info import Abilities
from studio.models.source import Source


@dataclass(frozen=True)
class Kind:
    """`family` is the word in `ModelInfo.family` and the name of the module in `studio.models`.

    A model is of this kind if it has all of `parts` (each with its class in diffusers or
    transformers) and none of `without`. `abilities` reads configurations only; it may raise
    KeyError, TypeError or ValueError if they are damaged.
    """

    family: str
    title: str
    parts: Mapping[str, str]
    abilities: Callable[[Source], Abilities]
    without: tuple[str, ...] = ()

    def fits(self, parts: Mapping[str, str]) -> bool:
        return not any(part in parts for part in self.without) and all(
            parts.get(part) == name for part, name in self.parts.items()
        )


def kind_of(source: Source) -> Kind:
    """The kind of the model. Raises CannotLoad, naming what it is, if there is no row for it."""
    parts = source.parts
    for kind in KINDS:
        if kind.fits(parts):
            return kind
    raise CannotLoad(
        f"{source.path} is a model of a kind that cannot be used yet.",
        f"Choose one of these: {', '.join(kind.title for kind in KINDS)}.",
    )


def vae_factor(source: Source) -> int:
    """How many pixels wide and high a latent cell is."""
    return int(2 ** (len(source.config("vae")["block_out_channels"]) - 1))


def _stable_diffusion(source: Source) -> Abilities:
    unet, vae, text = (source.config(part) for part in ("unet", "vae", "text_encoder"))
    factor, latent = vae_factor(source), int(vae.get("latent_channels", 4))
    side = int(unet.get("sample_size") or 64) * factor
    return Abilities(
        native_size=Size(side, side),
        multiple=factor * 2 ** (len(unet["block_out_channels"]) - 1),
        default_guidance=7.0 if side >= 256 else 4.0,
        max_tokens=int(text.get("max_position_embeddings", 77)),
        inpaint_channels=int(unet.get("in_channels", latent)) == 2 * latent + 1,
    )


KINDS = (
    Kind(
        "stable_diffusion",
        "Stable Diffusion",
        {"unet": "UNet2DConditionModel", "vae": "AutoencoderKL", "text_encoder": "CLIPTextModel"},
        _stable_diffusion,
        without=("text_encoder_2",),
    ),
)
"""Models of none of these kinds are refused by name, never guessed at."""
