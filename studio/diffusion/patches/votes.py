"""Overlapping patches laid over each other: every one has a say in all the pixels it covers."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from studio.diffusion.patches.stock import Stock

FADE = 1.3
"""By how much the trust in a patch falls with every pixel that it lies further inside the hole."""
DOUBT = 1e-3
SHARP = 0.04
"""Noise below which patches hardly overlap any more, so that textures keep their grain."""
BROAD, NARROW = 1.5, 0.5
"""Deviations, in pixels, of the Gaussian around a patch's middle: above that noise and below."""
LEAST = 1e-12
"""Votes that are none."""
REACH = 4.5
"""Deviations of the Gaussian beyond which a pixel is not voted for."""


def laid(stock: Stock, names: Tensor, weights: Tensor, distance: Tensor, spread: float) -> Tensor:
    """x̂0 [3, H, W]: `stock.picture`, and in the hole the mean of the patches that cover a pixel.

    For each of the places `stock.wanted`: the patches' `names` [N, k], their posterior `weights`
    [N, k], and `distance` [N], how well they fit. A place counts by that, by how near the hole's
    edge it is (what is known reaches inwards from there, Criminisi et al. 2004), and for a pixel
    by a Gaussian of deviation `spread` pixels around its middle: the narrower, the sharper and
    the less smooth.
    """
    votes = _counted(stock, names, weights, distance, spread, _reach(stock, spread))
    total = votes[:, 3].view(stock.hole.shape)
    if (stock.hole & (total <= LEAST)).any():
        # No patch has its middle near the picture's border: there the whole of each counts.
        whole = _counted(stock, names, weights, distance, BROAD, (stock.side - 1) // 2)
        votes = torch.where(votes[:, 3:] > LEAST, votes, whole)
        total = votes[:, 3].view(stock.hole.shape)
    mean = (votes[:, :3] / votes[:, 3:].clamp_min(LEAST)).T.view_as(stock.picture)
    return torch.where(stock.hole & (total > LEAST), mean, stock.picture)


def _counted(
    stock: Stock, names: Tensor, weights: Tensor, distance: Tensor, spread: float, reach: int
) -> Tensor:
    """Colours times votes and votes, [H · W, 4]."""
    trust = _trust(stock, distance)
    middle = (stock.side - 1) // 2
    first, corner = stock.first(names), _corners(stock)
    votes = torch.zeros(stock.height * stock.width, 4)
    one = torch.ones_like(trust)[:, None]
    for down in range(-reach, reach + 1):
        for across in range(-reach, reach + 1):
            row, column = middle + down, middle + across
            colours = stock.colours[first + (row * stock.size + column)]
            mean = (weights[..., None] * colours).sum(1)
            share = trust * math.exp(-(down**2 + across**2) / (2 * spread**2))
            # Places differ, so that no two votes of one turn are for the same pixel.
            pixels = corner + (row * stock.width + column)
            votes[pixels] += torch.cat([mean, one], 1) * share[:, None]
    return votes


def spread_at(noise: float) -> float:
    """The Gaussian's deviation at this noise, in the scale's own pixels."""
    return NARROW if noise < SHARP else BROAD


def shares(stock: Stock, distance: Tensor, spread: float, row: int, column: int) -> Tensor:
    """How much each of the wanted places [N] counts in one pixel, as in `laid`; 0 if not at all."""
    middle = (stock.side - 1) // 2
    down = row - stock.wanted // stock.columns - middle
    across = column - stock.wanted % stock.columns - middle
    away = torch.maximum(down.abs(), across.abs())
    near = away <= _reach(stock, spread)
    if not near.any():  # as in `laid`
        near, spread = away <= middle, BROAD
    bell = torch.exp(-(down.square() + across.square()) / (2 * spread**2))
    return torch.where(near, _trust(stock, distance) * bell, torch.zeros(()))


def _trust(stock: Stock, distance: Tensor) -> Tensor:
    trust = _fit(distance) * _nearness(stock)
    return (trust / trust.max()).clamp_min(1e-6)


def _reach(stock: Stock, spread: float) -> int:
    return min((stock.side - 1) // 2, math.ceil(REACH * spread))


def _fit(distance: Tensor) -> Tensor:
    usual = distance.quantile(0.75) if len(distance) < 2**23 else distance.median()
    return torch.exp(-distance / (2 * usual.clamp_min(1e-6))) + DOUBT


def _nearness(stock: Stock) -> Tensor:
    middle = (stock.side - 1) // 2
    rows, columns = stock.height - stock.side + 1, stock.columns
    deep = stock.depth[middle : middle + rows, middle : middle + columns]
    return FADE ** -deep.flatten()[stock.wanted]


def _corners(stock: Stock) -> Tensor:
    """The pixels, row by row, of the wanted patches' upper left corners."""
    return stock.wanted // stock.columns * stock.width + stock.wanted % stock.columns
