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
from torch import Tensor, nn

from studio.core.geometry import Size
from studio.core.model_info import ModelInfo
from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.diffusion.prediction import to_x0
from studio.diffusion.schedule import Schedule, ScheduleConfig, make_schedule
from studio.models.autoencoder import Autoencoder
from studio.models.classes import Classes
from studio.models.family import Condition
from studio.models.parts import Parts
from studio.models.preview import fit_preview
from studio.models.source import INDEX, Source

PREVIEW_SIDE = 128


class DiT:
    """A loaded DiT; see `studio.models.family.Family`. A condition is the number of a class."""

    def __init__(
        self, info: ModelInfo, parts: Parts, classes: Classes, schedule_config: ScheduleConfig
    ) -> None:
        self.info = info
        self.parts = parts
        self.device = parts.device
        self._classes = classes
        self._schedule_config = schedule_config
        self._autoencoder = Autoencoder(parts)
        self.latent_shape = self._autoencoder.latent_shape
        self.encode, self.decode = self._autoencoder.encode, self._autoencoder.decode
        self.preview = fit_preview(self.encode, self.decode, PREVIEW_SIDE)

    def schedule(self, recipe: Recipe, size: Size) -> Schedule:
        return make_schedule(
            self._schedule_config, recipe.sampler, recipe.steps, recipe.spacing, recipe.sigmas
        )

    def condition(self, prompt: str, recipe: Recipe) -> int:
        """Raises BadInput, naming classes that are near, if there is none of that name."""
        return self._classes.find(prompt)

    @torch.inference_mode()
    def predict(
        self, x: Tensor, level: Level, conditions: Sequence[Condition]
    ) -> tuple[Tensor, ...]:
        count, channels = len(conditions), x.shape[1]
        output = self.parts.use("transformer")(
            x.to(self.parts.dtype).expand(count, -1, -1, -1),
            timestep=torch.full((count,), level.timestep, device=self.device),
            class_labels=torch.tensor(conditions, device=self.device),
        ).float()
        # The second half of the channels is the variance that it learnt; no sampler here asks.
        said = output[:, :channels]
        kind = self._schedule_config.prediction_type
        return tuple(to_x0(kind, said[i : i + 1], x, level) for i in range(count))

    def networks(self) -> Sequence[nn.Module]:
        transformer: Any = self.parts.networks()["transformer"]
        return [*transformer.transformer_blocks, *self._autoencoder.blocks()]


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
    config = ScheduleConfig.from_diffusers(source.config("scheduler"))
    return DiT(info, Parts(networks, device, dtype), classes, config)


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
