"""A small network that reads a scene's attributes back from its picture."""

from __future__ import annotations

import itertools
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


class Probe(nn.Module):
    """Scores for every value of every attribute from pictures (n, 3, h, w) in [-1, 1]."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 24, 48, 96, _WIDTH)
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            layers += [nn.Conv2d(before, after, 3, 2, 1), nn.GroupNorm(8, after), nn.SiLU()]
            layers += [nn.Conv2d(after, after, 3, 1, 1), nn.GroupNorm(8, after), nn.SiLU()]
        self.body = nn.Sequential(*layers)
        self.head = naming_head(2 * _WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        x = F.interpolate(x, size=(64, 64), mode="area")
        x = self.body(x)
        scores: Tensor = self.head(torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1))
        return scores


class ProbeLesson(Optimized):
    """Name the attributes of rendered pictures."""

    name = "probe"

    def __init__(self, config: Config, probe: Probe, cache: Cache, steps: int, batch: int) -> None:
        super().__init__({"probe": probe}, 2e-3, 50)
        self.steps, self.batch = steps, batch
        self._config, self._probe, self._cache = config, probe, cache

    def step(self, index: int, progress: float) -> float:
        rng, _ = draws(self._config, 4, index)
        chosen = np.sort(rng.integers(len(self._cache.scenes), size=self.batch))
        x = to_tensor(self._cache.pictures[chosen])
        x = x + 0.02 * torch.from_numpy(rng.standard_normal((len(x), 3, 1, 1)).astype(np.float32))
        answers = torch.tensor([labels(self._cache.scenes[i]) for i in chosen])
        with autocast(self._config):
            loss = naming_loss(self._probe(x), answers)
        self.update(loss, index, progress)
        return loss.item()


@torch.no_grad()
def read(probe: Probe, pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """The most likely value of each attribute, (n, attributes)."""
    blocks = np.array_split(pictures, 1 + len(pictures) // 64)
    scores: Any = torch.cat([probe(to_tensor(block)) for block in blocks])
    sizes = [len(values) for values in ATTRIBUTES.values()]
    return np.stack([part.argmax(dim=1).numpy() for part in scores.split(sizes, dim=1)], axis=1)
