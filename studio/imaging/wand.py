"""The colour wand: everything of nearly the colour that was pointed at."""

from __future__ import annotations

import numpy as np

from studio.core.geometry import Box
from studio.core.picture import Pixels
from studio.imaging.region import Region, extent


def by_color(pixels: Pixels, x: int, y: int, tolerance: int, contiguous: bool) -> Region:
    """The pixels (HWC, 3 or 4 channels) in which no channel is farther than `tolerance`, 0..255,
    from that at (x, y): 255 there, 0 elsewhere; with `contiguous` only those joined to it by a
    side. Fully transparent pixels are alike, whatever colour they hide."""
    import cv2

    alike = _alike(pixels, pixels[y, x].astype(int), tolerance)
    if contiguous:
        # 128 marks what is reached from the seed: the other half of a flood fill's mask is waste.
        _, _, _, (left, top, width, height) = cv2.floodFill(alike, None, (x, y), 128)
        box = Box(left, top, width, height)
        part: Pixels = (_cut(alike, box) == 128).view(np.uint8) * np.uint8(255)
        return Region(box, part)
    box = extent(alike, Box(0, 0, pixels.shape[1], pixels.shape[0]))
    return Region(box, _cut(alike, box))


def _alike(
    pixels: Pixels, color: np.ndarray[tuple[int], np.dtype[np.int_]], tolerance: int
) -> Pixels:
    import cv2

    low, high = np.clip(color - tolerance, 0, 255), np.clip(color + tolerance, 0, 255)
    if len(color) == 4 and color[3] == 0:
        low[:3], high[:3] = 0, 255
    found: Pixels = np.asarray(cv2.inRange(pixels, low, high), np.uint8)
    return found


def _cut(pixels: Pixels, box: Box) -> Pixels:
    return np.ascontiguousarray(pixels[box.rows, box.columns])
