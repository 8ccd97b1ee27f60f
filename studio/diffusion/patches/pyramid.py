"""A picture with a hole as a diffusion model: x̂0 from its own patches, from coarse to fine.

Noise of deviation sigma hides everything smaller than some size, so at that level the picture is
looked at as much smaller, where the noise is less by as much and a patch sees as much more.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.core.errors import BadInput
from studio.diffusion.levels import Level
from studio.diffusion.patches.posterior import posterior_weights
from studio.diffusion.patches.search import nearest, refined
from studio.diffusion.patches.seen import affordable, nearest_seen
from studio.diffusion.patches.stock import Stock
from studio.diffusion.patches.votes import laid, spread_at

STEP = math.sqrt(2)
"""Between one scale and the next."""
SMALL, LARGE = 9, 13
"""Sides of a patch: where the picture is small, a patch has to see more of it."""
TINY = 100
"""Shorter side in pixels below which a picture is small."""
COARSEST = 0.62
"""A hole's depth at the coarsest scale, in patches: nearly each then reaches what is known, and
there are still enough that lie beside the hole."""
TOP, BOTTOM, LAST = 0.8, 0.08, 0.02
"""Noise, in the pixels of a scale, where the coarsest begins, where each ends, and the finest."""
FIRST, EACH = 10, 4
"""In what proportion steps are given to the coarsest scale and to the others."""
MANY = 8
"""So many patches are averaged while noise is left to choose between them."""
LEAST = 64
"""Patches without which there is nothing to draw on."""
PLENTY = 3
"""Patches for each place to be filled, without which a scale is too coarse for this hole."""
TOO_LITTLE = BadInput(
    "There is too little of the picture left to fill from.",
    "Paint over less of it, or use a model.",
)

TOO_NARROW = BadInput(
    "There is too little to fill from where the fill may take its material.",
    "Mark more of the picture to take from, or less of it to leave alone.",
)


class PatchDenoiser:
    """x̂0 of noisy pixels, given the picture around the hole. Nothing changes between calls.

    `picture` [3, H, W] in −1…1, `hole` [H, W] bool, `usable` [H, W] bool: where patches may come
    from (everywhere outside the hole by default). Raises BadInput if that is too little.
    """

    def __init__(self, picture: Tensor, hole: Tensor, usable: Tensor | None = None) -> None:
        self.picture, self.hole = picture, hole
        refusal = TOO_LITTLE if usable is None else TOO_NARROW
        usable = torch.ones_like(hole) if usable is None else usable
        self.stocks: list[Stock] = []
        for factor in factors_of(*hole.shape):
            stock = _stock(picture, hole, usable, factor)
            if min(stock.height, stock.width) < stock.side or len(stock.names) < LEAST:
                break
            self.stocks.append(stock)
        if not self.stocks:
            raise refusal
        rich = [i for i, s in enumerate(self.stocks) if len(s.names) >= PLENTY * len(s.wanted)]
        if rich:
            del self.stocks[rich[-1] + 1 :]
        self.factors = [STEP**index for index in range(len(self.stocks))]

    def __call__(self, x: Tensor, level: Level) -> Tensor:
        """x̂0 [3, H, W] of x = alpha·x0 + sigma·noise [3, H, W]."""
        sigma = level.sigma / level.alpha
        index = self.scale(sigma)
        x = x / level.alpha
        names, distance = self.matches(x, sigma, index)
        stock, noise = self.stocks[index], sigma / self.factors[index]
        weights = posterior_weights(distance, noise)
        x0 = laid(stock, names, weights, distance[:, 0], spread_at(noise))
        return torch.where(self.hole, _scaled(x0, self.hole.shape), self.picture)

    def matches(self, x: Tensor, sigma: float, index: int) -> tuple[Tensor, Tensor]:
        """For each place of that scale's `wanted`: the best patches' names and distances."""
        noise = sigma / self.factors[index]
        many = MANY if noise > BOTTOM * STEP else 1
        if index == len(self.stocks) - 1 and affordable(self.stocks[index]):
            return nearest_seen(self._seen(x, index), self.stocks[index], noise, many)
        # Every patch is compared with every other at the coarsest scale alone, where they are
        # few: so the cost grows with the hole's area, not with its square.
        start = len(self.stocks) - 1
        names, distance = nearest(self._query(x, start), self.stocks[start], many)
        for finer in range(start - 1, index - 1, -1):
            found = refined(
                self._query(x, finer), self.stocks[finer], self.stocks[finer + 1], names[:, 0]
            )
            names, distance = found[0][:, None], found[1][:, None]
        return names, distance

    def scale(self, sigma: float) -> int:
        """The coarsest scale whose own range of noise has not ended yet."""
        fits = [i for i, factor in enumerate(self.factors) if factor * BOTTOM < sigma * (1 - 1e-6)]
        return max(fits, default=0)

    def _query(self, x: Tensor, index: int) -> Tensor:
        """Features of the patches to be found."""
        return self.stocks[index].of(self._seen(x, index))

    def _seen(self, x: Tensor, index: int) -> Tensor:
        """The picture at that scale; what is known has no noise on it."""
        stock = self.stocks[index]
        return torch.where(stock.hole, _scaled(x, stock.hole.shape), stock.picture)


def factors_of(height: int, width: int) -> list[float]:
    """How much smaller each scale is than the picture, finest first.

    By the picture's size alone, of which a hole is taken to be a third across: with the usual
    surroundings it is. So the levels are known before the mask is.
    """
    shorter = min(height, width)
    deep, factors = shorter / 6, [1.0]
    while deep / factors[-1] > COARSEST * _side(shorter / factors[-1]) and (
        shorter / factors[-1] >= 4 * SMALL
    ):
        factors.append(STEP ** len(factors))
    return factors


def levels_of(height: int, width: int, steps: int) -> tuple[Level, ...]:
    """`steps` noise levels from the coarsest scale to the finest, and the end, sigma = 0."""
    factors = factors_of(height, width)
    sigmas = []
    for number, share in enumerate(_shares(steps, len(factors))):
        index = len(factors) - 1 - number
        top = TOP if number == 0 else BOTTOM * STEP
        bottom = BOTTOM if index else LAST
        for turn in range(share):
            sigmas.append(factors[index] * top * (bottom / top) ** (turn / share))
    return (*(Level(1.0, sigma, sigma) for sigma in sigmas), Level(1.0, 0.0, 0.0))


def _side(shorter: float) -> int:
    return LARGE if shorter < TINY else SMALL


def _stock(picture: Tensor, hole: Tensor, usable: Tensor, factor: float) -> Stock:
    """The picture at one scale. A pixel that any of the hole falls on counts to the hole."""
    if factor == 1.0:
        return Stock(picture, hole, usable, _side(min(hole.shape)))
    size = tuple(max(1, round(length / factor)) for length in hole.shape)
    share = _scaled(hole[None].float(), size)
    known = _scaled(picture * ~hole, size) / (1 - share).clamp_min(1e-3)
    free = _scaled(usable[None].float(), size)[0] > 0.98
    mean = known.new_zeros(())
    known = torch.where(share > 0.98, mean, known).clamp(-1, 1)
    return Stock(known, share[0] > 0.02, free, _side(min(size)))


def _scaled(picture: Tensor, size: tuple[int, ...]) -> Tensor:
    """[C, H, W] at another size: an average where it shrinks, smooth where it grows."""
    if tuple(picture.shape[-2:]) == tuple(size):
        return picture
    grows = picture.shape[-1] < size[-1]
    mode = "bicubic" if grows else "bilinear"
    return F.interpolate(picture[None], tuple(size), mode=mode, antialias=not grows)[0]


def _shares(steps: int, scales: int) -> list[int]:
    """How many of the steps each scale gets, coarsest first; at least one each if they suffice."""
    weights = [FIRST, *[EACH] * (scales - 1)]
    ends = [round(steps * sum(weights[: n + 1]) / sum(weights)) for n in range(scales)]
    return [end - begin for begin, end in zip([0, *ends[:-1]], ends, strict=True)]
