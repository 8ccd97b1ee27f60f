"""Overlapping patches laid over each other: every one has a say in all the pixels it covers."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.diffusion.patches.stock import Stock

FADE = 1.3
"""By how much the trust in a patch falls with every pixel that it lies further inside the hole."""
DOUBT = 1e-3


def laid(stock: Stock, patches: Tensor, distance: Tensor, spread: float) -> Tensor:
    """x̂0 [3, H, W]: `stock.picture`, and in the hole the mean of the patches that cover a pixel.

    `patches` [N, 3, s, s] are for the places `stock.wanted`, `distance` [N] says how well each
    fits. A patch counts by how well it fits, by how near the hole's edge it is (what is known
    reaches inwards from there, Criminisi et al. 2004), and for a pixel by a Gaussian of deviation
    `spread` pixels around its middle: the narrower, the sharper and the less smooth.
    """
    trust = _fit(distance) * _nearness(stock)
    weights = (trust / trust.max()).clamp_min(1e-6)[:, None, None] * _bell(stock.side, spread)
    total = _folded(stock, weights[:, None])
    mean = _folded(stock, patches * weights[:, None]) / total.clamp_min(1e-12)
    return torch.where(stock.hole & (total[0] > 1e-12), mean, stock.picture)


def depth(hole: Tensor) -> Tensor:
    """How many pixels each pixel [H, W] lies inside the hole, as a king walks; 0 outside."""
    inside, steps = hole[None, None].float(), torch.zeros(hole.shape)
    while inside.any():
        steps += inside[0, 0]
        # Beyond the picture's border nothing is known: a hole at the border is not left there.
        inside = 1 - F.max_pool2d(1 - inside, 3, 1, 1)
    return steps


def _fit(distance: Tensor) -> Tensor:
    usual = distance.quantile(0.75) if len(distance) < 2**23 else distance.median()
    return torch.exp(-distance / (2 * usual.clamp_min(1e-6))) + DOUBT


def _nearness(stock: Stock) -> Tensor:
    middle = (stock.side - 1) // 2
    rows, columns = stock.height - stock.side + 1, stock.columns
    deep = depth(stock.hole)[middle : middle + rows, middle : middle + columns]
    return FADE ** -deep.flatten()[stock.wanted]


def _bell(side: int, spread: float) -> Tensor:
    place = torch.arange(side) - (side - 1) / 2
    return torch.exp(-(place[:, None] ** 2 + place**2) / (2 * spread**2))


def _folded(stock: Stock, patches: Tensor) -> Tensor:
    """The sum [C, H, W] of patches [N, C, s, s], each at its place."""
    channels, size = patches.shape[1], (stock.height, stock.width)
    places = (size[0] - stock.side + 1) * stock.columns
    columns = torch.zeros((channels * stock.side**2, places))
    columns[:, stock.wanted] = patches.flatten(1).T
    return F.fold(columns[None], size, stock.side)[0]
