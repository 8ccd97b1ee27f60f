"""The Z-Image family, turbo included (Alibaba's Tongyi lab 2025).

A flow model with one stream of tokens: the picture's and those of the prompt, which a language
model, Qwen3, has read as a message to it. Its network tells time and velocity the other way
round: 0 is noise, and the output points to the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from diffusers import AutoencoderKL, ZImageTransformer2DModel
from torch import Tensor
from transformers import Qwen2TokenizerFast, Qwen3Model

from studio.core.model_info import ModelInfo
from studio.diffusion.levels import Level
from studio.models.family import Condition
from studio.models.latent import LatentFamily, bare
from studio.models.parts import Parts
from studio.models.prompts.reading import read_whole
from studio.models.scheduling import scheduling
from studio.models.source import Source

PLACE = "\ufffc"
"""What stands for the prompt in a message: no word of any."""
PLAIN = f"<|im_start|>user\n{PLACE}<|im_end|>\n<|im_start|>assistant\n"
"""What Qwen3's own template makes of one message, for a tokenizer that came without it."""


class ZImage(LatentFamily):
    BLOCKS = (
        "transformer.noise_refiner",
        "transformer.context_refiner",
        "transformer.layers",
        "text_encoder.layers",
    )

    def reach(self) -> int:
        return int(min(self.parts.config("transformer").axes_lens[1:]))

    def encode_prompt(self, prompt: str) -> Tensor:
        """[length, width], of the tokens there are: each only looks at those before it."""
        tokenizer = self.tokenizers["tokenizer"]
        message = PLAIN
        if tokenizer.chat_template:
            message = tokenizer.apply_chat_template(
                [{"role": "user", "content": PLACE}],
                tokenize=False,
                add_generation_prompt=True,
                enable_thinking=True,
            )
        before, after = message.split(PLACE)
        length = self.info.abilities.max_tokens
        read = read_whole(
            prompt, tokenizer, self.device, before, after, max_length=length, truncation=True
        )
        said = self.parts.use("text_encoder")(read.ids, output_hidden_states=True)
        return read.weigh(said.hidden_states[-2])[0]

    def output(self, x: Tensor, level: Level, conditions: Sequence[Condition]) -> Tensor:
        picture = x[0].to(self.parts.dtype).unsqueeze(1)  # [C, 1 frame, h, w]
        outputs = self.parts.use("transformer")(
            [picture] * len(conditions),
            torch.full((len(conditions),), (1000 - level.timestep) / 1000, device=self.device),
            [bare(condition) for condition in conditions],
            return_dict=False,
        )[0]
        return -torch.stack(list(outputs)).squeeze(2)


def load(
    info: ModelInfo,
    source: Source,
    device: torch.device,
    dtype: torch.dtype,
    tell: Callable[[str], None],
) -> ZImage:
    """See `studio.models.loading.load`."""
    tell("text encoder")
    tokenizers = {"tokenizer": source.tokenizer("tokenizer", Qwen2TokenizerFast)}
    networks = {"text_encoder": source.network("text_encoder", Qwen3Model, dtype)}
    tell("network")
    networks["transformer"] = source.network("transformer", ZImageTransformer2DModel, dtype)
    tell("autoencoder")
    networks["vae"] = source.network("vae", AutoencoderKL, dtype)
    return ZImage(info, Parts(networks, device, dtype), tokenizers, scheduling(source))
