"""The soft edge of a fill, small, to be looked at while painting."""

from __future__ import annotations

import numpy as np

from studio.core.geometry import Box, Margins
from studio.core.picture import Mask, Pixels
from studio.imaging.masks import composite_mask

LONGEST = 512
"""Sides of what is worked out are at most this: fast enough to follow a stroke."""


def coarseness(area: Box) -> int:
    """Pixels of the picture, in each direction, that are one of the band's."""
    return max(1, -(-max(area.width, area.height) // LONGEST))


def band(mask: Pixels | None, size_margins: tuple[Box, Margins], area: Box, feather: int) -> Pixels:
    """How far the fill is mixed in where nothing is painted: HW uint8, `area` made smaller.

    `mask` is that of the picture, or None; `size_margins` the picture's own box and what is added
    around it; `area` is in pixels of the picture with its margins.
    """
    picture, margins = size_margins
    inner = Box(margins.left, margins.top, picture.width, picture.height)
    step = coarseness(area)
    shape = -(-area.height // step), -(-area.width // step)
    small = np.full(shape, 255, np.uint8)
    # Every n-th pixel is looked at: an edge is where it is, and a photo is large.
    rows, columns = area.y + np.arange(shape[0]) * step, area.x + np.arange(shape[1]) * step
    inside_rows = (rows >= inner.y) & (rows < inner.bottom)
    inside_columns = (columns >= inner.x) & (columns < inner.right)
    if inside_rows.any() and inside_columns.any():
        here = np.ix_(inside_rows, inside_columns)
        if mask is None:
            small[here] = 0
        else:
            found = np.ix_(rows[inside_rows] - inner.y, columns[inside_columns] - inner.x)
            small[here] = mask[found]
    # Four heights of a soft edge are enough to see it by, and each takes its time.
    small = ((small.astype(np.uint16) + 63) // 64 * 64).clip(0, 255).astype(np.uint8)
    share = composite_mask(Mask(small), max(1, round(feather / step)) if feather else 0)
    share[small > 0] = 0
    return share
