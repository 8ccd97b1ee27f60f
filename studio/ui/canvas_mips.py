"""A picture at half, a quarter, … of its size, and at twice, four times, …: made when needed,
and bit by bit where that takes long."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from studio.core.geometry import Box, Size
from studio.core.picture import Pixels

_LARGEST = 4_000_000
"""Pixels of an enlarged picture, at most: above that a plain bilinear one looks as good."""

_BAND = 2_000_000
"""Pixels that are halved at one turn."""


class Pyramid:
    """Level k is 2^-k of the size, rounded up, so that its pixel i covers i·2^k … (i+1)·2^k - 1.

    Takes H×W, H×W×3 or H×W×4 (straight alpha; the levels, and what `part` returns, have it
    multiplied in), all uint8. The pixels may go on changing if `update` is told where. `where`
    holds all that is not 0, if that is less than everything: the rest costs nothing.
    """

    def __init__(self, pixels: Pixels, where: Box | None = None) -> None:
        self.levels = [pixels]
        self._where = _whole(pixels) if where is None else where

    @property
    def pixels(self) -> Pixels:
        return self.levels[0]

    @property
    def top(self) -> int:
        """The last level: one of its sides is a single pixel."""
        return max(0, math.ceil(math.log2(min(self.pixels.shape[:2]))))

    def size(self, k: int) -> Size:
        height, width = self.pixels.shape[:2]
        return Size(-(-width >> k) or 1, -(-height >> k) or 1)

    def ready(self, k: int) -> bool:
        return k < len(self.levels)

    def level(self, k: int) -> Pixels:
        for _ in self.build(k):
            pass
        return self.levels[k]

    def build(self, k: int) -> Iterator[None]:
        """Make the levels up to k, a few milliseconds' work at each turn."""
        while not self.ready(k):
            fine, size = self.levels[-1], self.size(len(self.levels))
            coarse = np.zeros((size.height, size.width, *fine.shape[2:]), np.uint8)
            box = _coarser(self._where, len(self.levels)).intersect(Box.of(size))
            rows = max(1, _BAND // max(1, box.width * 4))
            for y in range(box.y, box.bottom, rows):
                self._halve(fine, coarse, Box(box.x, y, box.width, rows).intersect(box))
                yield
            self.levels.append(coarse)

    def part(self, k: int, box: Box) -> Pixels:
        """The pixels of level k in `box`; as long as it is not ready, some of finer ones."""
        known = min(k, len(self.levels) - 1)
        step = 1 << (k - known)
        fine = self.levels[known][
            box.y * step : box.bottom * step : step, box.x * step : box.right * step : step
        ]
        return premultiplied(fine) if known == 0 else fine

    def update(self, box: Box) -> None:
        """The pixels in `box` have changed."""
        self._where = self._where.union(box)
        for k, (fine, coarse) in enumerate(zip(self.levels, self.levels[1:], strict=False), 1):
            here = _coarser(box, k).intersect(_whole(coarse))
            if here.empty:
                return
            self._halve(fine, coarse, here)

    def _halve(self, fine: Pixels, coarse: Pixels, box: Box) -> None:
        part = fine[box.y * 2 : box.bottom * 2, box.x * 2 : box.right * 2]
        if fine is self.pixels:
            part = premultiplied(part)
        coarse[box.rows, box.columns] = halved(part)


def _coarser(box: Box, k: int) -> Box:
    """Every pixel of level k that covers some of `box`."""
    if box.empty:
        return Box(0, 0, 0, 0)
    edge = (1 << k) - 1
    return Box.between(box.x >> k, box.y >> k, (box.right + edge) >> k, (box.bottom + edge) >> k)


def _whole(pixels: Pixels) -> Box:
    return Box(0, 0, pixels.shape[1], pixels.shape[0])


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
    """RGBA with its colours multiplied by alpha; RGB, and a mask, as it is."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.uint16)
    result = pixels.copy()
    result[..., :3] = (pixels[..., :3] * alpha + 127) // 255
    return result
