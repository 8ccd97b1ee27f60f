"""The Stable Diffusion family: UNet2DConditionModel, CLIP text encoder, AutoencoderKL.

Read from any folder in diffusers' format (Rombach et al., High-Resolution Image Synthesis with
Latent Diffusion Models, 2022). The starter model is one of these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from studio.core.errors import CannotLoad
from studio.core.geometry import Size
from studio.core.model_info import ModelInfo
from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.diffusion.prediction import to_x0
from studio.diffusion.schedule import Schedule, ScheduleConfig, make_schedule
from studio.models.autoencoder import Autoencoder
from studio.models.family import Condition, Inpainting
from studio.models.parts import Parts
from studio.models.preview import fit_preview
from studio.models.prompts.clip import encode_clip
from studio.models.source import Source
from studio.models.told import Told, arguments, guidance_embedding

PREVIEW_SIDE = 128


class StableDiffusion:
    """A loaded Stable Diffusion model; see `studio.models.family.Family` for what each does."""

    def __init__(
        self, info: ModelInfo, parts: Parts, tokenizer: Any, schedule_config: ScheduleConfig
    ) -> None:
        self.info = info
        self.parts = parts
        self.device = parts.device
        self._tokenizer = tokenizer
        self._schedule_config = schedule_config
        self._autoencoder = Autoencoder(parts)
        self.latent_shape = self._autoencoder.latent_shape
        self.encode, self.decode = self._autoencoder.encode, self._autoencoder.decode
        self.preview = fit_preview(self.encode, self.decode, PREVIEW_SIDE)

    def schedule(self, recipe: Recipe, size: Size) -> Schedule:
        _, height, width = self.latent_shape(size)
        return make_schedule(
            self._schedule_config,
            recipe.sampler,
            recipe.steps,
            recipe.spacing,
            recipe.sigmas,
            tokens=height * width,
        )

    @torch.inference_mode()
    def condition(self, prompt: str, recipe: Recipe) -> Told:
        told: Told = self.parts.remember(prompt, lambda: self._encode(prompt))
        if not self.info.abilities.embedded_guidance:
            return told
        width = int(self.parts.config("unet").time_cond_proj_dim)
        embedded = guidance_embedding(recipe.guidance_scale, width)
        return replace(told, guidance=embedded.to(self.device, self.parts.dtype))

    def _encode(self, prompt: str) -> Told:
        """The text encoder's last hidden state, for each chunk that the model reads."""

        def run(ids: Tensor) -> tuple[Tensor, None]:
            return self.parts.use("text_encoder")(ids)[0], None

        length = self.info.abilities.max_tokens
        return Told(encode_clip(prompt, self._tokenizer, run, self.device, length)[0])

    @torch.inference_mode()
    def predict(
        self, x: Tensor, level: Level, conditions: Sequence[Condition]
    ) -> tuple[Tensor, ...]:
        told = [c.condition if isinstance(c, Inpainting) else c for c in conditions]
        output = self.parts.use("unet")(
            self._seen(x, conditions[0]).to(self.parts.dtype).expand(len(told), -1, -1, -1),
            torch.tensor(level.timestep, device=self.device, dtype=torch.float32),
            **self._arguments(x, told),
            return_dict=False,
        )[0].float()
        kind = self._schedule_config.prediction_type
        return tuple(to_x0(kind, output[i : i + 1], x, level) for i in range(len(conditions)))

    def _arguments(self, x: Tensor, told: Sequence[Told]) -> dict[str, Any]:
        """What the UNet is told besides x and its level, for one call under these conditions."""
        return arguments(told)

    def _seen(self, x: Tensor, condition: Condition) -> Tensor:
        """What the network is shown: for one with inpainting channels x, the mask and the rest of
        the picture. Without a region all of a grey picture is to be made."""
        if not self.info.abilities.inpaint_channels:
            return x
        if isinstance(condition, Inpainting):
            return torch.cat([x, condition.free, condition.masked], dim=1)
        return torch.cat([x, torch.ones_like(x[:, :1]), self._autoencoder.grey(x)], dim=1)

    def networks(self) -> Sequence[nn.Module]:
        unet: Any = self.parts.networks()["unet"]
        return [*unet.down_blocks, *unet.up_blocks, *self._autoencoder.blocks()]


def load(
    info: ModelInfo,
    source: Source,
    device: torch.device,
    dtype: torch.dtype,
    tell: Callable[[str], None],
) -> StableDiffusion:
    """See `studio.models.loading.load`."""
    tell("text encoder")
    tokenizer = source.tokenizer("tokenizer", CLIPTokenizer)
    text_encoder = source.network("text_encoder", CLIPTextModel, dtype)
    networks = {"text_encoder": text_encoder, **latent_unet(info, source, dtype, tell)}
    config = ScheduleConfig.from_diffusers(source.config("scheduler"))
    return StableDiffusion(info, Parts(networks, device, dtype), tokenizer, config)


def latent_unet(
    info: ModelInfo, source: Source, dtype: torch.dtype, tell: Callable[[str], None]
) -> dict[str, nn.Module]:
    """The UNet and the autoencoder. Raises CannotLoad if one is not made for the other."""
    tell("network")
    unet = source.network("unet", UNet2DConditionModel, dtype)
    tell("autoencoder")
    vae = source.network("vae", AutoencoderKL, dtype)
    latent = int(vae.config.latent_channels)
    inpaints = info.abilities.inpaint_channels
    if unet.config.in_channels != (2 * latent + 1 if inpaints else latent):
        raise CannotLoad(
            f"The network of {info.name} takes {unet.config.in_channels} channels and its "
            f"autoencoder makes {latent}.",
            "Networks with other extra channels cannot be used yet; choose another model.",
        )
    return {"unet": unet, "vae": vae}
