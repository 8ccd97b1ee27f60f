from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from studio.core.geometry import Box
from studio.core.picture import Mask
from studio.imaging import reshaping
from studio.imaging.region import extent
from studio.imaging.reshaping import (
    despeckled,
    feathered,
    filled,
    grow,
    grown,
    inverted,
    shrunk,
    smoothed,
)

SHAPES = st.tuples(st.integers(1, 24), st.integers(1, 24))
HARD = SHAPES.flatmap(
    lambda shape: arrays.arrays(np.uint8, shape, elements=st.sampled_from([0, 0, 0, 255]))
)
SOFT = SHAPES.flatmap(
    lambda shape: arrays.arrays(np.uint8, shape, elements=st.sampled_from([0, 0, 0, 0, 1, 90, 255]))
)
OPERATIONS = [grown, shrunk, feathered, smoothed, filled, despeckled]


def distances(painted, square=False):
    """Distance of each pixel to the nearest painted one, by looking at every pair; `square`:
    the larger of across and down."""
    here = np.indices(painted.shape).reshape(2, -1).T
    there = np.argwhere(painted)
    if not len(there):
        return np.full(painted.shape, np.inf)
    apart = np.abs(here[:, None, :] - there[None])
    apart = apart.max(axis=2) if square else np.sqrt((apart**2).sum(axis=2))
    return apart.min(axis=1).reshape(painted.shape)


def done(operation, pixels, amount):
    """The whole mask after an operation."""
    whole = Box(0, 0, pixels.shape[1], pixels.shape[0])
    region = operation(pixels, extent(pixels, whole), amount)
    assert region.box.empty or whole.contains(region.box)
    after = pixels.copy()
    after[region.box.rows, region.box.columns] = region.pixels
    return after


@given(HARD, st.integers(1, 20))
def test_growing_reaches_exactly_the_pixels_within_the_radius(pixels, radius):
    assert np.array_equal(done(grown, pixels, radius) == 255, distances(pixels > 0) <= radius)


@given(HARD, st.integers(1, 20))
def test_shrinking_takes_off_exactly_the_pixels_near_the_outside(pixels, radius):
    assert np.array_equal(done(shrunk, pixels, radius) == 255, distances(pixels == 0) > radius)


@given(SOFT, st.integers(1, 8))
def test_growing_a_soft_mask_takes_the_highest_within_the_radius(pixels, radius):
    after = done(grown, pixels, radius)
    for height in (1, 90, 255):
        assert np.array_equal(after >= height, distances(pixels >= height) <= radius)


def test_growing_a_soft_mask_far_stays_nearly_round():
    pixels = np.zeros((101, 101), np.uint8)
    pixels[50, 50], pixels[50, 51] = 255, 9
    after = done(grown, pixels, 40) == 255
    apart = distances(pixels == 255)
    assert after[apart <= 37].all()
    assert not after[apart > 40].any()


@given(SOFT, st.integers(0, 9))
def test_whole_masks_grow_and_shrink_by_sign(pixels, amount):
    for sign, operation in ((1, grown), (-1, shrunk)):
        after = grow(Mask(pixels.copy()), sign * amount).pixels
        assert np.array_equal(after, done(operation, pixels, amount))


@given(SOFT, st.sampled_from(OPERATIONS), st.integers(0, 9))
def test_an_amount_reaches_no_farther_than_it_says(pixels, operation, amount):
    after = done(operation, pixels, amount)
    square = operation in (feathered, smoothed)
    assert not after[distances(pixels > 0, square) > amount].any()
    if operation is not despeckled:
        assert (after[distances(pixels < 255, square) > amount] == 255).all()
    if not amount:
        assert np.array_equal(after, pixels)


@pytest.mark.parametrize("operation", [grown, shrunk, feathered, smoothed])
def test_working_in_squares_leaves_no_seam(monkeypatch, operation):
    rng = np.random.default_rng(0)
    pixels = np.zeros((90, 130), np.uint8)
    for x, y in rng.integers(5, 85, (12, 2)):
        pixels[y : y + 9, x : x + 9] = rng.integers(1, 255)
    at_once = done(operation, pixels, 6)
    monkeypatch.setattr(reshaping, "BLOCK", 16)
    assert np.array_equal(done(operation, pixels, 6), at_once)
    assert not np.array_equal(at_once, pixels)


def test_an_even_mask_is_left_alone_and_looked_at_once(monkeypatch):
    monkeypatch.setattr(reshaping, "_blurred", None)
    pixels = np.full((50, 60), 255, np.uint8)
    assert (done(feathered, pixels, 5) == 255).all()


def test_feathering_makes_a_slope_as_wide_as_it_says():
    pixels = np.zeros((9, 80), np.uint8)
    pixels[:, :40] = 255
    slope = done(feathered, pixels, 12)[4].astype(int)
    assert (slope[:28] == 255).all()
    assert (slope[52:] == 0).all()
    assert (np.diff(slope) <= 0).all()
    assert np.diff(slope).min() > -40
    assert slope[39] + slope[40] == 255


def test_smoothing_rounds_a_corner_and_keeps_a_straight_edge():
    pixels = np.zeros((80, 80), np.uint8)
    pixels[20:60, 20:60] = 255
    pixels[19, 40] = 255  # a jag
    after = done(smoothed, pixels, 9)
    assert after[40, 40] == 255
    assert after[20, 20] == 0
    assert after[19, 40] < 100
    assert after[21, 40] > 200
    assert after[40, 18] == 0
    assert after[40, 22] == 255


def test_holes_are_filled_up_to_their_size_and_bays_are_not():
    pixels = np.zeros((40, 60), np.uint8)
    pixels[5:35, 5:55] = 255
    pixels[10:13, 10:13] = 0
    pixels[12, 13] = 200  # its soft rim
    pixels[20:30, 20:31] = 0
    pixels[5:15, 40:43] = 0  # open to the outside
    assert done(filled, pixels, 2).tolist() == pixels.tolist()
    small = done(filled, pixels, 5)
    assert (small[10:13, 10:14] == 255).all()
    assert (small[20:30, 20:31] == 0).all()
    large = done(filled, pixels, 100)
    assert (large[5:35, 5:40] == 255).all()
    assert (large[5:15, 40:43] == 0).all()


def test_a_hole_that_leaves_the_picture_is_none():
    pixels = np.full((20, 20), 255, np.uint8)
    pixels[0:5, 8:12] = 0
    assert np.array_equal(done(filled, pixels, 100), pixels)


def test_specks_go_and_larger_islands_stay():
    pixels = np.zeros((40, 60), np.uint8)
    pixels[5:8, 5:8] = 200
    pixels[20:30, 20:40] = 255
    after = done(despeckled, pixels, 4)
    assert not after[:15].any()
    assert (after[20:30, 20:40] == 255).all()


@given(SOFT)
def test_inverting_twice_is_nothing(pixels):
    assert np.array_equal(inverted(inverted(pixels).pixels).pixels, pixels)
