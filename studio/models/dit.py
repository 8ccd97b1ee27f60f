"""DiT: a transformer on latents that draws classes (Peebles & Xie 2023).

The prompt is a class: one of its names, or its number. Without one the picture is of no class in
particular, which is what classifier-free guidance starts from; a negative prompt is a class too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, DiTTransformer2DModel
from torch import Tensor

from studio.core.model_info import ModelInfo
from studio.diffusion.levels import Level
from studio.models.classes import Classes
from studio.models.family import Condition
from studio.models.latent import LatentFamily
from studio.models.parts import Parts
from studio.models.scheduling import Scheduling, scheduling
from studio.models.source import INDEX, Source


class DiT(LatentFamily):
    """What is encoded of a prompt is the number of a class."""

    def __init__(
        self, info: ModelInfo, parts: Parts, scheduling: Scheduling, classes: Classes
    ) -> None:
        super().__init__(info, parts, {}, scheduling)
        self._classes = classes

    def encode_prompt(self, prompt: str) -> int:
        """Raises BadInput, naming classes that are near, if there is none of that name."""
        return self._classes.find(prompt)

    def output(self, x: Tensor, level: Level, conditions: Sequence[Condition]) -> Tensor:
        count, channels = len(conditions), x.shape[1]
        output: Tensor = self.parts.use("transformer")(
            x.to(self.parts.dtype).expand(count, -1, -1, -1),
            timestep=torch.full((count,), level.timestep, device=self.device),
            class_labels=torch.tensor(conditions, device=self.device),
        )
        # The second half of the channels is the variance that it learnt; no sampler here asks.
        return output[:, :channels]


def load(
    info: ModelInfo,
    source: Source,
    device: torch.device,
    dtype: torch.dtype,
    tell: Callable[[str], None],
) -> DiT:
    """See `studio.models.loading.load`."""
    tell("network")
    transformer = source.network("transformer", DiTTransformer2DModel, dtype)
    transformer.forward = partial(of_any_shape, transformer)
    tell("autoencoder")
    networks = {"transformer": transformer, "vae": source.network("vae", AutoencoderKL, dtype)}
    classes = Classes.of(
        source.config(INDEX).get("id2label") or {}, int(transformer.config.num_embeds_ada_norm)
    )
    return DiT(info, Parts(networks, device, dtype), scheduling(source), classes)


def of_any_shape(network: Any, x: Tensor, timestep: Tensor, class_labels: Tensor) -> Tensor:
    """`DiTTransformer2DModel.forward` for pictures that need not be square.

    WORKAROUND diffusers 0.42 takes the square root of the number of patches for both sides; all
    that comes before, the positions too, can do any shape.
    """
    tokens = network.pos_embed(x)
    for block in network.transformer_blocks:
        tokens = block(tokens, timestep=timestep, class_labels=class_labels)
    embed = network.transformer_blocks[0].norm1.emb
    told = embed(timestep, class_labels, hidden_dtype=tokens.dtype)
    shift, scale = network.proj_out_1(F.silu(told)).chunk(2, dim=1)
    tokens = network.norm_out(tokens) * (1 + scale[:, None]) + shift[:, None]
    side = network.patch_size
    patches = network.proj_out_2(tokens).unflatten(1, (x.shape[2] // side, x.shape[3] // side))
    cells: Tensor = patches.unflatten(-1, (side, side, -1)).permute(0, 5, 1, 3, 2, 4)
    return cells.flatten(4, 5).flatten(2, 3)
