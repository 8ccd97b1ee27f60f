"""DDPM: a UNet on the pixels themselves, without words (Ho et al. 2020).

What lectures begin with. The sample is the picture, so every x̂0 of the trajectory is one too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from diffusers import UNet2DModel
from torch import Tensor, nn

from studio.core.geometry import Size
from studio.core.model_info import ModelInfo
from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.diffusion.prediction import to_x0
from studio.diffusion.schedule import Schedule, ScheduleConfig, make_schedule
from studio.models.family import Condition
from studio.models.parts import Parts
from studio.models.preview import LinearPreview
from studio.models.source import Source


class DDPM:
    """A loaded pixel model; see `studio.models.family.Family` for what each method does.

    x̂0 is clipped, as in the paper's code: no pixel is brighter than white.
    """

    def __init__(self, info: ModelInfo, parts: Parts, schedule_config: ScheduleConfig) -> None:
        self.info = info
        self.parts = parts
        self.device = parts.device
        self._schedule_config = schedule_config
        self._channels = int(parts.config("unet").in_channels)
        self.preview = LinearPreview.plain(self._channels).on(parts.device)

    def schedule(self, recipe: Recipe, size: Size) -> Schedule:
        return make_schedule(
            self._schedule_config, recipe.sampler, recipe.steps, recipe.spacing, recipe.sigmas
        )

    def latent_shape(self, size: Size) -> tuple[int, int, int]:
        return self._channels, size.height, size.width

    def condition(self, prompt: str, recipe: Recipe) -> Condition:
        return None  # it was told nothing when it was trained

    @torch.inference_mode()
    def predict(
        self, x: Tensor, level: Level, conditions: Sequence[Condition]
    ) -> tuple[Tensor, ...]:
        output = self.parts.use("unet")(
            x.to(self.parts.dtype),
            torch.tensor(level.timestep, device=self.device, dtype=torch.float32),
            return_dict=False,
        )[0].float()
        # A network that learnt its variance too says it in a second half of the channels.
        said = output[:, : self._channels]
        x0 = to_x0(self._schedule_config.prediction_type, said, x, level)
        limit = self.info.abilities.x0_limit
        return (x0.clamp(-limit, limit),) * len(conditions)

    def encode(self, pixels: Tensor) -> Tensor:
        shown = pixels if self._channels == 3 else pixels.mean(dim=1, keepdim=True)
        return shown.to(self.device).float()

    def decode(self, latents: Tensor) -> Tensor:
        return latents.to(self.device).float().expand(-1, 3, -1, -1)

    def networks(self) -> Sequence[nn.Module]:
        unet: Any = self.parts.networks()["unet"]
        return [*unet.down_blocks, *unet.up_blocks]


def load(
    info: ModelInfo,
    source: Source,
    device: torch.device,
    dtype: torch.dtype,
    tell: Callable[[str], None],
) -> DDPM:
    """See `studio.models.loading.load`."""
    tell("network")
    unet = source.network("unet", UNet2DModel, dtype)
    config = ScheduleConfig.from_diffusers(source.config("scheduler"))
    return DDPM(info, Parts({"unet": unet}, device, dtype), config)
