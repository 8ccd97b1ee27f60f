"""Where a pixel of x̂0 comes from: the places of the picture, and how much of it each is."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from studio.diffusion.levels import Level
from studio.diffusion.patches.posterior import posterior_weights
from studio.diffusion.patches.pyramid import PatchDenoiser
from studio.diffusion.patches.stock import SYMMETRIES, Stock
from studio.diffusion.patches.votes import shares, spread_at


@dataclass(frozen=True)
class Origin:
    """`row` and `column` of the upper left corner and `side` of a patch around one pixel that has
    the given `weight` in another, all in pixels of the picture at its finest scale; `turns` by a
    quarter and whether it was `mirrored` before. `colour`: of the pixel in the patch's middle.
    """

    row: float
    column: float
    side: float
    weight: float
    turns: int
    mirrored: bool
    colour: tuple[float, float, float]


def origins(
    denoiser: PatchDenoiser, x: Tensor, level: Level, row: int, column: int
) -> list[Origin]:
    """What x̂0 at this pixel is the mean of, heaviest first; the weights add up to 1.

    At the finest scale the mean of the colours is x̂0 itself; at a coarser one x̂0 is that
    scale's pixel, smoothly enlarged. Empty outside the hole.
    """
    if not denoiser.hole[row, column]:
        return []
    sigma = level.sigma / level.alpha
    index = denoiser.scale(sigma)
    stock = denoiser.stocks[index]
    noise = sigma / denoiser.factors[index]
    down, across = denoiser.hole.shape[0] / stock.height, denoiser.hole.shape[1] / stock.width
    at = min(int((row + 0.5) / down), stock.height - 1)
    along = min(int((column + 0.5) / across), stock.width - 1)
    names, distance = denoiser.matches(x / level.alpha, sigma, index)
    weights = posterior_weights(distance, noise)
    votes = shares(stock, distance[:, 0], spread_at(noise), at, along)
    taken = votes.nonzero()[:, 0]
    weights = weights[taken] * (votes[taken] / votes.sum())[:, None]
    inner_row = at - stock.wanted[taken] // stock.columns
    inner_column = along - stock.wanted[taken] % stock.columns
    found: dict[tuple[int, int, int], float] = {}
    for which, share, i, j in zip(
        names[taken].tolist(),
        weights.tolist(),
        inner_row.tolist(),
        inner_column.tolist(),
        strict=True,
    ):
        for name, weight in zip(which, share, strict=True):
            copy, place = divmod(name, stock.rows**2)
            pixel = copy, place // stock.rows + i, place % stock.rows + j
            # Neighbouring patches that go together agree on the pixel: they count as one.
            found[pixel] = found.get(pixel, 0.0) + weight
    heavy = sorted(found.items(), key=lambda item: -item[1])
    return [_origin(stock, pixel, weight, down, across) for pixel, weight in heavy if weight > 0]


def _origin(
    stock: Stock, pixel: tuple[int, int, int], weight: float, down: float, across: float
) -> Origin:
    copy, i, j = pixel
    turns, mirrored = SYMMETRIES[copy]
    row, column = unlaid(i, j, stock.height, stock.width, turns, mirrored)
    red, green, blue = stock.colours[copy * stock.size**2 + i * stock.size + j].tolist()
    half = (stock.side - 1) / 2
    return Origin(
        (row - half) * down,
        (column - half) * across,
        stock.side * (down + across) / 2,
        weight,
        turns,
        mirrored,
        (red, green, blue),
    )


def unlaid(
    row: int, column: int, height: int, width: int, turns: int, mirrored: bool
) -> tuple[int, int]:
    """Where in a picture of this size the pixel of its turned and mirrored copy is from."""
    if turns == 1:
        row, column = column, width - 1 - row
    elif turns == 2:
        row, column = height - 1 - row, width - 1 - column
    elif turns == 3:
        row, column = height - 1 - column, row
    return row, width - 1 - column if mirrored else column
