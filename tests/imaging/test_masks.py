from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from studio.core.geometry import Box, Size
from studio.core.picture import Mask
from studio.imaging.masks import bounds, composite_mask, cover_mask

SHAPES = st.tuples(st.integers(1, 24), st.integers(1, 24))
SOFT = SHAPES.flatmap(
    lambda shape: arrays.arrays(np.uint8, shape, elements=st.sampled_from([0, 0, 0, 0, 1, 90, 255]))
)


def distances(painted):
    """Distance of each pixel to the nearest painted one, by looking at every pair."""
    here = np.indices(painted.shape).reshape(2, -1).T
    there = np.argwhere(painted)
    if not len(there):
        return np.full(painted.shape, np.inf)
    apart = np.sqrt(((here[:, None, :] - there[None]) ** 2).sum(axis=2))
    return apart.min(axis=1).reshape(painted.shape)


@given(SOFT)
def test_bounds_are_the_smallest_box_around_everything_painted(pixels):
    box = bounds(Mask(pixels))
    ys, xs = np.nonzero(pixels)
    if not len(ys):
        assert box.empty
    else:
        assert box == Box.between(xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)


@given(SOFT, st.integers(0, 9))
def test_composite_is_at_least_the_mask_and_exactly_zero_beyond_the_band(pixels, feather):
    composite = composite_mask(Mask(pixels), feather)
    assert composite.dtype == np.uint8
    assert (composite >= pixels).all()
    assert not composite[distances(pixels > 0) > feather].any()
    assert (composite[pixels == 255] == 255).all()


def test_composite_falls_smoothly_and_never_rises_on_its_way_out():
    pixels = np.zeros((1, 60), np.uint8)
    pixels[0, :20] = 255
    edge = composite_mask(Mask(pixels), 12)[0].astype(int)
    falls = -np.diff(edge)
    assert (falls >= 0).all()
    assert falls.max() < 40
    assert edge[31] > 0
    assert edge[32] == 0


def test_composite_of_a_soft_edge_has_no_ridge():
    pixels = np.zeros((9, 80), np.uint8)
    pixels[:, :40] = np.linspace(255, 1, 40).astype(np.uint8)
    edge = composite_mask(Mask(pixels), 8)[4].astype(int)
    assert (np.diff(edge) <= 0).all()
    assert edge[39] < 80


def test_a_feather_of_zero_is_the_mask_itself():
    pixels = np.array([[0, 3, 255]], np.uint8)
    assert np.array_equal(composite_mask(Mask(pixels), 0), pixels)


def test_shrinking_a_mask_is_true_to_area():
    pixels = np.zeros((6, 9), np.uint8)
    pixels[:, :4] = 255
    small = cover_mask(Mask(pixels), Size(3, 2)).pixels
    assert small.tolist() == [[255, 85, 0]] * 2
    # 10 onto 4: each new pixel covers two and a half.
    pixels = np.array([[255, 255, 255, 0, 0, 0, 0, 0, 0, 0]], np.uint8)
    assert cover_mask(Mask(pixels), Size(4, 1)).pixels.tolist() == [[255, 51, 0, 0]]


@given(SOFT, st.integers(1, 40), st.integers(1, 40))
def test_covering_loses_nothing_and_invents_nothing(pixels, width, height):
    mask = Mask(pixels)
    covered = cover_mask(mask, Size(width, height))
    assert covered.size == Size(width, height)
    assert covered.empty == mask.empty
    if (pixels == 255).all():
        assert (covered.pixels == 255).all()
    assert covered.pixels.max() <= pixels.max()


@pytest.mark.parametrize("size", [Size(1, 1), Size(50, 1), Size(1, 50), Size(7, 3)])
def test_resizing_between_odd_shapes_keeps_a_constant(size):
    mask = Mask(np.full((5, 11), 200, np.uint8))
    assert (cover_mask(mask, size).pixels == 200).all()
