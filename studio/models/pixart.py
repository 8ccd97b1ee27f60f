"""The PixArt-Σ family (Chen et al., PixArt-Σ: Weak-to-Strong Training of Diffusion Transformer
for 4K Text-to-Image Generation, 2024).

A diffusion transformer that reads T5's tokens by cross-attention and predicts noise, and its
variance besides, which no sampler here makes use of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from diffusers import AutoencoderKL, PixArtTransformer2DModel
from torch import Tensor
from transformers import T5EncoderModel, T5TokenizerFast

from studio.core.model_info import ModelInfo
from studio.diffusion.levels import Level
from studio.models.family import Condition
from studio.models.latent import LatentFamily, bare
from studio.models.parts import Parts
from studio.models.scheduling import scheduling
from studio.models.source import Source
from studio.models.text import Encoded, padded


class PixArt(LatentFamily):
    BLOCKS = ("transformer.transformer_blocks", "text_encoder.encoder.block")

    def encode_prompt(self, prompt: str) -> Encoded:
        read = padded(prompt, self._tokenize, self.info.abilities.max_tokens, self.device)
        states = self.parts.use("text_encoder")(read.ids, attention_mask=read.mask)[0]
        return Encoded(read.weigh(states), read.mask)

    def _tokenize(self, text: str, **how: Any) -> Any:
        """It learnt from prompts in small letters. (One letter has no single small one.)"""
        small = "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)
        return self.tokenizers["tokenizer"](small, **how)

    def output(self, x: Tensor, level: Level, conditions: Sequence[Condition]) -> Tensor:
        told: list[Encoded] = [bare(condition) for condition in conditions]
        output: Tensor = self.parts.use("transformer")(
            x.to(self.parts.dtype).expand(len(told), -1, -1, -1),
            encoder_hidden_states=torch.cat([one.states for one in told]),
            encoder_attention_mask=torch.cat([one.mask for one in told]),
            timestep=torch.full((len(told),), level.timestep, device=self.device),
            added_cond_kwargs={"resolution": None, "aspect_ratio": None},
            return_dict=False,
        )[0]
        return output[:, : x.shape[1]]


def load(
    info: ModelInfo,
    source: Source,
    device: torch.device,
    dtype: torch.dtype,
    tell: Callable[[str], None],
) -> PixArt:
    """See `studio.models.loading.load`."""
    tell("text encoder")
    tokenizers = {"tokenizer": source.tokenizer("tokenizer", T5TokenizerFast)}
    networks = {"text_encoder": source.network("text_encoder", T5EncoderModel, dtype)}
    tell("network")
    networks["transformer"] = source.network("transformer", PixArtTransformer2DModel, dtype)
    tell("autoencoder")
    networks["vae"] = source.network("vae", AutoencoderKL, dtype)
    return PixArt(info, Parts(networks, device, dtype), tokenizers, scheduling(source))
