"""The FLUX.1 family: dev, schnell and Fill (Black Forest Labs 2024).

A flow model. Its transformer sees the latents in patches of 2×2 cells; CLIP gives it one vector
for all of the prompt, T5 one for each token. dev and Fill were distilled from guidance: its scale
is one of their inputs, and there is no prediction without the prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, FluxTransformer2DModel
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer, T5EncoderModel, T5TokenizerFast

from studio.core.model_info import ModelInfo
from studio.core.prompting.weights import parse
from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.models.family import Condition, Inpainting
from studio.models.latent import LatentFamily, bare
from studio.models.parts import Parts
from studio.models.prompts.chunks import chunks, row
from studio.models.scheduling import scheduling
from studio.models.source import Source
from studio.models.text import Words, padded

PATCH = 2


@dataclass(frozen=True)
class Told:
    """All that the network is told besides the noisy picture."""

    words: Words
    guidance: float


class Flux(LatentFamily):
    BLOCKS = (
        "transformer.transformer_blocks",
        "transformer.single_transformer_blocks",
        "text_encoder_2.encoder.block",
    )

    def condition(self, prompt: str, recipe: Recipe) -> Told:
        return Told(self.encoded(prompt), recipe.guidance_scale)

    def encode_prompt(self, prompt: str) -> Words:
        """CLIP's vector is that of the first chunk, whose words weigh alike."""
        device, clip = self.device, self.tokenizers["tokenizer"]
        chunk, *_ = chunks(parse(prompt), clip, clip.model_max_length)
        ids, _ = row(chunk, clip, clip.model_max_length)
        pooled = self.parts.use("text_encoder")(torch.tensor([ids], device=device)).pooler_output
        length = self.info.abilities.max_tokens
        read = padded(prompt, self.tokenizers["tokenizer_2"], length, device)
        # Its attention is not masked: the network learnt with the filling in sight.
        return Words(read.weigh(self.parts.use("text_encoder_2")(read.ids)[0]), pooled)

    def output(self, x: Tensor, level: Level, conditions: Sequence[Condition]) -> Tensor:
        told: list[Told] = [bare(condition) for condition in conditions]
        count, dtype, device = len(told), self.parts.dtype, self.device
        height, width = x.shape[2] // PATCH, x.shape[3] // PATCH
        states = torch.cat([one.words.states for one in told])
        guidance = torch.tensor([one.guidance for one in told], device=device)
        packed = self.parts.use("transformer")(
            hidden_states=self.seen(x, conditions[0]).to(dtype).expand(count, -1, -1),
            timestep=torch.full((count,), level.timestep / 1000, device=device),
            guidance=guidance if self.info.abilities.embedded_guidance else None,
            pooled_projections=torch.cat([one.words.pooled for one in told]),
            encoder_hidden_states=states,
            txt_ids=torch.zeros(states.shape[1], 3, device=device),
            img_ids=places(height, width).to(device),
            return_dict=False,
        )[0]
        return unpack(packed, height, width)

    def seen(self, x: Tensor, condition: Condition) -> Tensor:
        """The patches of x; for Fill also those of the rest of the picture and of the mask."""
        if not self.info.abilities.inpaint_channels:
            return pack(x)
        factor = self.autoencoder.factor
        if isinstance(condition, Inpainting):
            masked, covered = condition.masked, condition.covered
            if covered is None:
                covered = F.interpolate(condition.free, scale_factor=float(factor))
        else:
            # Without a region all of a grey picture is to be made.
            masked = self.autoencoder.grey(x)
            covered = x.new_ones(1, 1, x.shape[2] * factor, x.shape[3] * factor)
        mask = F.pixel_unshuffle(covered, factor)
        return torch.cat([pack(x), pack(masked), pack(mask)], dim=2)


def pack(x: Tensor) -> Tensor:
    """[B, C, h, w] as tokens [B, h/2·w/2, 4·C]."""
    return F.pixel_unshuffle(x, PATCH).flatten(2).transpose(1, 2)


def unpack(packed: Tensor, height: int, width: int) -> Tensor:
    """The inverse of `pack` for `height` × `width` tokens."""
    patches = packed.transpose(1, 2).reshape(packed.shape[0], -1, height, width)
    return F.pixel_shuffle(patches, PATCH)


def places(height: int, width: int) -> Tensor:
    """Where each token is, [h·w, 3]: 0, its row, its column."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.stack([torch.zeros_like(rows), rows, columns], dim=-1).flatten(0, 1).float()


def load(
    info: ModelInfo,
    source: Source,
    device: torch.device,
    dtype: torch.dtype,
    tell: Callable[[str], None],
) -> Flux:
    """See `studio.models.loading.load`."""
    tell("text encoders")
    tokenizers = {
        "tokenizer": source.tokenizer("tokenizer", CLIPTokenizer),
        "tokenizer_2": source.tokenizer("tokenizer_2", T5TokenizerFast),
    }
    networks = {
        "text_encoder": source.network("text_encoder", CLIPTextModel, dtype),
        "text_encoder_2": source.network("text_encoder_2", T5EncoderModel, dtype),
    }
    tell("network")
    networks["transformer"] = source.network("transformer", FluxTransformer2DModel, dtype)
    tell("autoencoder")
    networks["vae"] = source.network("vae", AutoencoderKL, dtype)
    return Flux(info, Parts(networks, device, dtype), tokenizers, scheduling(source))
