"""Small pictures from latents without the decoder: one matrix, fitted to the decoder itself.

Each latent cell is mapped linearly to a patch of k×k RGB pixels. The well-known "latent RGB
factors" are the case k = 1; with more latent channels a larger patch still costs nothing and
shows much more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class LinearPreview:
    """`weight` [channels + 1, 3·k·k]: from one latent cell (and a constant) to its patch."""

    weight: Tensor
    k: int

    def __call__(self, latents: Tensor) -> Tensor:
        """RGB [B, 3, h·k, w·k], about −1…1, from latents [B, C, h, w]."""
        batch, _, height, width = latents.shape
        cells = _with_constant(latents.to(self.weight.dtype))
        patches = (cells @ self.weight).reshape(batch, height * width, -1).transpose(1, 2)
        return F.pixel_shuffle(patches.reshape(batch, -1, height, width), self.k)


def fit_preview(
    encode: Callable[[Tensor], Tensor], decode: Callable[[Tensor], Tensor], size: int
) -> LinearPreview:
    """Least squares from the latents of a few test pictures to what the decoder makes of them.

    `size` is the side of the test pictures in pixels, a multiple of what the model needs.
    """
    latents = torch.cat([encode(picture[None]) for picture in _test_pictures(size)])
    pixels = torch.cat([decode(latent[None]) for latent in latents])
    factor = pixels.shape[-1] // latents.shape[-1]
    wanted = 4 if latents.shape[1] >= 8 else 2
    k = max(d for d in range(1, wanted + 1) if factor % d == 0)
    small = F.pixel_unshuffle(F.avg_pool2d(pixels, factor // k), k)
    # CHW order of pixel_unshuffle is what pixel_shuffle undoes, so columns need no reordering.
    target = small.permute(0, 2, 3, 1).reshape(-1, small.shape[1])
    cells = _with_constant(latents.float())
    ridge = 1e-4 * len(cells) * torch.eye(cells.shape[1], device=cells.device)
    # The constant is not shrunk: a mean colour is not a matter of size.
    ridge[-1, -1] = 0.0
    weight = torch.linalg.solve(cells.T @ cells + ridge, cells.T @ target.float())
    return LinearPreview(weight, k)


def _with_constant(latents: Tensor) -> Tensor:
    cells = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1])
    return torch.cat([cells, torch.ones_like(cells[:, :1])], dim=1)


def _test_pictures(size: int, count: int = 12) -> Tensor:
    """Smooth colour fields with edges, [count, 3, size, size] in −1…1: many colours and slopes."""
    generator = torch.Generator().manual_seed(0)
    pictures = []
    for index in range(count):
        cells = 2 + index % 6
        field = torch.rand(1, 3, cells, cells, generator=generator) * 2.4 - 1.2
        mode = "bicubic" if index % 3 else "nearest"
        pictures.append(F.interpolate(field, size=(size, size), mode=mode)[0].clamp(-1, 1))
    return torch.stack(pictures)
