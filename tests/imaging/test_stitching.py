from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.events import Plan
from studio.core.geometry import Box, Size
from studio.core.picture import Mask, Picture
from studio.imaging import stitching
from studio.imaging.cropping import cut, plan_crop
from studio.imaging.masks import composite_mask
from studio.imaging.stitching import stitch

KINDS = ["one pixel", "corner", "edge", "full", "islands", "soft", "empty"]


def painted(kind: str, size: Size, chance: np.random.Generator) -> Mask:
    pixels = np.zeros((size.height, size.width), np.uint8)
    y, x = int(chance.integers(size.height)), int(chance.integers(size.width))
    if kind == "one pixel":
        pixels[y, x] = 255
    elif kind == "corner":
        pixels[: 1 + size.height // 5, : 1 + size.width // 5] = 255
    elif kind == "edge":
        pixels[:, -1] = 255
    elif kind == "full":
        pixels[:] = 255
    elif kind == "islands":
        pixels[chance.random(pixels.shape) > 0.99] = 255
    elif kind == "soft":
        part = pixels[y : y + 40, x : x + 40]
        part[:] = chance.integers(0, 256, part.shape)
    return Mask(pixels)


@settings(max_examples=50)
@given(
    st.one_of(st.integers(1, 40), st.integers(1, 600)),
    st.one_of(st.integers(1, 40), st.integers(1, 400)),
    st.sampled_from(KINDS),
    st.booleans(),
    st.integers(0, 24),
    st.integers(0, 2**32 - 1),
)
def test_nothing_outside_the_composite_mask_changes(width, height, kind, alpha, feather, seed):
    chance = np.random.default_rng(seed)
    size = Size(width, height)
    source = Picture(chance.integers(0, 256, (height, width, 4 if alpha else 3), np.uint8))
    mask = painted(kind, size, chance)
    plan = plan_crop(size, mask, Size(64, 64), 8, 0.5, feather)
    working = plan.working_size
    fill = Picture(chance.integers(0, 256, (working.height, working.width, 3), np.uint8))
    result, changed = stitch(source, fill, mask, plan)
    outside = composite_mask(mask, feather) == 0
    assert result.pixels.shape == source.pixels.shape
    assert np.array_equal(result.pixels[outside], source.pixels[outside])
    assert changed == 0
    if kind == "full" and size == working:
        assert np.array_equal(result.pixels[..., :3], fill.pixels)


@given(st.sampled_from(KINDS), st.integers(0, 16), st.integers(0, 2**32 - 1))
def test_an_identity_fill_at_scale_one_changes_no_byte_at_all(kind, feather, seed):
    chance = np.random.default_rng(seed)
    size = Size(96, 64)
    source = Picture(chance.integers(0, 256, (64, 96, 3), np.uint8))
    mask = painted(kind, size, chance)
    plan = Plan(Box(0, 0, 96, 64), size, feather)
    result, changed = stitch(source, cut(source, plan), mask, plan)
    assert np.array_equal(result.pixels, source.pixels)
    assert changed == 0


def test_a_fill_lands_on_the_very_pixels_of_the_mask():
    source = Picture(np.zeros((60, 80, 3), np.uint8))
    pixels = np.zeros((60, 80), np.uint8)
    pixels[20:31, 40:53] = 255
    plan = Plan(Box(24, 8, 40, 40), Size(160, 160), 0)
    fill = Picture(np.full((160, 160, 3), 255, np.uint8))
    result, _ = stitch(source, fill, Mask(pixels), plan)
    assert np.array_equal(result.pixels[..., 1], pixels)


def test_the_fill_is_mixed_in_by_the_composite_mask():
    source = Picture(np.full((40, 40, 3), 10, np.uint8))
    pixels = np.zeros((40, 40), np.uint8)
    pixels[15:25, 15:25] = 255
    plan = Plan(Box(0, 0, 40, 40), Size(40, 40), 6)
    result, _ = stitch(source, Picture(np.full((40, 40, 3), 200, np.uint8)), Mask(pixels), plan)
    share = composite_mask(Mask(pixels), 6) / 255
    assert np.abs(result.pixels[..., 0] - (10 + 190 * share)).max() <= 0.5 + 1e-6


def test_a_fill_on_transparency_is_there_to_be_seen():
    source = Picture(np.zeros((8, 8, 4), np.uint8))
    pixels = np.zeros((8, 8), np.uint8)
    pixels[2:4, 2:4] = 255
    pixels[4, 4] = 128
    plan = Plan(Box(0, 0, 8, 8), Size(8, 8), 0)
    result, _ = stitch(source, Picture(np.full((8, 8, 3), 90, np.uint8)), Mask(pixels), plan)
    assert result.pixels[2, 2].tolist() == [90, 90, 90, 255]
    assert result.pixels[4, 4].tolist() == [90, 90, 90, 128]
    assert result.pixels[0, 0].tolist() == [0, 0, 0, 0]


def test_ten_fills_leave_the_rest_as_it_was():
    chance = np.random.default_rng(3)
    source = picture = Picture(chance.integers(0, 256, (300, 400, 3), np.uint8))
    touched = np.zeros((300, 400), bool)
    for _ in range(10):
        mask = painted("soft", picture.size, chance)
        plan = plan_crop(picture.size, mask, Size(64, 64), 8, 0.5, 5)
        fill = Picture(chance.integers(0, 256, cut(picture, plan).pixels.shape, np.uint8))
        picture, changed = stitch(picture, fill, mask, plan)
        touched |= composite_mask(mask, 5) > 0
        assert changed == 0
    assert np.array_equal(picture.pixels[~touched], source.pixels[~touched])


def test_changed_pixels_are_counted_not_assumed(monkeypatch):
    def careless(region, painted, share):
        region[...] = painted

    monkeypatch.setattr(stitching, "_blend", careless)
    source = Picture(np.zeros((600, 50, 3), np.uint8))
    pixels = np.zeros((600, 50), np.uint8)
    pixels[250:260, 10:20] = 255
    pixels[250, 10] = 0
    plan = Plan(Box(0, 240, 50, 50), Size(50, 50), 0)
    fill = Picture(np.full((50, 50, 3), 9, np.uint8))
    assert stitch(source, fill, Mask(pixels), plan)[1] == 1


def test_a_fill_of_another_size_is_a_mistake_of_the_caller():
    picture, mask = Picture(np.zeros((8, 8, 3), np.uint8)), Mask(np.zeros((8, 8), np.uint8))
    plan = Plan(Box(0, 0, 8, 8), Size(16, 16), 0)
    with pytest.raises(ValueError, match="16x16"):
        stitch(picture, picture, mask, plan)
