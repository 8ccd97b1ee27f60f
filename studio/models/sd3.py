"""The Stable Diffusion 3 family, 3.5 included (Esser et al., Scaling Rectified Flow Transformers
for High-Resolution Image Synthesis, 2024).

A flow model. Two CLIP text encoders and T5 give one sequence of tokens; T5 may be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, SD3Transformer2DModel
from torch import Tensor
from transformers import (
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5EncoderModel,
    T5TokenizerFast,
)

from studio.core.model_info import ModelInfo
from studio.diffusion.levels import Level
from studio.models.family import Condition
from studio.models.latent import LatentFamily, bare
from studio.models.parts import Parts
from studio.models.prompts.clip import encode_clip, together
from studio.models.scheduling import scheduling
from studio.models.source import Source
from studio.models.text import Words, padded

T5_TOKENS = 256


class StableDiffusion3(LatentFamily):
    BLOCKS = ("transformer.transformer_blocks", "text_encoder_3.encoder.block")

    def reach(self) -> int:
        return int(self.parts.config("transformer").pos_embed_max_size)

    def encode_prompt(self, prompt: str) -> Words:
        first, second = self._clip(prompt, ""), self._clip(prompt, "_2")
        states, long = together(first.states, second.states), self._t5(prompt)
        states = F.pad(states, (0, long.shape[-1] - states.shape[-1]))
        return Words(
            torch.cat([states, long], dim=-2), torch.cat([first.pooled, second.pooled], dim=-1)
        )

    def _clip(self, prompt: str, number: str) -> Words:
        tokenizer = self.tokenizers["tokenizer" + number]

        def run(ids: Tensor) -> tuple[Tensor, Tensor]:
            said = self.parts.use("text_encoder" + number)(ids, output_hidden_states=True)
            return said.hidden_states[-2], said.text_embeds

        length = tokenizer.model_max_length
        states, pooled = encode_clip(prompt, tokenizer, run, self.device, length)
        assert pooled is not None
        return Words(states, pooled)

    def _t5(self, prompt: str) -> Tensor:
        """[1, 256, width]; all 0 without that encoder."""
        if "tokenizer_3" not in self.tokenizers:
            width = self.parts.config("transformer").joint_attention_dim
            return torch.zeros(1, T5_TOKENS, width, device=self.device, dtype=self.parts.dtype)
        read = padded(prompt, self.tokenizers["tokenizer_3"], T5_TOKENS, self.device)
        return read.weigh(self.parts.use("text_encoder_3")(read.ids)[0])

    def output(self, x: Tensor, level: Level, conditions: Sequence[Condition]) -> Tensor:
        told: list[Words] = [bare(condition) for condition in conditions]
        if len({one.states.shape for one in told}) > 1:
            # Prompts of different numbers of chunks, to which the network itself gives no places.
            return torch.cat([self.output(x, level, [condition]) for condition in conditions])
        seen = self.seen(x, conditions[0]).to(self.parts.dtype)
        output: Tensor = self.parts.use("transformer")(
            hidden_states=seen.expand(len(told), -1, -1, -1),
            timestep=torch.full((len(told),), level.timestep, device=self.device),
            encoder_hidden_states=torch.cat([one.states for one in told]),
            pooled_projections=torch.cat([one.pooled for one in told]),
            return_dict=False,
        )[0]
        return output


def load(
    info: ModelInfo,
    source: Source,
    device: torch.device,
    dtype: torch.dtype,
    tell: Callable[[str], None],
) -> StableDiffusion3:
    """See `studio.models.loading.load`."""
    tell("text encoders")
    tokenizers, networks = {}, {}
    for number in ("", "_2"):
        tokenizers["tokenizer" + number] = source.tokenizer("tokenizer" + number, CLIPTokenizer)
        networks["text_encoder" + number] = source.network(
            "text_encoder" + number, CLIPTextModelWithProjection, dtype
        )
    if "text_encoder_3" in source.parts:
        tokenizers["tokenizer_3"] = source.tokenizer("tokenizer_3", T5TokenizerFast)
        networks["text_encoder_3"] = source.network("text_encoder_3", T5EncoderModel, dtype)
    tell("network")
    networks["transformer"] = source.network("transformer", SD3Transformer2DModel, dtype)
    tell("autoencoder")
    networks["vae"] = source.network("vae", AutoencoderKL, dtype)
    return StableDiffusion3(info, Parts(networks, device, dtype), tokenizers, scheduling(source))
