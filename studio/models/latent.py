"""What the families that denoise an autoencoder's latents have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from studio.core.errors import BadInput
from studio.core.geometry import Size
from studio.core.model_info import ModelInfo
from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.diffusion.prediction import to_x0
from studio.diffusion.schedule import Schedule
from studio.models.autoencoder import Autoencoder
from studio.models.family import Condition, Inpainting
from studio.models.parts import Parts
from studio.models.preview import fit_preview
from studio.models.scheduling import Scheduling

PREVIEW_SIDE = 128


class LatentFamily(ABC):
    """A loaded model; see `studio.models.family.Family` for what each method does.

    A family says how a prompt is encoded and what its network outputs, and which lists of blocks
    it has, as "part.attribute".
    """

    BLOCKS: ClassVar[tuple[str, ...]] = ("transformer.transformer_blocks",)

    def __init__(
        self,
        info: ModelInfo,
        parts: Parts,
        tokenizers: Mapping[str, Any],
        scheduling: Scheduling,
    ) -> None:
        self.info = info
        self.parts = parts
        self.device = parts.device
        self.tokenizers = tokenizers
        self.autoencoder = Autoencoder(parts)
        self.latent_shape = self.autoencoder.latent_shape
        self.encode, self.decode = self.autoencoder.encode, self.autoencoder.decode
        self._scheduling = scheduling
        self.preview = fit_preview(self.encode, self.decode, PREVIEW_SIDE)

    @abstractmethod
    def encode_prompt(self, prompt: str) -> Any:
        """What the text encoders make of it."""

    @abstractmethod
    def output(self, x: Tensor, level: Level, conditions: Sequence[Condition]) -> Tensor:
        """The network's output [len(conditions), C, h, w] for x [1, C, h, w]."""

    def seen(self, x: Tensor, condition: Condition) -> Tensor:
        """What the network is shown: for one made for filling x, the mask and the rest of the
        picture. Without a region all of a grey picture is to be made."""
        if not self.info.abilities.inpaint_channels:
            return x
        if isinstance(condition, Inpainting):
            return torch.cat([x, condition.free, condition.masked], dim=1)
        return torch.cat([x, torch.ones_like(x[:, :1]), self.autoencoder.grey(x)], dim=1)

    def reach(self) -> int:
        """So many patches wide and high a picture can be, for a network that counts them; or 0."""
        return 0

    def schedule(self, recipe: Recipe, size: Size) -> Schedule:
        _, height, width = self.latent_shape(size)
        most = self.reach() * self._scheduling.patch * self.autoencoder.factor
        if most and max(size.width, size.height) > most:
            raise BadInput(
                f"{self.info.title} draws up to {most} pixels wide and high, and this is {size}.",
                "Choose a smaller size.",
            )
        return self._scheduling.schedule(recipe, height, width)

    def condition(self, prompt: str, recipe: Recipe) -> Condition:
        return self.encoded(prompt)

    @torch.inference_mode()
    def encoded(self, prompt: str) -> Any:
        """`encode_prompt`, once for each prompt and what the encoders wear."""
        return self.parts.remember(prompt, lambda: self.encode_prompt(prompt))

    @torch.inference_mode()
    def predict(
        self, x: Tensor, level: Level, conditions: Sequence[Condition]
    ) -> tuple[Tensor, ...]:
        output = self.output(x, level, conditions).float()
        kind = self._scheduling.config.prediction_type
        return tuple(to_x0(kind, output[i : i + 1], x, level) for i in range(len(conditions)))

    def networks(self) -> Sequence[nn.Module]:
        networks = self.parts.networks()
        blocks: list[nn.Module] = []
        for path in self.BLOCKS:
            part, *names = path.split(".")
            if part in networks:
                blocks += list(reduce(getattr, names, networks[part]))  # type: ignore[call-overload]
        return [*blocks, *self.autoencoder.blocks()]


def bare(condition: Condition) -> Any:
    """The condition without the region that it may come with."""
    return condition.condition if isinstance(condition, Inpainting) else condition
