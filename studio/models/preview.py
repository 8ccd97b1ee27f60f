"""Small pictures from latents without the decoder: one linear map, fitted to the decoder itself.

Each latent cell, seen with its eight neighbours, becomes a patch of k×k RGB pixels. The
well-known "latent RGB factors" are the case without neighbours and k = 1; the larger map costs
next to nothing more, shows more, and has no seams between cells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class LinearPreview:
    """`weight` [9·channels + 1, 3·k·k]: from a cell's surroundings and a constant to its patch."""

    weight: Tensor
    k: int

    @classmethod
    def plain(cls, channels: int) -> LinearPreview:
        """For latents whose first three channels are RGB already, or whose only one is grey."""
        weight = torch.zeros(9 * channels + 1, 3)
        for colour in range(3):
            weight[9 * min(colour, channels - 1) + 4, colour] = 1.0
        return cls(weight, 1)

    def on(self, device: torch.device | str) -> LinearPreview:
        """The same map on another device. A few kilobytes: it can be kept without its model."""
        return LinearPreview(self.weight.to(device), self.k)

    def __call__(self, latents: Tensor) -> Tensor:
        """RGB [B, 3, h·k, w·k], about −1…1, from latents [B, C, h, w]."""
        batch, _, height, width = latents.shape
        patches = _surroundings(latents.to(self.weight.dtype)) @ self.weight
        patches = patches.reshape(batch, height, width, -1).permute(0, 3, 1, 2)
        return F.pixel_shuffle(patches, self.k)


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
    target = small.permute(0, 2, 3, 1).reshape(-1, small.shape[1]).float()
    cells = _surroundings(latents.float())
    ridge = 1e-4 * len(cells) * torch.eye(cells.shape[1], device=cells.device)
    # The constant is not shrunk: a mean colour is not a matter of size.
    ridge[-1, -1] = 0.0
    weight = torch.linalg.solve(cells.T @ cells + ridge, cells.T @ target)
    return LinearPreview(weight, k)


def _surroundings(latents: Tensor) -> Tensor:
    """[B·h·w, 9·C + 1]: each cell with its neighbours, its own values at the border, and a 1."""
    padded = F.pad(latents, (1, 1, 1, 1), mode="replicate")
    cells = F.unfold(padded, 3).transpose(1, 2).flatten(0, 1)
    return torch.cat([cells, torch.ones_like(cells[:, :1])], dim=1)


def _test_pictures(size: int, count: int = 16) -> Tensor:
    """Smooth colour fields with edges, [count, 3, size, size] in −1…1: many colours and slopes."""
    generator = torch.Generator().manual_seed(0)
    pictures = []
    for index in range(count):
        cells = 2 + index % 9
        field = torch.rand(1, 3, cells, cells, generator=generator) * 2.4 - 1.2
        if index % 4 > 1:  # most of what is seen in pictures differs in brightness, not in hue
            field = torch.lerp(field.mean(dim=1, keepdim=True), field, 0.25)
        mode = "bicubic" if index % 2 else "nearest"
        pictures.append(F.interpolate(field, size=(size, size), mode=mode)[0].clamp(-1, 1))
    return torch.stack(pictures)
