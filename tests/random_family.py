"""A model family with a small random network, of any kind of prediction, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.core.geometry import Size
from studio.core.model_info import Abilities, ModelInfo
from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.diffusion.prediction import to_x0
from studio.diffusion.schedule import Schedule, ScheduleConfig, make_schedule
from studio.models.preview import LinearPreview

CHANNELS, FACTOR = 3, 4


class RandomFamily:
    """See `studio.models.family.Family`. `kind` is what its network predicts."""

    def __init__(self, seed: int, kind: str, **config: Any) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.info = ModelInfo("random", "Random", "random", None, Abilities(Size(24, 24), FACTOR))
        self.device = torch.device("cpu")
        self.preview = LinearPreview.plain(CHANNELS)
        self.kind = kind
        flow = {"_class_name": "FlowMatchEulerDiscreteScheduler"}
        words = flow if kind == "flow_prediction" else {"prediction_type": kind}
        self._config = ScheduleConfig.from_diffusers({**words, **config})
        self._weights = [
            torch.randn(width, deep, 3, 3, generator=generator) / (3 * deep**0.5)
            for width, deep in ((8, CHANNELS), (8, 8), (CHANNELS, 8))
        ]

    def schedule(self, recipe: Recipe, size: Size) -> Schedule:
        return make_schedule(
            self._config, recipe.sampler, recipe.steps, recipe.spacing, recipe.sigmas, tokens=36
        )

    def latent_shape(self, size: Size) -> tuple[int, int, int]:
        return CHANNELS, size.height // FACTOR, size.width // FACTOR

    def condition(self, prompt: str, recipe: Recipe) -> Tensor:
        seed = int.from_bytes(sha256(prompt.encode()).digest()[:7], "big")
        return torch.randn(1, 8, 1, 1, generator=torch.Generator().manual_seed(seed))

    def output(self, x: Tensor, level: Level, condition: Tensor) -> Tensor:
        """What the network says, in its own terms."""
        first, second, last = self._weights
        hidden = torch.tanh(F.conv2d(x, first, padding=1) + condition + level.timestep / 1000)
        return F.conv2d(torch.tanh(F.conv2d(hidden, second, padding=1)), last, padding=1)

    def predict(self, x: Tensor, level: Level, conditions: Sequence[Tensor]) -> tuple[Tensor, ...]:
        return tuple(to_x0(self.kind, self.output(x, level, c), x, level) for c in conditions)

    def encode(self, pixels: Tensor) -> Tensor:
        return F.avg_pool2d(pixels, FACTOR)

    def decode(self, latents: Tensor) -> Tensor:
        return F.interpolate(latents, scale_factor=FACTOR)

    def networks(self) -> Sequence[nn.Module]:
        return []
