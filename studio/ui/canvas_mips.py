"""A picture at half, a quarter, … of its size, and at twice, four times, …: made when needed."""

from __future__ import annotations

import math

import numpy as np

from studio.core.geometry import Box
from studio.core.picture import Pixels

_LARGEST = 4_000_000
"""Pixels of an enlarged picture, at most: above that a plain bilinear one looks as good."""


class Pyramid:
    """Level k is 2^-k of the size, rounded up, so that its pixel i covers i·2^k … (i+1)·2^k - 1.

    Takes H×W, H×W×3 or H×W×4 with premultiplied alpha, all uint8. The pixels may go on
    changing if `update` is told where.
    """

    def __init__(self, pixels: Pixels) -> None:
        self.levels = [pixels]

    @property
    def pixels(self) -> Pixels:
        return self.levels[0]

    @property
    def top(self) -> int:
        """The last level: one of its sides is a single pixel."""
        return max(0, math.ceil(math.log2(min(self.pixels.shape[:2]))))

    def level(self, k: int) -> Pixels:
        while len(self.levels) <= k:
            self.levels.append(halved(self.levels[-1]))
        return self.levels[k]

    def update(self, box: Box) -> None:
        """The pixels in `box` have changed."""
        for fine, coarse in zip(self.levels, self.levels[1:], strict=False):
            height, width = coarse.shape[:2]
            box = Box.between(
                box.x // 2, box.y // 2, (box.right + 1) // 2, (box.bottom + 1) // 2
            ).intersect(Box(0, 0, width, height))
            if box.empty:
                return
            part = fine[box.y * 2 : box.bottom * 2, box.x * 2 : box.right * 2]
            coarse[box.rows, box.columns] = halved(part)


def best_level(zoom: float, top: int) -> int:
    """The level that is drawn smaller by less than a half; 0 from 100 % on."""
    return min(top, max(0, math.floor(math.log2(1.0 / zoom) + 1e-6)))


def halved(pixels: Pixels) -> Pixels:
    """The mean of each 2×2 pixels; an odd last row or column counts twice."""
    import cv2  # only when zoomed out: not for the first paint

    height, width = pixels.shape[:2]
    odd = [(0, height % 2), (0, width % 2), (0, 0)][: pixels.ndim]
    if height % 2 or width % 2:
        pixels = np.pad(pixels, odd, mode="edge")
    size = (pixels.shape[1] // 2, pixels.shape[0] // 2)
    small: Pixels = np.asarray(
        cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA), np.uint8
    )
    return small


def enlargement(pixels: Pixels, zoom: float) -> int:
    """By how much to enlarge before drawing at `zoom`: a power of two, 1 for large pictures."""
    factor = 1
    area = pixels.shape[0] * pixels.shape[1]
    while factor * 2 <= zoom and area * (factor * 2) ** 2 <= _LARGEST:
        factor *= 2
    return factor


def enlarged(pixels: Pixels, factor: int) -> Pixels:
    """H×W×3, or H×W×4 with straight alpha, smoothly enlarged.

    Bicubic has none of bilinear's creases.
    """
    from PIL import Image

    height, width = pixels.shape[:2]
    size = (width * factor, height * factor)
    # Pillow weighs colours by their alpha itself
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def premultiplied(pixels: Pixels) -> Pixels:
    """RGBA with its colours multiplied by alpha; RGB as it is."""
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.uint16)
    result = pixels.copy()
    result[..., :3] = (pixels[..., :3] * alpha + 127) // 255
    return result
