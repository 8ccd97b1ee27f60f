"""A mask grown, shrunk, feathered, smoothed; holes filled and specks taken off.

Each operation takes a mask (H×W uint8), a box that holds all of it that is not 0, and an amount
in pixels, and returns the region that changes, with its new content. The cost follows the edges
of the mask, not the picture: where a mask is even nothing can change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from studio.core.geometry import Box, Size
from studio.core.picture import Mask, Pixels
from studio.imaging.region import Region, extent

DISC = 8
"""Largest radius of one dilation: larger discs are sums of these, or they would cost r² each."""
BLOCK = 1024
"""Side of the squares that are looked at one by one."""

Amount = Callable[[Pixels, Box, int], Region]


def grown(mask: Pixels, painted: Box, pixels: int) -> Region:
    """Spread by a disc of that radius. Softness is kept.

    A hard mask (0 and 255 only) reaches exactly the pixels within the radius; a soft one, beyond
    `DISC`, is a little less round.
    """
    area = painted.grow(pixels).intersect(_whole(mask))
    spread = _spread if _is_hard(mask, painted) else _dilated
    return _where_uneven(mask, area, pixels, lambda part: spread(part, pixels))


def shrunk(mask: Pixels, painted: Box, pixels: int) -> Region:
    """Drawn in by a disc of that radius; nothing is taken off where it leaves the picture."""
    spread = _spread if _is_hard(mask, painted) else _dilated
    return _where_uneven(mask, painted, pixels, lambda part: 255 - spread(255 - part, pixels))


def feathered(mask: Pixels, painted: Box, pixels: int) -> Region:
    """Every edge becomes a slope that begins and ends `pixels` away from where it was."""
    area = painted.grow(pixels).intersect(_whole(mask))
    return _where_uneven(mask, area, pixels, lambda part: _rounded(_blurred(part, pixels)))


def smoothed(mask: Pixels, painted: Box, pixels: int) -> Region:
    """Corners rounded and jags evened out up to about that size; edges end one pixel wide."""
    # A blurred edge rises by 1 / (σ·√(2π)) a pixel where it is steepest: that becomes 1.
    gain = max(1.0, math.sqrt(2 * math.pi * _variance(pixels)))

    def steepened(part: Pixels) -> Pixels:
        return _rounded((_blurred(part, pixels) - 127.5) * np.float32(gain) + 127.5)

    area = painted.grow(pixels).intersect(_whole(mask))
    return _where_uneven(mask, area, pixels, steepened)


def filled(mask: Pixels, painted: Box, pixels: int) -> Region:
    """Holes that are at most `pixels` wide and high are painted."""
    import cv2

    part = mask[painted.rows, painted.columns]
    holes = _pieces(part < 128, pixels, inside=True)
    # the soft rim of a hole belongs to it
    rim = cv2.dilate(holes, np.ones((5, 5), np.uint8))
    made: Pixels = np.where((holes | (rim & (part >= 128))) > 0, np.uint8(255), part)
    return Region(painted, made)


def despeckled(mask: Pixels, painted: Box, pixels: int) -> Region:
    """Islands that are at most `pixels` wide and high are taken away."""
    part = mask[painted.rows, painted.columns]
    return Region(painted, np.where(_pieces(part > 0, pixels) > 0, np.uint8(0), part))


def softened(region: Region, pixels: int, size: Size) -> Region:
    """A selected region of a picture of `size`, feathered; not where it leaves the picture."""
    box = region.box.grow(pixels).intersect(Box.of(size))
    if region.box.empty or not pixels:
        return region
    part = region.within(box).pixels
    return Region(box, feathered(part, Box.of(box.size), pixels).pixels)


def inverted(mask: Pixels) -> Region:
    return Region(_whole(mask), 255 - mask)


def grow(mask: Mask, pixels: int) -> Mask:
    """A whole mask, grown by `pixels`; shrunk if negative."""
    area = extent(mask.pixels, Box.of(mask.size))
    change = grown if pixels > 0 else shrunk
    region = change(mask.pixels, area, abs(pixels))
    made = mask.pixels.copy()
    made[region.box.rows, region.box.columns] = region.pixels
    return Mask(made)


def _where_uneven(
    mask: Pixels, area: Box, reach: int, change: Callable[[Pixels], Pixels]
) -> Region:
    """`change` done on squares of `area`, except where nothing within `reach` of one differs.

    It sees `reach` pixels more on every side, as far as the picture goes.
    """
    made = mask[area.rows, area.columns].copy()
    if area.empty or not reach:
        return Region(area, made)
    for box in _squares(area, max(BLOCK, 4 * reach)):
        seen = box.grow(reach).intersect(_whole(mask))
        part = np.ascontiguousarray(mask[seen.rows, seen.columns])
        if part.min() == part.max():
            continue
        x, y = box.x - seen.x, box.y - seen.y
        target = made[box.y - area.y : box.bottom - area.y, box.x - area.x : box.right - area.x]
        target[...] = change(part)[y : y + box.height, x : x + box.width]
    return Region(area, made)


def _squares(area: Box, side: int) -> Iterator[Box]:
    for y in range(area.y, area.bottom, side):
        for x in range(area.x, area.right, side):
            yield Box(x, y, side, side).intersect(area)


def _dilated(part: Pixels, radius: int) -> Pixels:
    import cv2

    whole, rest = divmod(radius, DISC)
    for step in [DISC] * whole + [rest] * (rest > 0):
        y, x = np.ogrid[-step : step + 1, -step : step + 1]
        part = np.asarray(cv2.dilate(part, (x * x + y * y <= step * step).astype(np.uint8)))
    return part


def _spread(part: Pixels, radius: int) -> Pixels:
    import cv2

    if not part.any():
        return part
    distance = cv2.distanceTransform(255 - part, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # the squares of whole distances are whole: half of one more is what rounding may take
    near = distance <= radius + 0.5 / (2 * radius + 1)
    spread: Pixels = near.view(np.uint8) * np.uint8(255)
    return spread


def _blurred(part: Pixels, reach: int) -> npt.NDArray[np.float32]:
    """Three box filters, nearly a Gaussian, that together reach exactly `reach` pixels."""
    import cv2

    values: npt.NDArray[np.float32] = part.astype(np.float32)
    for radius in _boxes(reach):
        side = 2 * radius + 1
        values = np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE))
    return values


def _boxes(reach: int) -> list[int]:
    return [radius for radius in ((reach + 2) // 3, (reach + 1) // 3, reach // 3) if radius]


def _variance(reach: int) -> float:
    """Of what `_blurred` spreads a single pixel over."""
    return sum(((2 * radius + 1) ** 2 - 1) / 12 for radius in _boxes(reach))


def _rounded(values: npt.NDArray[np.float32]) -> Pixels:
    return np.rint(values).clip(0, 255).astype(np.uint8)


def _pieces(which: npt.NDArray[np.bool_], widest: int, inside: bool = False) -> Pixels:
    """255 on the connected pieces that fit into a square of `widest`; with `inside` only on those
    that do not touch the edge."""
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(which.astype(np.uint8), connectivity=8)
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    wanted = (width <= widest) & (height <= widest)
    if inside:
        wanted &= (left > 0) & (left + width < which.shape[1])
        wanted &= (top > 0) & (top + height < which.shape[0])
    wanted[0] = False  # label 0 is everything else
    found: Pixels = (wanted.astype(np.uint8) * 255)[labels]
    return found


def _is_hard(mask: Pixels, area: Box) -> bool:
    part = mask[area.rows, area.columns]
    return not ((part > 0) & (part < 255)).any()


def _whole(mask: Pixels) -> Box:
    return Box(0, 0, mask.shape[1], mask.shape[0])
