"""Where a fill may take its material from, as one mask of three values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.core.geometry import Box
from studio.core.picture import Mask

NEVER, EITHER, HERE = 0, 128, 255
"""Not from such a pixel; from it, if none is marked to be taken from; from this one."""
_PAINTED = 128
"""From this opacity on a pixel counts as painted; for what is to be avoided, any does."""


def marked(here: Mask | None, never: Mask | None) -> Mask | None:
    """One mask of what was painted "from here" and "not from here"; None if nothing was.

    Both are of one size. A pixel that is painted both ways is avoided.
    """
    one = here or never
    if one is None:
        return None
    pixels = np.full_like(one.pixels, EITHER)
    if here is not None:
        pixels[here.pixels >= _PAINTED] = HERE
    if never is not None:
        pixels[never.pixels > 0] = NEVER
    if (pixels == EITHER).all():
        return None
    pixels.flags.writeable = False
    return Mask(pixels)


def unmarked(material: Mask) -> tuple[Mask | None, Mask | None]:
    """What to paint "from here" and "not from here" to have this again."""

    def painted(value: int) -> Mask | None:
        pixels = np.where(material.pixels == value, 255, 0).astype(np.uint8)
        return Mask(pixels) if pixels.any() else None

    return painted(HERE), painted(NEVER)


def usable(material: Mask) -> npt.NDArray[np.bool_]:
    """Where material may be taken from, [H, W]."""
    here: npt.NDArray[np.bool_] = material.pixels == HERE
    return here if here.any() else np.not_equal(material.pixels, NEVER)


def chosen_area(material: Mask) -> Box:
    """The smallest box around what is marked to be taken from; empty if nothing is."""
    here = material.pixels == HERE
    if not here.any():
        return Box(0, 0, 0, 0)
    rows, columns = (np.flatnonzero(here.any(axis)) for axis in (1, 0))
    return Box.between(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
