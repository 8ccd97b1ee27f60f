"""The patches of a picture at one scale, and of its turned and mirrored copies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

SYMMETRIES = tuple((turns, mirrored) for mirrored in (False, True) for turns in range(4))
"""The eight ways to lay a square patch on a square: more material for edges in every direction."""
FEATURES = 32
"""Principal components that patches are compared in."""
SAMPLE = 4000
"""Patches that the components are found from."""


@dataclass(frozen=True, eq=False)
class Stock:
    """`picture` [3, H, W] in −1…1, `hole` [H, W] bool: to be filled. `usable` [H, W] bool: where
    material may be taken from. `side`: a patch's, in pixels, odd.

    A patch is named by one number: copy · rows · columns + row · columns + column of its upper
    left corner, in copies that are all padded to one square.
    """

    picture: Tensor
    hole: Tensor
    usable: Tensor
    side: int

    @property
    def height(self) -> int:
        return int(self.picture.shape[1])

    @property
    def width(self) -> int:
        return int(self.picture.shape[2])

    @cached_property
    def rows(self) -> int:
        """Of places where a patch of a copy can begin; as many as columns."""
        return self.size - self.side + 1

    @property
    def size(self) -> int:
        """The side of a copy in pixels."""
        return max(self.height, self.width)

    @cached_property
    def colours(self) -> Tensor:
        """Every pixel of the eight copies, [8 · size · size, 3]."""
        copies = torch.stack([_square(_laid(self.picture, *how), self.size) for how in SYMMETRIES])
        return copies.permute(0, 2, 3, 1).reshape(-1, 3)

    @cached_property
    def names(self) -> Tensor:
        """Every patch that may be used, [M] int64, ascending: those without a pixel of the hole."""
        bad = F.max_pool2d((~self.usable | self.hole)[None].float(), self.side, 1)
        # What is true of a patch is true of it when it is turned: looked up once, turned, padded.
        good = [_square(_laid(1 - bad, *how), self.rows) for how in SYMMETRIES]
        return (torch.stack(good).flatten() > 0.5).nonzero()[:, 0]

    @cached_property
    def _components(self) -> tuple[Tensor, Tensor]:
        """Mean [3·s·s] and principal directions [d, 3·s·s] of a fixed sample of patches."""
        order = torch.randperm(len(self.names), generator=torch.Generator().manual_seed(0))
        sample = self.patches(self.names[order[:SAMPLE]]).flatten(1)
        mean = sample.mean(0)
        # In double: where most patches are alike, single precision may not converge.
        centred = (sample - mean).double()
        _, vectors = torch.linalg.eigh(centred.T @ centred)
        return mean, vectors.T.flip(0)[:FEATURES].contiguous().to(mean)

    @cached_property
    def features(self) -> Tensor:
        """[8 · rows · rows, d] half precision, of every patch of every copy.

        Infinite for those that may not be used: these are near nothing. A projection of all
        overlapping patches is a convolution, so that no patch is ever unfolded.
        """
        unusable = torch.ones(len(SYMMETRIES) * self.rows**2, dtype=torch.bool)
        unusable[self.names] = False
        found = torch.empty(len(unusable), len(self._components[1]), dtype=torch.half)
        for copy, how in zip(found.chunk(len(SYMMETRIES)), SYMMETRIES, strict=True):
            copy[:] = self._project(_square(_laid(self.picture, *how), self.size))
        return found.masked_fill_(unusable[:, None], torch.inf)

    def of(self, picture: Tensor) -> Tensor:
        """Features [N, d] of the `wanted` patches of a picture [3, H, W] of this scale."""
        row, column = self.wanted // self.columns, self.wanted % self.columns
        top, left = int(row.min()), int(column.min())
        down, across = int(row.max()) + 1, int(column.max()) + 1
        part = picture[:, top : down + self.side - 1, left : across + self.side - 1]
        return self._project(part)[(row - top) * (across - left) + column - left]

    def first(self, names: Tensor) -> Tensor:
        """Where the patches' upper left pixels are in `colours`."""
        copy, place = names // self.rows**2, names % self.rows**2
        return copy * self.size**2 + place // self.rows * self.size + place % self.rows

    def patches(self, names: Tensor) -> Tensor:
        """The pixels [N, 3, s, s] of the patches of these names."""
        steps = torch.arange(self.side)
        inside = self.first(names)[:, None, None] + steps[:, None] * self.size + steps
        return self.colours[inside].permute(0, 3, 1, 2)

    @cached_property
    def wanted(self) -> Tensor:
        """The places [N] of the picture's own patches that touch the hole, row by row."""
        touched = F.max_pool2d(self.hole[None, None].float(), self.side, 1)[0, 0]
        return touched.flatten().nonzero()[:, 0]

    @cached_property
    def depth(self) -> Tensor:
        """See `depth`."""
        return depth(self.hole)

    @property
    def columns(self) -> int:
        """Places across where a patch of the picture itself can begin."""
        return self.width - self.side + 1

    def _project(self, picture: Tensor) -> Tensor:
        mean, directions = self._components
        filters = directions.view(-1, 3, self.side, self.side)
        out = F.conv2d(picture[None], filters)[0] - (directions @ mean)[:, None, None]
        return out.flatten(1).T.contiguous()


def depth(hole: Tensor) -> Tensor:
    """How many pixels each pixel [H, W] lies inside the hole, as a king walks; 0 outside."""
    steps = torch.zeros(hole.shape)
    if not hole.any():
        return steps
    # Only what is around the hole is looked at, a pixel more on each side where there is one.
    rows, columns = (hole.any(axis).nonzero()[:, 0] for axis in (1, 0))
    down = slice(max(0, int(rows[0]) - 1), int(rows[-1]) + 2)
    across = slice(max(0, int(columns[0]) - 1), int(columns[-1]) + 2)
    inside = hole[None, None, down, across].float()
    while inside.any():
        steps[down, across] += inside[0, 0]
        # Beyond the picture's border nothing is known: a hole at the border is not left there.
        inside = 1 - F.max_pool2d(1 - inside, 3, 1, 1)
    return steps


def _laid(picture: Tensor, turns: int, mirrored: bool) -> Tensor:
    return torch.rot90(picture.flip(-1) if mirrored else picture, turns, (-2, -1))


def _square(picture: Tensor, size: int) -> Tensor:
    return F.pad(picture, (0, size - picture.shape[-1], 0, size - picture.shape[-2]))
