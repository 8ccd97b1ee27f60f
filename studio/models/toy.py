"""A family without weights: the ideal denoiser of a small, known distribution of pictures.

Eight colours, each a picture that fades from the colour at the top to black at the bottom. The
data are Gaussians of deviation `SPREAD` around these pictures, so x̂0 is the closed-form
posterior mean (a mixture's, weighted by how well each explains x). Colours named in the prompt
are the ones that can appear. For fast tests of everything above a model, and for lectures.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.diffusion.schedule import Schedule, ScheduleConfig, make_schedule
from studio.models.catalogue import TOY
from studio.models.preview import LinearPreview

FACTOR = 8
SPREAD = 0.1
COLOURS: dict[str, tuple[float, float, float]] = {
    "red": (0.9, -0.8, -0.8),
    "green": (-0.7, 0.6, -0.6),
    "blue": (-0.8, -0.4, 0.9),
    "yellow": (0.9, 0.8, -0.7),
    "purple": (0.4, -0.7, 0.6),
    "orange": (1.0, 0.2, -0.8),
    "white": (0.9, 0.9, 0.9),
    "black": (-0.9, -0.9, -0.9),
}


class Toy:
    """See `studio.models.family.Family`. A condition is the set of colours, as a 0/1 tensor."""

    def __init__(self, device: torch.device) -> None:
        self.info = TOY
        self.device = device
        self.preview = LinearPreview.plain(3).on(device)
        self._colours = torch.tensor(list(COLOURS.values()), device=device)
        self._config = ScheduleConfig.from_diffusers(
            {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
            | {"num_train_timesteps": 1000, "timestep_spacing": "trailing"}
        )

    def schedule(self, recipe: Recipe, size: Size) -> Schedule:
        return make_schedule(
            self._config, recipe.sampler, recipe.steps, recipe.spacing, recipe.sigmas
        )

    def latent_shape(self, size: Size) -> tuple[int, int, int]:
        return 3, size.height // FACTOR, size.width // FACTOR

    def condition(self, prompt: str, recipe: Recipe) -> Tensor:
        words = set(prompt.lower().replace(",", " ").split())
        named = torch.tensor([float(colour in words) for colour in COLOURS], device=self.device)
        return named if named.any() else torch.ones_like(named)

    def predict(self, x: Tensor, level: Level, conditions: Sequence[Tensor]) -> tuple[Tensor, ...]:
        means = self._means(x.shape[2], x.shape[3])
        variance = (level.alpha * SPREAD) ** 2 + level.sigma**2
        distance = (x - level.alpha * means).square().sum(dim=(1, 2, 3))
        shrink = level.alpha * SPREAD**2 / variance
        results = []
        for condition in conditions:
            weights = torch.softmax(condition.log() - distance / (2 * variance), dim=0)
            mean = (weights[:, None, None, None] * means).sum(dim=0, keepdim=True)
            results.append(mean + shrink * (x - level.alpha * mean))
        return tuple(results)

    def encode(self, pixels: Tensor) -> Tensor:
        return F.avg_pool2d(pixels.to(self.device).float(), FACTOR)

    def decode(self, latents: Tensor) -> Tensor:
        return F.interpolate(latents, scale_factor=FACTOR, mode="bilinear")

    def networks(self) -> Sequence[nn.Module]:
        return []

    def _means(self, height: int, width: int) -> Tensor:
        fade = torch.linspace(1, 0, height, device=self.device)[None, None, :, None]
        colours = self._colours[:, :, None, None]
        return (fade * colours + (1 - fade) * -1.0).expand(-1, -1, -1, width)


def build(device: torch.device) -> Toy:
    """See `studio.models.loading.load`."""
    return Toy(device)
