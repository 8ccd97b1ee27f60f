from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.events import Plan
from studio.core.geometry import Box, Size
from studio.core.picture import Mask, Picture
from studio.imaging.cropping import cut, cut_mask, fit, plan_crop
from studio.imaging.masks import bounds

SIDES = st.one_of(st.integers(1, 40), st.integers(1, 600), st.sampled_from([1, 2, 3000, 9000]))


def mask_with(size: Size, boxes: list[tuple[float, float, float, float]]) -> Mask:
    """Rectangles given in fractions of the picture, each at least one pixel."""
    pixels = np.zeros((size.height, size.width), np.uint8)
    for x, y, w, h in boxes:
        left, top = int(x * (size.width - 1)), int(y * (size.height - 1))
        pixels[top : top + 1 + int(h * size.height), left : left + 1 + int(w * size.width)] = 255
    return Mask(pixels)


PART = st.floats(0, 1)
BOXES = st.lists(st.tuples(PART, PART, PART, PART), max_size=3)


@settings(max_examples=50)
@given(
    SIDES,
    st.integers(1, 400),
    BOXES,
    st.sampled_from([128, 512, 1024]),
    st.sampled_from([1, 8, 16, 64]),
    st.floats(0, 2),
    st.integers(0, 64),
    st.booleans(),
)
def test_a_plan_is_inside_the_picture_around_the_mask_and_fit_for_the_model(
    long, short, boxes, native, multiple, context, feather, upright
):
    size = Size(short, long) if upright else Size(long, short)
    mask = mask_with(size, boxes)
    plan = plan_crop(size, mask, Size(native, native), multiple, context, feather)
    picture = Box.of(size)
    assert not plan.box.empty
    assert picture.contains(plan.box)
    assert plan.box.contains(bounds(mask).grow(feather).intersect(picture))
    assert plan.band == feather
    working = plan.working_size
    assert working.width % multiple == 0
    assert working.height % multiple == 0
    aspect = plan.box.width / plan.box.height
    if 1 / 4 <= aspect <= 4 and multiple <= 16:
        assert abs(math.log(working.area / native**2)) < 0.3
        stretch = (working.width / plan.box.width) / (working.height / plan.box.height)
        # Half a pixel of rounding in the box, and whole multiples at the picture's borders.
        bound = 0.06 * multiple / 8 * 128 / native + 1 / min(plan.box.width, plan.box.height)
        assert abs(math.log(stretch)) < max(0.02, bound)


def test_the_box_has_the_context_that_was_asked_for():
    size = Size(4000, 3000)
    pixels = np.zeros((3000, 4000), np.uint8)
    pixels[1000:1400, 2000:2400] = 255
    plan = plan_crop(size, Mask(pixels), Size(512, 512), 8, 0.5, 8)
    assert plan.box == Box(1792, 792, 816, 816)
    assert plan.working_size == Size(512, 512)


def test_context_that_would_leave_the_picture_is_taken_from_the_other_side():
    pixels = np.zeros((1000, 1000), np.uint8)
    pixels[:200, :200] = 255
    plan = plan_crop(Size(1000, 1000), Mask(pixels), Size(256, 256), 8, 0.5, 0)
    assert plan.box == Box(0, 0, 400, 400)


def test_a_picture_of_the_models_own_size_is_taken_whole_and_not_resampled():
    mask = mask_with(Size(128, 128), [(0.5, 0.5, 0.1, 0.1)])
    plan = plan_crop(Size(128, 128), mask, Size(128, 128), 8, 0.5, 8)
    assert plan == Plan(Box(0, 0, 128, 128), Size(128, 128), 8)
    pixels = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    assert np.array_equal(cut(Picture(pixels), plan).pixels, pixels)


def test_a_cut_is_where_the_plan_says():
    pixels = np.random.default_rng(1).integers(0, 256, (90, 80, 3), np.uint8)
    plan = Plan(Box(7, 11, 32, 48), Size(32, 48), 4)
    assert np.array_equal(cut(Picture(pixels), plan).pixels, pixels[11:59, 7:39])


def test_shrinking_and_enlarging_shift_nothing():
    ramp = np.linspace(0, 255, 64, dtype=np.float32)
    pixels = np.repeat(np.rint(ramp).astype(np.uint8)[None, :, None], 64, 0).repeat(3, 2)
    for working in (Size(16, 16), Size(256, 256)):
        small = cut(Picture(pixels), Plan(Box(0, 0, 64, 64), working, 0)).pixels
        centre = (np.arange(working.width) + 0.5) * 64 / working.width - 0.5
        expected = np.interp(centre, np.arange(64), ramp)
        inner = slice(working.width // 8, -working.width // 8)
        assert np.abs(small[working.height // 2, inner, 0] - expected[inner]).max() < 2


def test_transparency_is_cut_as_it_looks_on_white():
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[8:, :, 3] = 255
    found = cut(Picture(pixels), Plan(Box(0, 0, 16, 16), Size(16, 16), 0)).pixels
    assert (found[:8] == 255).all()
    assert (found[8:] == 0).all()


def test_a_single_pixel_survives_in_the_working_mask():
    pixels = np.zeros((2000, 2000), np.uint8)
    pixels[1999, 3] = 255
    small = cut_mask(Mask(pixels), Plan(Box(0, 0, 2000, 2000), Size(64, 64), 8))
    assert small.size == Size(64, 64)
    assert np.argwhere(small.pixels).tolist() == [[63, 0]]


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 80), st.integers(1, 80))
def test_fit_covers_any_size(width, height, to_width, to_height):
    grey = Picture(np.full((height, width, 4), 255, np.uint8) * np.uint8([1, 1, 1, 1]))
    fitted = fit(grey, Size(to_width, to_height))
    assert fitted.size == Size(to_width, to_height)
    assert not fitted.has_alpha
    assert (fitted.pixels == 255).all()


@pytest.mark.parametrize("upright", [False, True])
def test_fit_keeps_the_middle(upright):
    pixels = np.zeros((40, 120, 3), np.uint8)
    pixels[:, 40:80] = 200
    picture = Picture(pixels.transpose(1, 0, 2) if upright else pixels)
    assert (fit(picture, Size(40, 40)).pixels == 200).all()


def test_fit_of_the_same_size_changes_nothing():
    pixels = np.random.default_rng(2).integers(0, 256, (20, 30, 3), np.uint8)
    assert np.array_equal(fit(Picture(pixels), Size(30, 20)).pixels, pixels)
