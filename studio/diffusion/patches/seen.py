"""The nearest patches to one that is known in part: what is seen counts for more than what is
guessed, as long as the guess is noisy."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.diffusion.patches.posterior import squared_distances
from studio.diffusion.patches.stock import Stock

TAU = 0.02
"""By how much a patch may differ from what is seen and still be the one: a deviation, in −1…1."""
WORK = 8e9
"""Multiplications that one question may take: all pixels are compared, so the scale is small."""
BLOCK = 256
"""Patches asked for at once."""


def affordable(stock: Stock) -> bool:
    """Whether `nearest_seen` is quick enough at this scale."""
    return len(stock.wanted) * len(stock.names) * 3 * stock.side**2 <= WORK


def nearest_seen(seen: Tensor, stock: Stock, noise: float, count: int) -> tuple[Tensor, Tensor]:
    """The `count` best usable patches for each of the `wanted` of the picture `seen` [3, H, W].

    With noise of deviation `noise` on a guessed pixel and TAU on a known one, the likelihood of a
    patch p is exp(−Σ w (y − p)² / 2 noise²), where w = 1 in the hole and noise² / TAU² outside it,
    and a little more so that the two are equal when the noise has gone. Names [N, count] and these
    weighted squared distances [N, count], nearest first.
    """
    asked = F.unfold(seen[None], stock.side)[0].T[stock.wanted]
    guessed = F.unfold(stock.hole[None, None].to(seen), stock.side)[0].T[stock.wanted]
    weights = (1 + (1 - guessed) * (noise / TAU) ** 2).repeat(1, len(seen))
    patches = stock.patches(stock.names).flatten(1)
    names, distances = [], []
    for y, w in zip(torch.split(asked, BLOCK), torch.split(weights, BLOCK), strict=True):
        distance = squared_distances(y, patches, w)
        found, which = distance.topk(min(count, len(patches)), dim=1, largest=False)
        names.append(stock.names[which])
        distances.append(found)
    return torch.cat(names), torch.cat(distances)
