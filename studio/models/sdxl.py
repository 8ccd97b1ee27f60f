"""Stable Diffusion XL: a larger UNet, two text encoders, and the picture's size as a condition.

Podell et al., SDXL: Improving Latent Diffusion Models for High-Resolution Image Synthesis, 2023.
Turbo, Lightning and LCM models are of this family too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from studio.core.model_info import ModelInfo
from studio.core.recipe import Recipe
from studio.models.parts import Parts
from studio.models.prompts.clip import encode_clip, together
from studio.models.scheduling import Scheduling, scheduling
from studio.models.source import INDEX, Source
from studio.models.stable_diffusion import StableDiffusion, latent_unet
from studio.models.told import Told, arguments

ENCODERS = ("text_encoder", "text_encoder_2")
TOKENIZERS = ("tokenizer", "tokenizer_2")
PENULTIMATE = -2
"""The layer whose states SDXL reads: the last but one, without the final normalization."""


class StableDiffusionXL(StableDiffusion):
    """A loaded SDXL model; see `studio.models.family.Family` for what each method does.

    `zeros`: beside a prompt, no negative prompt is a condition of zeros and not the empty text.
    """

    def __init__(
        self,
        info: ModelInfo,
        parts: Parts,
        tokenizers: Mapping[str, Any],
        scheduling: Scheduling,
        zeros: bool,
    ) -> None:
        super().__init__(info, parts, tokenizers, scheduling)
        self._zeros = zeros

    def condition(self, prompt: str, recipe: Recipe) -> Told:
        told = super().condition(prompt, recipe)
        if self._zeros and not prompt.strip() and recipe.prompt.strip():
            assert told.pooled is not None
            nothing = torch.zeros_like(told.states), torch.zeros_like(told.pooled)
            return replace(told, states=nothing[0], pooled=nothing[1])
        return told

    def encode_prompt(self, prompt: str) -> Told:
        """Both encoders' states side by side, and the second one's vector of the first chunk."""
        length, states, pooled = self.info.abilities.max_tokens, [], None
        for part, tokenizer in zip(ENCODERS, self.tokenizers.values(), strict=True):

            def run(ids: Tensor, part: str = part) -> tuple[Tensor, Tensor | None]:
                output = self.parts.use(part)(ids, output_hidden_states=True)
                return output.hidden_states[PENULTIMATE], getattr(output, "text_embeds", None)

            found, pooled = encode_clip(prompt, tokenizer, run, self.device, length)
            states.append(found)
        return Told(together(*states), pooled=pooled)

    def arguments(self, x: Tensor, told: Sequence[Told]) -> dict[str, Any]:
        factor = self.autoencoder.factor
        size = (x.shape[2] * factor, x.shape[3] * factor)
        # A picture of the size that is wanted, from a photo of that size, of which all is seen.
        numbers = torch.tensor([[*size, 0, 0, *size]], device=self.device, dtype=self.parts.dtype)
        pooled = torch.cat([one.pooled for one in told if one.pooled is not None])
        sizes = numbers.expand(len(told), -1)
        return arguments(told) | {"added_cond_kwargs": {"text_embeds": pooled, "time_ids": sizes}}


def load(
    info: ModelInfo,
    source: Source,
    device: torch.device,
    dtype: torch.dtype,
    tell: Callable[[str], None],
) -> StableDiffusionXL:
    """See `studio.models.loading.load`."""
    tell("text encoders")
    tokenizers = {part: source.tokenizer(part, CLIPTokenizer) for part in TOKENIZERS}
    encoders = {
        "text_encoder": source.network("text_encoder", CLIPTextModel, dtype),
        "text_encoder_2": source.network("text_encoder_2", CLIPTextModelWithProjection, dtype),
    }
    networks = {**encoders, **latent_unet(info, source, dtype, tell)}
    own, parts = scheduling(source), Parts(networks, device, dtype)
    zeros = bool(source.config(INDEX).get("force_zeros_for_empty_prompt", True))
    return StableDiffusionXL(info, parts, tokenizers, own, zeros)
