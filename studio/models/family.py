"""What a model family must offer. Whoever uses one asks what it can do, never for its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from studio.core.geometry import Size
from studio.core.model_info import ModelInfo
from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.diffusion.patches.origins import Origin
from studio.diffusion.schedule import Schedule
from studio.models.preview import LinearPreview

Condition = Any
"""What a family's text encoders make of one prompt. Opaque outside the family."""


@dataclass(frozen=True)
class Inpainting:
    """A condition together with the region that is to be filled.

    For families with `abilities.inpaint_channels`, in the place of any condition. `free`
    [1, 1, h, w] is 1 where something is to be made and 0 elsewhere; `masked` [1, C, h, w] are
    the latents of the picture with that region grey. `covered` [1, 1, H, W] is the region in
    pixels, 0 or 1; None where it is known in latent cells only. `usable` [1, 1, h, w] bool, for
    families with `abilities.material`: where material may be taken from, if not everywhere.
    """

    condition: Condition
    free: Tensor
    masked: Tensor
    covered: Tensor | None = None
    usable: Tensor | None = None


class Family(Protocol):
    """A loaded model. Latents are float32 tensors [batch, channels, height, width] on `device`."""

    info: ModelInfo
    device: torch.device
    preview: LinearPreview
    """A small, cheap RGB picture [1, 3, h·k, w·k], about −1…1, of latents [1, C, h, w]."""

    def schedule(self, recipe: Recipe, size: Size) -> Schedule:
        """The noise levels for the recipe's steps, spacing and sigmas at `size` pixels."""

    def latent_shape(self, size: Size) -> tuple[int, int, int]:
        """Channels, height and width of the latents of a picture of `size` pixels."""

    def condition(self, prompt: str, recipe: Recipe) -> Condition:
        """Encode one prompt, of a run of `recipe`. The same two give the same bits.

        What a network wants to know besides the words (a guidance scale it was trained with) is
        in the recipe.
        """

    def predict(
        self, x: Tensor, level: Level, conditions: Sequence[Condition]
    ) -> tuple[Tensor, ...]:
        """x̂0 of one noisy image [1, C, H, W] under each condition, in one network call."""

    def encode(self, pixels: Tensor) -> Tensor:
        """Latents of RGB pixels [1, 3, H, W] in −1…1. Deterministic: the mean, not a sample."""

    def decode(self, latents: Tensor) -> Tensor:
        """RGB pixels [1, 3, H, W], about −1…1, of latents [1, C, h, w]."""

    def networks(self) -> Sequence[nn.Module]:
        """The blocks of the slow networks: between them a run can be interrupted."""


@runtime_checkable
class Traced(Protocol):
    """What a family offers besides, if it can tell what its x̂0 is made of."""

    def made_of(
        self, x: Tensor, level: Level, condition: Condition, row: int, column: int
    ) -> Sequence[Origin]:
        """The parts of the picture that x̂0 of x [1, C, h, w] is the mean of at this cell."""
