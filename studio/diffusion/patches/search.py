"""Which patches of the stock are nearest: all compared where they are few, else from coarse to
fine, as PatchMatch does (Barnes et al. 2009): what fits here fits, shifted, next door."""

from __future__ import annotations

import torch
from torch import Tensor

from studio.diffusion.patches.stock import Stock

BLOCK = 2**24
"""Distances that are worked out at once."""
REACH = 1
"""How far from the coarse answer the fine one is looked for, in pixels."""
ROUNDS = 2


def nearest(query: Tensor, stock: Stock, count: int) -> tuple[Tensor, Tensor]:
    """The `count` nearest usable patches of each query [N, d] by comparing with every one.

    Names [N, count] and squared distances [N, count], nearest first.
    """
    features = stock.features[stock.names].float()
    half = features.square().sum(1) / 2
    count = min(count, len(features))
    names, distances = [], []
    for part in torch.split(query, max(1, BLOCK // len(features))):
        likeness = part @ features.T - half
        found, which = likeness.topk(count, dim=1) if count > 1 else likeness.max(1, keepdim=True)
        names.append(stock.names[which])
        distances.append((part.square().sum(1, keepdim=True) - 2 * found).clamp_min(0))
    return torch.cat(names), torch.cat(distances)


def refined(query: Tensor, stock: Stock, coarse: Stock, answers: Tensor) -> tuple[Tensor, Tensor]:
    """One good patch for each query [N, d], starting from the coarser stock's `answers` [n].

    Names [N] and squared distances [N].
    """
    hunt = _Hunt(query, stock)
    copy, row, column = _brought_down(stock, coarse, answers)
    for down in range(-REACH, REACH + 1):
        for across in range(-REACH, REACH + 1):
            hunt.try_(copy, row + down, column + across)
    generator = torch.Generator().manual_seed(1)
    for number in range(ROUNDS):
        for down, across in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            for step in (1, 4) if number == 0 else (1,):
                hunt.follow(down * step, across * step)
        chance = torch.randint(len(stock.names), (len(query),), generator=generator)
        hunt.try_(*_placed(stock, stock.names[chance]))
    lost = hunt.best.isinf()
    if lost.any():
        names, distances = nearest(query[lost], stock, 1)
        hunt.names[lost], hunt.best[lost] = names[:, 0], distances[:, 0]
    return hunt.names, hunt.best


class _Hunt:
    """The best patch so far for every query."""

    def __init__(self, query: Tensor, stock: Stock) -> None:
        self.query, self.stock = query, stock
        self.best = torch.full((len(query),), torch.inf)
        self.names = torch.full((len(query),), -1)
        self.row = stock.wanted // stock.columns
        self.column = stock.wanted % stock.columns
        rows = stock.height - stock.side + 1
        self._at = torch.full((rows, stock.columns), -1)
        self._at.view(-1)[stock.wanted] = torch.arange(len(query))

    def try_(self, copy: Tensor, row: Tensor, column: Tensor) -> None:
        """Take these where they are nearer."""
        last = self.stock.rows - 1
        names = copy * (last + 1) ** 2 + row.clamp(0, last) * (last + 1) + column.clamp(0, last)
        # Most neighbours agree already, and then there is nothing to compare.
        new = (names != self.names).nonzero()[:, 0]
        names = names[new]
        features = self.stock.features.index_select(0, names).float()
        distance = (self.query[new] - features).square_().sum(1)
        better = distance < self.best[new]
        new = new[better]
        self.best[new], self.names[new] = distance[better], names[better]

    def follow(self, down: int, across: int) -> None:
        """Try what the neighbour has, shifted by as much as the neighbour is away."""
        row = (self.row + down).clamp(0, self._at.shape[0] - 1)
        column = (self.column + across).clamp(0, self._at.shape[1] - 1)
        there = self._at[row, column]
        there = torch.where(there < 0, torch.arange(len(self.query)), there)
        copy, its_row, its_column = _placed(self.stock, self.names[there])
        self.try_(copy, its_row - (row - self.row), its_column - (column - self.column))


def _placed(stock: Stock, names: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Copy, row and column of patches by name."""
    area = stock.rows**2
    return names // area, names % area // stock.rows, names % stock.rows


def _brought_down(stock: Stock, coarse: Stock, answers: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where the coarse answers lie in the finer stock: copy, row and column for each query.

    Patches are placed by their centres, and what lies to the right of a centre in the picture
    lies to the right of it in its copy: the patch is laid as it was found.
    """
    factor = stock.height / coarse.height, stock.width / coarse.width
    half, wide = stock.side / 2, coarse.side / 2
    grid = torch.zeros((coarse.height - coarse.side + 1, coarse.columns), dtype=torch.long)
    grid.view(-1)[coarse.wanted] = answers
    centre_row = stock.wanted // stock.columns + half
    centre_column = stock.wanted % stock.columns + half
    row = (centre_row / factor[0] - wide).round().long().clamp(0, grid.shape[0] - 1)
    column = (centre_column / factor[1] - wide).round().long().clamp(0, grid.shape[1] - 1)
    copy, its_row, its_column = _placed(coarse, grid[row, column])
    # A copy that is turned by a right angle has its sides' factors exchanged.
    turned = copy % 2 == 1
    down = torch.where(turned, factor[1], factor[0])
    over = torch.where(turned, factor[0], factor[1])
    fine_row = (its_row + wide) * down + centre_row - (row + wide) * factor[0] - half
    fine_column = (its_column + wide) * over + centre_column - (column + wide) * factor[1] - half
    return copy, fine_row.round().long(), fine_column.round().long()
