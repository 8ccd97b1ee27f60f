"""A part of a mask: what a tool selects, what an operation changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from studio.core.geometry import Box
from studio.core.picture import Pixels

Combine = Literal["replace", "add", "subtract", "intersect"]
NOWHERE = Box(0, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Region:
    """`pixels` is H×W uint8 and lies at `box`, which may be empty but never leaves the mask."""

    box: Box
    pixels: Pixels

    def __post_init__(self) -> None:
        if self.pixels.shape != (max(0, self.box.height), max(0, self.box.width)):
            raise ValueError(f"{self.pixels.shape} are not the pixels of {self.box}")

    @classmethod
    def even(cls, box: Box, value: int) -> Region:
        """One value all over `box`."""
        return cls(box, np.full((max(0, box.height), max(0, box.width)), value, np.uint8))

    @classmethod
    def cut(cls, pixels: Pixels, box: Box) -> Region:
        """What a mask has in `box`: a view, not a copy."""
        return cls(box, pixels[box.rows, box.columns])

    def within(self, box: Box) -> Region:
        """As if of `box`: cut off at its edges, 0 where this region does not reach."""
        if box == self.box:
            return self
        made = Region.even(box, 0)
        shared = self.box.intersect(box)
        if not shared.empty:
            there, here = _moved(shared, box), _moved(shared, self.box)
            made.pixels[there.rows, there.columns] = self.pixels[here.rows, here.columns]
        return made


def combined(mask: Pixels, painted: Box, region: Region, how: Combine) -> Region:
    """What to write into the mask so that the selected `region` replaces it, adds to it, takes
    away from it, or is all that stays of it. `painted` holds all of the mask that is not 0."""
    if how == "add":
        return Region(region.box, np.maximum(_at(mask, region.box), region.pixels))
    if how == "subtract":
        return Region(region.box, np.minimum(_at(mask, region.box), 255 - region.pixels))
    if how == "intersect":
        return Region(painted, np.minimum(_at(mask, painted), region.within(painted).pixels))
    return region.within(painted.union(region.box))


def extent(mask: Pixels, within: Box) -> Box:
    """The smallest box around everything painted at all in `within`; empty if nothing is."""
    part = _at(mask, within)
    rows = np.flatnonzero(part.max(axis=1, initial=0))
    if not rows.size:
        return NOWHERE
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(part[top:bottom].max(axis=0, initial=0))
    return Box.between(
        within.x + int(columns[0]),
        within.y + top,
        within.x + int(columns[-1]) + 1,
        within.y + bottom,
    )


def _at(mask: Pixels, box: Box) -> Pixels:
    return mask[box.rows, box.columns]


def _moved(box: Box, origin: Box) -> Box:
    return Box(box.x - origin.x, box.y - origin.y, box.width, box.height)
