"""A family without weights: the ideal denoiser of the patches of the picture that is filled.

Its latents are the pixels themselves. What it draws on is what is around the mask, so it learns
of both as networks with inpainting channels do. A fill starts from the edges carried on, at the
noise that hides all but them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from studio.core.errors import BadInput
from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.diffusion.patches.origins import Origin, origins
from studio.diffusion.patches.pyramid import PatchDenoiser, levels_of
from studio.diffusion.schedule import Schedule
from studio.models.catalogue import PATCHES
from studio.models.family import Condition, Inpainting
from studio.models.preview import LinearPreview


class Patches:
    """See `studio.models.family.Family`. Knows no words: a condition is the region alone."""

    def __init__(self) -> None:
        self.info = PATCHES
        # Gathering and comparing rows of a table: made for the processor, wherever networks run.
        self.device = torch.device("cpu")
        self.preview = LinearPreview.plain(3)
        self._last: tuple[Inpainting, PatchDenoiser] | None = None

    def schedule(self, recipe: Recipe, size: Size) -> Schedule:
        levels = levels_of(size.height, size.width, recipe.steps)
        return Schedule(levels, lambda ratio: Level(1.0, ratio, ratio))

    def latent_shape(self, size: Size) -> tuple[int, int, int]:
        return 3, size.height, size.width

    def condition(self, prompt: str, recipe: Recipe) -> Condition:
        return None

    def predict(
        self, x: Tensor, level: Level, conditions: Sequence[Condition]
    ) -> tuple[Tensor, ...]:
        return tuple(self._denoiser(of)(x[0], level)[None] for of in conditions)

    def made_of(
        self, x: Tensor, level: Level, condition: Condition, row: int, column: int
    ) -> Sequence[Origin]:
        return origins(self._denoiser(condition), x[0], level, row, column)

    def encode(self, pixels: Tensor) -> Tensor:
        return pixels

    def decode(self, latents: Tensor) -> Tensor:
        return latents

    def networks(self) -> Sequence[nn.Module]:
        return []

    def _denoiser(self, region: Condition) -> PatchDenoiser:
        """Made once a run: what it keeps of the picture's patches follows from the region."""
        if not isinstance(region, Inpainting):
            raise BadInput(
                f"{self.info.title} needs a picture and a mask.",
                "Open a picture and paint over what is to be replaced.",
            )
        if self._last is None or self._last[0] is not region:
            usable = region.usable[0, 0] if region.usable is not None else None
            hole = region.free[0, 0] >= 0.5
            self._last = region, PatchDenoiser(region.masked[0], hole, usable)
        return self._last[1]


def build(device: torch.device) -> Patches:
    """See `studio.models.loading.load`."""
    return Patches()
