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
from studio.models.emphasis import Part, emphasize, parts
from studio.models.family import Condition, Inpainting
from studio.models.parts import Parts
from studio.models.preview import fit_preview
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
        self._conditions: dict[str, Told] = {}
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
        if prompt not in self._conditions:
            if len(self._conditions) >= 32:
                self._conditions.pop(next(iter(self._conditions)))
            # Half a surrogate pair, as undecodable arguments have, is no text to a tokenizer.
            text = prompt.encode("utf-8", "replace").decode("utf-8")
            self._conditions[prompt] = self._encode(parts(text))
        told = self._conditions[prompt]
        if not self.info.abilities.embedded_guidance:
            return told
        width = int(self.parts.config("unet").time_cond_proj_dim)
        embedded = guidance_embedding(recipe.guidance_scale, width)
        return replace(told, guidance=embedded.to(self.device, self.parts.dtype))

    def _encode(self, prompt: list[Part]) -> Told:
        """The text encoder's last hidden state, cut or padded to what the model reads."""
        ids, weights = tokens(prompt, self._tokenizer, self.info.abilities.max_tokens)
        encoded = self.parts.use("text_encoder")(torch.tensor([ids], device=self.device))[0]
        return Told(emphasized(encoded, weights))

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


def tokens(prompt: Sequence[Part], tokenizer: Any, length: int) -> tuple[list[int], list[float]]:
    """`length` token ids with the weight of each, cut or padded to what a CLIP encoder reads."""
    ids, weights = [tokenizer.bos_token_id], [1.0]
    for text, weight in prompt:
        found = tokenizer(text, add_special_tokens=False).input_ids
        ids += found
        weights += [weight] * len(found)
    ids, weights = ids[: length - 1], weights[: length - 1]
    ids += [tokenizer.eos_token_id]
    ids += [tokenizer.pad_token_id] * (length - len(ids))
    weights += [1.0] * (length - len(weights))
    return ids, weights


def emphasized(encoded: Tensor, weights: Sequence[float]) -> Tensor:
    """[1, tokens, width], to the bit what it was if all weights are 1."""
    if all(weight == 1.0 for weight in weights):
        return encoded
    return emphasize(encoded, torch.tensor(weights, device=encoded.device))
