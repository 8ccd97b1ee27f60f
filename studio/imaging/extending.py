"""A picture with room around it, and the mask that says so."""

from __future__ import annotations

import numpy as np

from studio.core.geometry import Margins
from studio.core.material import EITHER
from studio.core.picture import Mask, Picture


def extended(picture: Picture, mask: Mask | None, margins: Margins) -> tuple[Picture, Mask]:
    """The picture at its place in a larger one, and a mask of the margins and what was painted.

    In the margins the picture's border goes on.
    """
    rows, columns = (margins.top, margins.bottom), (margins.left, margins.right)
    pixels = np.pad(picture.pixels, (rows, columns, (0, 0)), mode="edge")
    inner = margins.inner(picture.size)
    painted = np.full(pixels.shape[:2], 255, np.uint8)
    painted[inner.rows, inner.columns] = mask.pixels if mask else 0
    pixels.flags.writeable = False
    painted.flags.writeable = False
    return Picture(pixels), Mask(painted)


def widened(material: Mask | None, margins: Margins) -> Mask | None:
    """What marks the material, on the larger picture; nothing is said of the margins."""
    if material is None or not margins:
        return material
    sides = ((margins.top, margins.bottom), (margins.left, margins.right))
    return Mask(np.pad(material.pixels, sides, constant_values=EITHER))
