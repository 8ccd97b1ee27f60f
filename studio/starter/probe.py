"""A small network that reads a scene's attributes back from its picture."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.starter.autoencoder import to_tensor
from studio.starter.cache import Cache
from studio.starter.config import Config
from studio.starter.lessons import Optimized, autocast, draws
from studio.starter.scene import ATTRIBUTES, labels
from studio.starter.text import naming_head, naming_loss

_WIDTH = 128
SIDE = 128
"""Of the pictures it looks at; a boat is a few pixels at half of that."""


class Probe(nn.Module):
    """Scores for every value of every attribute from pictures (n, 3, h, w) in [-1, 1].

    It looks at all pictures at the same size, so that those of other sizes compare.
    """

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 24, 48, 96, _WIDTH)
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            layers += [nn.Conv2d(before, after, 3, 2, 1), nn.GroupNorm(8, after), nn.SiLU()]
            layers += [nn.Conv2d(after, after, 3, 1, 1), nn.GroupNorm(8, after), nn.SiLU()]
        self.body = nn.Sequential(*layers)
        self.head = naming_head(2 * _WIDTH)

    def features(self, x: Tensor) -> Tensor:
        """What it saw (n, 256), before it names it."""
        x = self.body(F.interpolate(x, size=(SIDE, SIDE), mode="area"))
        return torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.head(self.features(x))
        return scores


class ProbeLesson(Optimized):
    """Name the attributes of rendered pictures, of each of `caches` as many.

    What was kept from the model is not kept from the probe: it has to read the held-out
    combinations as surely as the others.
    """

    name = "probe"

    def __init__(
        self, config: Config, probe: Probe, caches: Sequence[Cache], steps: int, batch: int
    ) -> None:
        super().__init__({"probe": probe}, 2e-3, 50)
        self.steps, self.batch = steps, batch
        self._config, self._probe, self._caches = config, probe, caches

    def step(self, index: int, progress: float) -> float:
        rng, _ = draws(self._config, 4, index)
        parts, answers = [], []
        for cache in self._caches:
            chosen = np.sort(rng.integers(len(cache.scenes), size=self.batch // len(self._caches)))
            parts.append(to_tensor(cache.pictures[chosen]))
            answers += [labels(cache.scenes[i]) for i in chosen]
        x = torch.cat(parts)
        x = x + 0.02 * torch.from_numpy(rng.standard_normal((len(x), 3, 1, 1)).astype(np.float32))
        with autocast(self._config):
            loss = naming_loss(self._probe(x), torch.tensor(answers))
        self.update(loss, index, progress)
        return loss.item()


@torch.no_grad()
def read(probe: Probe, pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """The most likely value of each attribute, (n, attributes)."""
    blocks = np.array_split(pictures, 1 + len(pictures) // 64)
    scores: Any = torch.cat([probe(to_tensor(block)) for block in blocks])
    sizes = [len(values) for values in ATTRIBUTES.values()]
    return np.stack([part.argmax(dim=1).numpy() for part in scores.split(sizes, dim=1)], axis=1)


@torch.no_grad()
def features(probe: Probe, pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """What the probe sees in each picture, (n, 256)."""
    blocks = np.array_split(pictures, 1 + len(pictures) // 64)
    found: npt.NDArray[np.float32] = torch.cat(
        [probe.features(to_tensor(block)) for block in blocks]
    ).numpy()
    return found
