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
from studio.core.model_info import ModelInfo
from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.models.family import Condition
from studio.models.latent import LatentFamily, bare
from studio.models.parts import Parts
from studio.models.prompts.clip import encode_clip
from studio.models.scheduling import scheduling
from studio.models.source import Source
from studio.models.told import Told, arguments, guidance_embedding


class StableDiffusion(LatentFamily):
    BLOCKS = ("unet.down_blocks", "unet.up_blocks")

    def condition(self, prompt: str, recipe: Recipe) -> Told:
        told: Told = self.encoded(prompt)
        if not self.info.abilities.embedded_guidance:
            return told
        width = int(self.parts.config("unet").time_cond_proj_dim)
        embedded = guidance_embedding(recipe.guidance_scale, width)
        return replace(told, guidance=embedded.to(self.device, self.parts.dtype))

    def encode_prompt(self, prompt: str) -> Told:
        """The text encoder's last hidden state, for each chunk that the model reads."""

        def run(ids: Tensor) -> tuple[Tensor, None]:
            return self.parts.use("text_encoder")(ids)[0], None

        tokenizer, length = self.tokenizers["tokenizer"], self.info.abilities.max_tokens
        return Told(encode_clip(prompt, tokenizer, run, self.device, length)[0])

    def output(self, x: Tensor, level: Level, conditions: Sequence[Condition]) -> Tensor:
        told = [bare(condition) for condition in conditions]
        output: Tensor = self.parts.use("unet")(
            self.seen(x, conditions[0]).to(self.parts.dtype).expand(len(told), -1, -1, -1),
            torch.tensor(level.timestep, device=self.device, dtype=torch.float32),
            **self.arguments(x, told),
            return_dict=False,
        )[0]
        return output

    def arguments(self, x: Tensor, told: Sequence[Told]) -> dict[str, Any]:
        """What the UNet is told besides x and its level, for one call under these conditions."""
        return arguments(told)


def load(
    info: ModelInfo,
    source: Source,
    device: torch.device,
    dtype: torch.dtype,
    tell: Callable[[str], None],
) -> StableDiffusion:
    """See `studio.models.loading.load`."""
    tell("text encoder")
    tokenizers = {"tokenizer": source.tokenizer("tokenizer", CLIPTokenizer)}
    text_encoder = source.network("text_encoder", CLIPTextModel, dtype)
    networks = {"text_encoder": text_encoder, **latent_unet(info, source, dtype, tell)}
    return StableDiffusion(info, Parts(networks, device, dtype), tokenizers, scheduling(source))


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
