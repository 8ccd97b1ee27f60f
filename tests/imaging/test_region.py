from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from studio.core.geometry import Box
from studio.imaging.region import NOWHERE, Region, combined, extent

WHOLE = Box(0, 0, 20, 12)
MASKS = arrays.arrays(np.uint8, (12, 20), elements=st.sampled_from([0, 0, 0, 90, 255]))


@st.composite
def regions(draw) -> Region:
    left, right = sorted(draw(st.tuples(st.integers(0, 20), st.integers(0, 20))))
    top, bottom = sorted(draw(st.tuples(st.integers(0, 12), st.integers(0, 12))))
    box = Box.between(left, top, right, bottom)
    elements = st.sampled_from([0, 40, 255])
    return Region(box, draw(arrays.arrays(np.uint8, (box.height, box.width), elements=elements)))


def everywhere(region: Region) -> np.ndarray:
    whole = np.zeros((12, 20), np.uint8)
    whole[region.box.rows, region.box.columns] = region.pixels
    return whole


@given(MASKS, regions(), st.sampled_from(["replace", "add", "subtract", "intersect"]))
def test_combining_is_what_it_would_be_on_the_whole_mask(mask, region, how):
    painted = extent(mask, WHOLE)
    change = combined(mask, painted, region, how)
    assert WHOLE.contains(change.box) or change.box.empty
    after = mask.copy()
    after[change.box.rows, change.box.columns] = change.pixels
    selected = everywhere(region)
    wanted = {
        "replace": selected,
        "add": np.maximum(mask, selected),
        "subtract": np.minimum(mask, 255 - selected),
        "intersect": np.minimum(mask, selected),
    }[how]
    assert np.array_equal(after, wanted)


@given(regions(), st.integers(-3, 12), st.integers(-3, 8), st.integers(1, 9), st.integers(1, 9))
def test_a_region_in_another_box_keeps_its_place(region, x, y, width, height):
    box = Box(x, y, width, height).intersect(WHOLE)
    moved = region.within(box)
    assert np.array_equal(moved.pixels, everywhere(region)[box.rows, box.columns])


@given(MASKS)
def test_the_extent_is_the_smallest_box(mask):
    box = extent(mask, WHOLE)
    rows, columns = np.nonzero(mask)
    if len(rows):
        wanted = Box.between(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert box == wanted
        assert extent(mask, box) == wanted
    else:
        assert box == NOWHERE


def test_pixels_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="not the pixels"):
        Region(Box(0, 0, 4, 3), np.zeros((4, 3), np.uint8))
