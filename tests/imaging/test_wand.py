from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from studio.imaging.region import Region
from studio.imaging.wand import by_color

SHAPES = st.tuples(st.integers(1, 14), st.integers(1, 14), st.sampled_from([3, 4]))
PIXELS = SHAPES.flatmap(
    lambda shape: arrays.arrays(np.uint8, shape, elements=st.sampled_from([0, 10, 20, 250, 255]))
)


def selected(pixels: np.ndarray, region: Region) -> np.ndarray:
    whole = np.zeros(pixels.shape[:2], np.uint8)
    whole[region.box.rows, region.box.columns] = region.pixels
    return whole


def alike(pixels: np.ndarray, x: int, y: int, tolerance: int) -> np.ndarray:
    apart = np.abs(pixels.astype(int) - pixels[y, x].astype(int))
    if pixels.shape[2] == 4 and pixels[y, x, 3] == 0:
        apart = apart[..., 3:]
    return (apart <= tolerance).all(axis=2)


def joined(which: np.ndarray, x: int, y: int) -> np.ndarray:
    """Reached from (x, y) by going from side to side, one pixel at a time."""
    reached = np.zeros_like(which)
    waiting = [(x, y)]
    while waiting:
        x, y = waiting.pop()
        inside = 0 <= y < which.shape[0] and 0 <= x < which.shape[1]
        if inside and which[y, x] and not reached[y, x]:
            reached[y, x] = True
            waiting += [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
    return reached


@given(PIXELS, st.data(), st.sampled_from([0, 9, 10, 60, 255]), st.booleans())
def test_the_wand_takes_exactly_what_is_alike_and_joined(pixels, data, tolerance, contiguous):
    x = data.draw(st.integers(0, pixels.shape[1] - 1))
    y = data.draw(st.integers(0, pixels.shape[0] - 1))
    pixels.flags.writeable = False  # as a picture's pixels are
    region = by_color(pixels, x, y, tolerance, contiguous)
    wanted = alike(pixels, x, y, tolerance)
    if contiguous:
        wanted = joined(wanted, x, y)
    assert np.array_equal(selected(pixels, region), np.where(wanted, 255, 0))
