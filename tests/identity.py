"""A family whose encoder and decoder lose nothing, and which draws what it is told to."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from studio.core.geometry import Size
from studio.core.model_info import Abilities, ModelInfo
from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.diffusion.schedule import Schedule
from studio.models.family import Condition
from studio.models.preview import LinearPreview
from studio.models.toy import Toy


class Identity:
    """Latents are pixels. `draws` is x̂0 of every step, or None: then it is x̂0 = x / alpha."""

    def __init__(self) -> None:
        self.device = torch.device("cpu")
        self.info = ModelInfo("identity", "Identity", "identity", None, Abilities(Size(64, 64), 8))
        self.preview = LinearPreview(torch.zeros(28, 3), 1)
        self.draws: Tensor | None = None
        self._toy = Toy(self.device)

    def schedule(self, recipe: Recipe, size: Size) -> Schedule:
        return self._toy.schedule(recipe, size)

    def latent_shape(self, size: Size) -> tuple[int, int, int]:
        return 3, size.height, size.width

    def condition(self, prompt: str, recipe: Recipe) -> Condition:
        return prompt

    def predict(
        self, x: Tensor, level: Level, conditions: Sequence[Condition]
    ) -> tuple[Tensor, ...]:
        if self.draws is not None:
            assert self.draws.shape == x.shape
        x0 = x / level.alpha if self.draws is None else self.draws
        return tuple(x0 for _ in conditions)

    def encode(self, pixels: Tensor) -> Tensor:
        return pixels

    def decode(self, latents: Tensor) -> Tensor:
        return latents

    def networks(self) -> Sequence[nn.Module]:
        return []
