import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Box, Size
from studio.ui import canvas_mips
from studio.ui.canvas_mips import (
    Pyramid,
    best_level,
    enlarged,
    enlargement,
    halved,
    premultiplied,
)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("shape", [(8, 6), (7, 5, 3), (1, 9, 4), (1, 1, 3), (2, 1)])
def test_halving_takes_the_mean_of_four(shape):
    pixels = noise(*shape)
    small = halved(pixels)
    assert small.shape == ((shape[0] + 1) // 2, (shape[1] + 1) // 2, *shape[2:])
    for y in range(small.shape[0]):
        for x in range(small.shape[1]):
            rows = [min(2 * y + d, shape[0] - 1) for d in (0, 1)]
            columns = [min(2 * x + d, shape[1] - 1) for d in (0, 1)]
            four = pixels[np.ix_(rows, columns)].astype(float)
            assert np.abs(small[y, x] - four.mean(axis=(0, 1))).max() <= 0.51


@settings(max_examples=40)
@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.lists(
        st.tuples(st.integers(0, 69), st.integers(0, 69), st.integers(1, 40), st.integers(1, 40)),
        max_size=3,
    ),
)
def test_an_updated_pyramid_is_the_one_made_afresh(width, height, boxes):
    pixels = noise(height, width)
    pyramid = Pyramid(pixels)
    pyramid.level(pyramid.top)
    for x, y, w, h in boxes:
        box = Box(x, y, w, h).intersect(Box(0, 0, width, height))
        if not box.empty:
            pixels[box.rows, box.columns] = (x * 7 + y) % 256
            pyramid.update(box)
    fresh = Pyramid(pixels.copy())
    for k in range(pyramid.top + 1):
        assert (pyramid.level(k) == fresh.level(k)).all()


@settings(max_examples=40)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 60), st.integers(0, 60))
def test_a_pyramid_of_a_mostly_empty_mask_is_the_one_of_all_of_it(width, height, x, y):
    pixels = np.zeros((height, width), np.uint8)
    box = Box(x, y, 9, 7).intersect(Box(0, 0, width, height))
    if not box.empty:
        pixels[box.rows, box.columns] = 200
    sparse, whole = Pyramid(pixels, box), Pyramid(pixels)
    for k in range(whole.top + 1):
        assert np.array_equal(sparse.level(k), whole.level(k))
        assert sparse.size(k) == Size(whole.level(k).shape[1], whole.level(k).shape[0])


@pytest.mark.parametrize("channels", [3, 4])
def test_levels_made_bit_by_bit_are_the_same_and_coarse_until_then(monkeypatch, channels):
    pixels = noise(61, 83, channels)
    slow, whole = Pyramid(pixels), Pyramid(pixels)
    whole.level(3)
    monkeypatch.setattr(canvas_mips, "_BAND", 600)
    everything = Box.of(slow.size(3))
    work = slow.build(3)
    coarse = slow.part(3, everything)
    assert np.array_equal(coarse, premultiplied(pixels[::8, ::8]))
    turns = 0
    for _ in work:
        assert slow.part(3, everything).shape == coarse.shape
        turns += 1
    assert turns > 10
    assert slow.ready(3)
    for k in range(1, 4):
        assert np.array_equal(slow.level(k), whole.level(k))
    assert np.array_equal(slow.part(3, Box(2, 1, 5, 4)), whole.level(3)[1:5, 2:7])


def test_the_level_drawn_is_less_than_twice_too_large():
    levels = [best_level(zoom, 9) for zoom in (32, 1, 0.9, 0.5, 0.49, 0.25, 0.1, 0.001)]
    assert levels == [0, 0, 0, 1, 1, 2, 3, 9]


def test_small_pictures_are_enlarged_by_a_power_of_two_and_large_ones_not():
    small, large = np.zeros((128, 128, 3), np.uint8), np.zeros((2000, 3000, 3), np.uint8)
    assert [enlargement(small, z) for z in (0.5, 1, 2, 5.3, 32)] == [1, 1, 2, 4, 8]
    assert enlargement(large, 8) == 1


def test_enlarging_keeps_even_colours_and_weighs_by_alpha():
    even = np.full((4, 4, 3), (10, 130, 250), np.uint8)
    assert (enlarged(even, 4) == (10, 130, 250)).all()
    half = np.zeros((4, 4, 4), np.uint8)
    half[:, 2:] = (200, 100, 50, 255)
    large = enlarged(half, 4)
    seen = large[..., 3] > 20
    assert (
        np.abs(large[seen][:, :3].astype(int) - (200, 100, 50)).max() <= 16
    )  # bicubic goes over by that


def test_colours_are_multiplied_by_alpha():
    pixels = np.array([[[200, 100, 50, 128], [200, 100, 50, 0]]], np.uint8)
    assert premultiplied(pixels).tolist() == [[[100, 50, 25, 128], [0, 0, 0, 0]]]
    opaque = pixels[..., :3]
    assert premultiplied(opaque) is opaque
