"""A round brush for masks: stamps along a line, gathered in one coverage buffer a stroke.

Coordinates are in pixels of the mask, with pixel (i, j) covering i ≤ x < i + 1, j ≤ y < j + 1.
Within a stroke stamps are joined by their maximum, so that going over a place twice in one stroke
paints it once; opacity is that of the whole stroke.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from studio.core.geometry import Box, Size
from studio.core.picture import Pixels

MIN_RADIUS = 0.5
MAX_RADIUS = 1000.0
_SUBPIXELS = 4
_EXACT_BELOW = 24.0
"""Smaller brushes are placed to a quarter of a pixel, larger ones to whole pixels."""


@dataclass(frozen=True)
class Brush:
    """`radius` in pixels; `hardness` 0 falls off from the centre on, 1 has an edge of one pixel;
    `opacity` 0..1 is how far one stroke goes towards 255 (towards 0 with `erase`). A pen's pressure
    makes it smaller with `pressure_size`, and fainter with `pressure_opacity`."""

    radius: float = 20.0
    hardness: float = 0.8
    opacity: float = 1.0
    erase: bool = False
    pressure_size: bool = True
    pressure_opacity: bool = False


class Stroke:
    """One stroke of a brush over a mask of `size`, from pen-down to pen-up."""

    def __init__(self, brush: Brush, size: Size) -> None:
        self.brush = brush
        self.bounds = Box.of(size)
        # zeros of this size cost nothing until they are touched
        self._coverage: Pixels = np.zeros((size.height, size.width), np.uint8)
        self._opacity = np.round(np.arange(256) * min(1.0, max(0.0, brush.opacity)))
        self._opacity = self._opacity.astype(np.uint16)
        self._last: tuple[float, float, float] | None = None
        self._left = 0.0

    def line_to(self, x: float, y: float, pressure: float = 1.0) -> Box:
        """Go on to (x, y), which may lie off the picture. Returns the box of touched pixels.

        `pressure` 0..1 goes evenly from that of the call before to this one's.
        """
        here = (x, y, min(1.0, max(0.0, pressure)))
        touched = Box(0, 0, 0, 0)
        for cx, cy, force in self._places(here):
            touched = touched.union(self._press(cx, cy, force))
        return touched

    def apply(self, before: Pixels, box: Box) -> Pixels:
        """The mask's pixels in `box` with this stroke laid over `before` (same box, H×W uint8)."""
        alpha = self._opacity[self._coverage[box.rows, box.columns]]
        old = before.astype(np.uint16)
        if self.brush.erase:
            new = (old * (255 - alpha) + 127) // 255
        else:
            new = 255 - ((255 - old) * (255 - alpha) + 127) // 255
        result: Pixels = new.astype(np.uint8)
        return result

    def _places(self, here: tuple[float, float, float]) -> Iterator[tuple[float, float, float]]:
        """Centres and forces of the stamps from the last place to `here`, evenly spaced."""
        if self._last is None:
            self._last = here
            yield here
            return
        last, self._last = self._last, here
        length = math.hypot(here[0] - last[0], here[1] - last[1])
        if length == 0.0:
            yield here
            return
        spacing = _spacing(self._radius(max(last[2], here[2])))
        at = spacing - self._left
        low, high = self._near(last, here, length)
        if at < low:
            at += math.ceil((low - at) / spacing) * spacing
        while at <= min(length, high):
            part = at / length
            yield (
                last[0] + (here[0] - last[0]) * part,
                last[1] + (here[1] - last[1]) * part,
                last[2] + (here[2] - last[2]) * part,
            )
            at += spacing
        self._left = (self._left + length) % spacing

    def _near(
        self, last: tuple[float, float, float], here: tuple[float, float, float], length: float
    ) -> tuple[float, float]:
        """The part of the line, in pixels from its start, whose stamps can touch the mask.

        A pointer may wander far off the picture; stamps there would be work for nothing.
        """
        margin = _quantized(self.brush.radius) + 2
        low, high = 0.0, length
        for start, end, limit in (
            (last[0], here[0], self.bounds.width),
            (last[1], here[1], self.bounds.height),
        ):
            slope = (end - start) / length
            if abs(slope) < 1e-9:
                if not -margin <= start <= limit + margin:
                    return (1.0, 0.0)
                continue
            ends = sorted(((-margin - start) / slope, (limit + margin - start) / slope))
            low, high = max(low, ends[0]), min(high, ends[1])
        return low, high

    def _radius(self, force: float) -> float:
        return self.brush.radius * (force if self.brush.pressure_size else 1.0)

    def _press(self, cx: float, cy: float, force: float) -> Box:
        radius = _quantized(self._radius(force))
        parts = _SUBPIXELS if radius < _EXACT_BELOW else 1
        left, top = math.floor(cx * parts + 0.5), math.floor(cy * parts + 0.5)
        shape = _stamp(radius, self.brush.hardness, left % parts, top % parts, parts)
        half = shape.shape[0] // 2
        box = Box(left // parts - half, top // parts - half, shape.shape[1], shape.shape[0])
        inside = box.intersect(self.bounds)
        if inside.empty:
            return Box(0, 0, 0, 0)
        part = shape[
            inside.y - box.y : inside.bottom - box.y, inside.x - box.x : inside.right - box.x
        ]
        if self.brush.pressure_opacity and force < 1.0:
            part = np.round(part * np.float32(force)).astype(np.uint8)
        target = self._coverage[inside.rows, inside.columns]
        np.maximum(target, part, out=target)
        return inside


def _spacing(radius: float) -> float:
    """Distance between stamps. √r leaves scallops of an eighth of a pixel on a hard edge
    (depth s²/8r); a tenth of the radius keeps a soft one even."""
    return max(0.25, min(0.1 * radius, math.sqrt(radius)))


def _quantized(radius: float) -> float:
    """Near enough to the radius that pressure does not need a new stamp at every touch."""
    radius = min(MAX_RADIUS, max(MIN_RADIUS, radius))
    step = 0.25 if radius < 16.0 else 2.0 ** math.floor(math.log2(radius / 64.0))
    return round(radius / step) * step


@lru_cache(maxsize=48)
def _stamp(radius: float, hardness: float, dx: int, dy: int, parts: int) -> Pixels:
    """Coverage of a disc around the middle pixel's corner, moved by (dx, dy) / parts.

    Full up to radius·hardness, then a raised cosine to 0 at the radius; never steeper than one
    pixel, which is what smooths the edge of a hard brush.
    """
    half = math.ceil(radius) + 1
    axis = np.arange(-half, half + 1, dtype=np.float32) + np.float32(0.5)
    across = (axis - np.float32(dx / parts)) ** 2
    down = (axis - np.float32(dy / parts)) ** 2
    distance = np.sqrt(across[None, :] + down[:, None])
    outer = radius + 0.5
    inner = min(radius * min(1.0, max(0.0, hardness)), outer - 1.0)
    along = np.clip((outer - distance) / (outer - inner), 0.0, 1.0)
    if outer - inner > 1.5:
        along = 0.5 - 0.5 * np.cos(along * np.float32(math.pi))
    shape: Pixels = np.round(along * 255).astype(np.uint8)
    shape.flags.writeable = False
    return shape
