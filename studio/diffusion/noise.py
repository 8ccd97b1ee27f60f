"""Noise that depends on nothing but the seed, the step and the draw.

No generator runs on from step to step. So a branch draws the noise that its parent drew, and
image 3 of a batch is the picture that its seed alone would give, on every device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import torch
from torch import Tensor

START = -1
"""The step that the initial noise belongs to."""


@dataclass(frozen=True)
class Noise:
    """Standard normal noise for a batch. `shape` is one image's (channels, height, width)."""

    seeds: Sequence[int]
    shape: tuple[int, ...]
    device: torch.device | str = "cpu"
    dtype: torch.dtype = torch.float32

    def __call__(self, step: int, draw: int = 0) -> Tensor:
        """Noise [batch, *shape] for one step; `draw` counts the draws within the step.

        Drawn on the CPU in float32, whatever the device and dtype, then moved.
        """
        images = [
            torch.randn(
                self.shape,
                generator=torch.Generator().manual_seed(key(seed, step, draw)),
                dtype=torch.float32,
            )
            for seed in self.seeds
        ]
        return torch.stack(images).to(device=self.device, dtype=self.dtype)

    def start(self) -> Tensor:
        """The noise that a picture begins as."""
        return self(START)


def key(seed: int, step: int, draw: int) -> int:
    """A generator's seed, 63 bits: a hash that is the same in every process and version."""
    words = f"{seed} {step} {draw}".encode()
    return int.from_bytes(blake2b(words, digest_size=8).digest(), "big") >> 1
