"""Masks as arrays: where they are, softened for pasting, resized."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from studio.core.geometry import Box, Size
from studio.core.picture import Mask, Pixels
from studio.imaging.region import extent

LEVELS = 16
"""Into how many heights a soft mask is cut for `composite_mask`; a hard mask needs one."""


def bounds(mask: Mask) -> Box:
    """The smallest box around everything painted at all; empty if nothing is."""
    return extent(mask.pixels, Box.of(mask.size))


def composite_mask(mask: Mask, feather: int) -> Pixels:
    """HW uint8, how much of the fill each pixel takes: at least the mask, and a falling edge.

    Outside the mask it falls along a cosine to 0 within `feather` pixels and is exactly 0
    beyond. A soft mask spreads each of its heights, so its own slope goes on without a ridge:
    c(q) = max over p of mask(p)·w(|q − p|), with w(d) = (1 + cos(π·d / (feather + 1))) / 2.
    """
    box = bounds(mask).grow(feather).intersect(Box.of(mask.size))
    composite = np.zeros_like(mask.pixels)
    if box.empty:
        return composite
    part = mask.pixels[box.rows, box.columns]
    spread = part.copy()
    if feather > 0:
        for level in _heights(part):
            distance = _distance(part >= level)
            band = (distance > 0) & (distance <= feather + 1e-3)
            weight = (1 + np.cos(distance[band] * np.float32(math.pi / (feather + 1)))) / 2
            spread[band] = np.maximum(spread[band], np.rint(weight * level).astype(np.uint8))
    composite[box.rows, box.columns] = spread
    return composite


def cover_mask(mask: Mask, size: Size) -> Mask:
    """Each new pixel is the mean of the area it covers; enlarged, it is interpolated.

    Rounded up: whatever was painted at all is still at least 1.
    """
    if size == mask.size:
        return mask
    return Mask(np.ceil(_resized(mask, size) - 1e-3).clip(0, 255).astype(np.uint8))


def _resized(mask: Mask, size: Size) -> npt.NDArray[np.float32]:
    """Axis by axis, as one may shrink while the other grows."""
    import cv2

    values: npt.NDArray[np.float32] = mask.pixels.astype(np.float32)
    for target in ((size.width, mask.size.height), (size.width, size.height)):
        here = (values.shape[1], values.shape[0])
        smaller = target[0] < here[0] or target[1] < here[1]
        values = cv2.resize(
            values, target, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
        )
    return values


def _heights(part: Pixels) -> list[int]:
    present = np.unique(part[part > 0])
    if len(present) <= LEVELS:
        return [int(level) for level in present]
    spaced = np.linspace(int(present[0]), int(present[-1]), LEVELS)
    return [int(level) for level in np.unique(np.rint(spaced))]


def _distance(painted: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Euclidean distance of each pixel to the nearest painted one, in pixels."""
    import cv2

    distance: npt.NDArray[np.float32] = cv2.distanceTransform(
        (~painted).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )
    return distance
