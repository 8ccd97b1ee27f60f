"""The nearest patches to one that is known in part: what is seen counts for more than what is
guessed, as long as the guess is noisy."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.diffusion.patches.stock import Stock

TAU = 0.02
"""By how much a patch may differ from what is seen and still be the one: a deviation, in −1…1."""
WORK = 2.5e9
"""Multiplications that one question may take: all pixels are compared, so the scale is small."""
FEWEST = 2000
"""Patches to choose from, or all there are: with fewer in that time, it is not worth it."""
BLOCK = 256
"""Patches asked for at once."""


def affordable(stock: Stock) -> bool:
    """Whether `nearest_seen` is quick enough at this scale."""
    return _most(stock) >= min(len(stock.names), FEWEST)


def nearest_seen(seen: Tensor, stock: Stock, noise: float, count: int) -> tuple[Tensor, Tensor]:
    """The `count` best usable patches for each of the `wanted` of the picture `seen` [3, H, W].

    With noise of deviation `noise` on a guessed pixel and TAU on a known one, the likelihood of a
    patch p is exp(−Σ w (y − p)² / 2 noise²), where w = 1 in the hole and noise² / TAU² outside it,
    and a little more so that the two are equal when the noise has gone. Names [N, count] and these
    weighted squared distances [N, count], nearest first.
    """
    names = _pool(stock)
    asked = F.unfold(seen[None], stock.side)[0].T[stock.wanted]
    known = 1 - F.unfold(stock.hole[None, None].to(seen), stock.side)[0].T[stock.wanted]
    more = (noise / TAU) ** 2
    patches = stock.patches(names).flatten(2)
    squares, patches = patches.square().sum(1), patches.flatten(1)
    found, distances = [], []
    for y, k in zip(torch.split(asked, BLOCK), torch.split(known, BLOCK), strict=True):
        # Multiplied out. A pixel's three colours are known together: their squares are summed.
        weighted = (1 + more * k).repeat(1, len(seen)) * y
        distance = torch.addmm(squares.sum(1), k, squares.T, alpha=more)
        distance.addmm_(weighted, patches.T, alpha=-2).add_((weighted * y).sum(1, keepdim=True))
        nearest, which = distance.topk(min(count, len(names)), dim=1, largest=False)
        found.append(names[which])
        distances.append(nearest.clamp_min(0))
    return torch.cat(found), torch.cat(distances)


def _most(stock: Stock) -> int:
    return int(WORK / (len(stock.wanted) * 3 * stock.side**2))


def _pool(stock: Stock) -> Tensor:
    """The names to choose from: all, or a fixed draw of as many as there is time for."""
    names, most = stock.names, _most(stock)
    if len(names) <= most:
        return names
    order = torch.randperm(len(names), generator=torch.Generator().manual_seed(0))
    return names[order[:most].sort().values]
