"""How much memory a model takes for what it computes, found without computing it.

A twin of the model has tensors with shapes and no bytes (torch's fake tensors), and the very
same code runs through them: within a second, and for any model and size.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from transformers import PreTrainedTokenizerBase

from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.models.adapters.embeddings import Vocabulary
from studio.models.counting import Counting
from studio.models.family import Family
from studio.models.parts import Parts


class Housed(Protocol):
    """What a family whose networks can be moved has."""

    parts: Parts


class Dry:
    """The twin of a loaded model. Raises what the model's code raises that fake tensors break."""

    def __init__(self, family: Family, parts: Parts) -> None:
        parts.leave()  # Networks at home have no hooks that would move them.
        self._mode = FakeTensorMode(allow_non_fake_inputs=True)
        self._device = parts.device
        memo: dict[int, Any] = {id(value): value for value in _tokenizers(vars(family).values())}
        with self._mode:
            for network in parts.networks().values():
                for tensor in chain(network.parameters(), network.buffers()):
                    memo[id(tensor)] = _fake(tensor, parts.device)
        # Outside of the mode: what else the model has are small tensors, that are copied.
        networks = copy.deepcopy(dict(parts.networks()), memo)
        memo[id(parts)] = parts.twin(networks)
        self._family: Family = copy.deepcopy(family, memo)

    def condition(self, recipe: Recipe) -> int:
        """Bytes at the most while a prompt is encoded."""
        return self._peak(lambda: self._family.condition(recipe.prompt, recipe))

    def step(self, recipe: Recipe, shape: tuple[int, ...], count: int) -> int:
        """Bytes at the most while x [1, C, h, w] is denoised under `count` conditions."""
        with self._mode:
            told = [self._family.condition(recipe.prompt, recipe)] * count
            x = torch.empty(shape, device=self._device)
        return self._peak(lambda: self._family.predict(x, Level(0.5, 0.5, 500.0), told))

    def decode(self, shape: tuple[int, ...]) -> int:
        """Bytes at the most while latents [1, C, h, w] are decoded."""
        with self._mode:
            latents = torch.empty(shape, device=self._device)
        return self._peak(lambda: self._family.decode(latents))

    def _peak(self, work: Callable[[], Any]) -> int:
        with self._mode, Counting() as counting:
            work()
        return int(counting.peak)


def _fake(tensor: Tensor, device: torch.device) -> Tensor:
    made = torch.empty_strided(
        tensor.shape, tensor.stride(), dtype=tensor.dtype, device=device, requires_grad=False
    )
    return nn.Parameter(made, requires_grad=False) if isinstance(tensor, nn.Parameter) else made


def _tokenizers(values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, PreTrainedTokenizerBase | Vocabulary):
            yield value
        elif isinstance(value, dict):
            yield from _tokenizers(value.values())
        elif isinstance(value, list | tuple):
            yield from _tokenizers(value)
