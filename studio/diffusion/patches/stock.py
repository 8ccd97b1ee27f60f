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
        return max(self.height, self.width) - self.side + 1

    @cached_property
    def copies(self) -> Tensor:
        """The picture in its eight symmetries, [8, 3, S, S], padded below and to the right."""
        return torch.stack([_square(_laid(self.picture, *how)) for how in SYMMETRIES])

    @cached_property
    def names(self) -> Tensor:
        """Every patch that may be used, [M] int64, ascending: those without a pixel of the hole."""
        good = (self.usable & ~self.hole)[None].float()
        copies = torch.stack([_square(_laid(good, *how)) for how in SYMMETRIES])
        bad = F.max_pool2d(1 - copies, self.side, 1)[:, 0]
        return (bad.flatten() < 0.5).nonzero()[:, 0]

    @cached_property
    def known(self) -> Tensor:
        """[8 · rows · rows] bool: whether the patch of that name may be used."""
        flags = torch.zeros(len(SYMMETRIES) * self.rows**2, dtype=torch.bool)
        flags[self.names] = True
        return flags

    @cached_property
    def _components(self) -> tuple[Tensor, Tensor]:
        """Mean [3·s·s] and principal directions [d, 3·s·s] of a fixed sample of patches."""
        order = torch.randperm(len(self.names), generator=torch.Generator().manual_seed(0))
        sample = self.patches(self.names[order[:SAMPLE]]).flatten(1)
        mean = sample.mean(0)
        _, _, directions = torch.linalg.svd(sample - mean, full_matrices=False)
        return mean, directions[:FEATURES]

    @cached_property
    def features(self) -> Tensor:
        """[8 · rows · rows, d] half precision, of every patch of every copy, usable or not.

        A projection of all overlapping patches is a convolution: no patch is ever unfolded.
        """
        return torch.cat([self._project(copy[None]).half() for copy in self.copies])

    def of(self, picture: Tensor) -> Tensor:
        """Features [h·w, d] of all patches of a picture [3, H, W] of this scale, row by row."""
        return self._project(picture[None])

    def patches(self, names: Tensor) -> Tensor:
        """The pixels [N, 3, s, s] of the patches of these names."""
        area, size = self.rows**2, self.copies.shape[-1]
        copy, place = names // area, names % area
        row, column = place // self.rows, place % self.rows
        steps = torch.arange(self.side)
        inside = (row[:, None, None] + steps[:, None]) * size + column[:, None, None] + steps
        first = (copy * 3 * size**2)[:, None, None, None] + torch.arange(3)[:, None, None] * size**2
        return self.copies.flatten()[first + inside[:, None]]

    @cached_property
    def wanted(self) -> Tensor:
        """The places [N] of the picture's own patches that touch the hole, row by row."""
        touched = F.max_pool2d(self.hole[None, None].float(), self.side, 1)[0, 0]
        return touched.flatten().nonzero()[:, 0]

    @property
    def columns(self) -> int:
        """Places across where a patch of the picture itself can begin."""
        return self.width - self.side + 1

    def _project(self, picture: Tensor) -> Tensor:
        mean, directions = self._components
        filters = directions.view(-1, 3, self.side, self.side)
        out = F.conv2d(picture, filters)[0] - (directions @ mean)[:, None, None]
        return out.flatten(1).T.contiguous()


def _laid(picture: Tensor, turns: int, mirrored: bool) -> Tensor:
    return torch.rot90(picture.flip(-1) if mirrored else picture, turns, (-2, -1))


def _square(picture: Tensor) -> Tensor:
    size = max(picture.shape[-2:])
    return F.pad(picture, (0, size - picture.shape[-1], 0, size - picture.shape[-2]))
