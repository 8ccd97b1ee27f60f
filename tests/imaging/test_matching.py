from __future__ import annotations

import cv2
import numpy as np
import pytest

from studio.imaging.matching import matched

SIZE = 120


def sky() -> np.ndarray:
    """Two slopes of colour, bent, with a little grain: what seams show on most."""
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE
    colours = np.stack([60 + 90 * y + 30 * x, 90 + 60 * y**2, 160 - 50 * y], axis=2)
    grain = np.random.default_rng(0).normal(0, 1.5, colours.shape)
    return np.rint(colours + grain).clip(0, 255).astype(np.uint8)


def spot(radius: int = 30) -> np.ndarray:
    mask = np.zeros((SIZE, SIZE), np.uint8)
    cv2.circle(mask, (60, 55), radius, 255, -1)
    return mask


def away(found: np.ndarray, wanted: np.ndarray, where: np.ndarray) -> float:
    """The largest difference in any channel between the means in a region."""
    return float(np.abs((found.astype(float) - wanted)[where].mean(axis=0)).max())


SHIFTS = [(6, -4, 3), (12, 9, -10)]


@pytest.mark.parametrize("shift", SHIFTS)
def test_what_the_decoder_shifts_is_taken_off(shift: tuple[int, int, int]) -> None:
    source, mask = sky(), spot()
    fill = (source.astype(int) + shift).clip(0, 255).astype(np.uint8)
    found = matched(fill, source, mask, 1.0)
    assert np.abs(found.astype(int) - source)[mask > 0].mean() < 1
    half = matched(fill, source, mask, 0.5)
    assert away(half, source, mask > 0) == pytest.approx(max(map(abs, shift)) / 2, abs=1)


@pytest.mark.parametrize("shift", [*SHIFTS, (-20, -20, -20)])
def test_a_step_at_the_edge_of_the_mask_is_taken_off(shift: tuple[int, int, int]) -> None:
    source, mask = sky(), spot()
    inside = mask > 0
    fill = source.astype(int)
    fill[inside] += shift
    fill = fill.clip(0, 255).astype(np.uint8)
    found = matched(fill, source, mask, 1.0)
    assert away(found, source, inside) < 0.45 * max(map(abs, shift))


def test_what_differs_from_place_to_place_is_taken_off_where_it_is() -> None:
    source, mask = sky(), spot()
    slope = np.linspace(-10, 10, SIZE)[None, :, None]
    inside = mask > 0
    fill = source + slope
    found = matched(np.rint(fill).clip(0, 255).astype(np.uint8), source, mask, 1.0)
    left, right = inside.copy(), inside.copy()
    left[:, 45:] = False
    right[:, :75] = False
    assert away(found, source, left) < 2.5
    assert away(found, source, right) < 2.5


def test_a_fill_without_a_step_is_given_none() -> None:
    """A smooth bump in the fill, highest in the middle: what the model made of a glow."""
    source, mask = sky(), spot()
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    bump = 40 * np.exp(-(((x - 60) / 18) ** 2 + ((y - 55) / 18) ** 2))[..., None]
    fill = np.rint(source + bump * (mask > 0)[..., None]).clip(0, 255).astype(np.uint8)
    found = matched(fill, source, mask, 1.0)
    assert np.abs(found.astype(int) - fill).max() <= 3


def test_what_was_right_stays_and_detail_is_kept() -> None:
    source, mask = sky(), spot()
    found = matched(source, source, mask, 1.0)
    assert np.abs(found.astype(int) - source).max() <= 2
    assert away(found, source, mask > 0) < 0.5


def test_a_thing_that_was_asked_for_keeps_its_colour_even_at_the_edge() -> None:
    source, mask = sky(), spot()
    fill = source.copy()
    cv2.circle(fill, (40, 55), 12, (250, 240, 200), -1)
    fill[mask == 0] = source[mask == 0]
    found = matched(fill, source, mask, 1.0)
    thing = (fill == (250, 240, 200)).all(axis=2)
    assert away(found, fill, thing) < 4
    rest = (mask > 0) & ~cv2.dilate(thing.astype(np.uint8), np.ones((9, 9))).astype(bool)
    assert away(found, source, rest) < 4


@pytest.mark.parametrize("kind", ["none", "full", "off", "clear"])
def test_without_an_edge_nothing_is_moved(kind: str) -> None:
    source, mask = sky(), spot()
    fill = np.full_like(source, 77)
    if kind == "none":
        mask = np.zeros_like(mask)
    elif kind == "full":
        mask = np.full_like(mask, 255)
    elif kind == "clear":
        source = np.dstack([source, np.zeros_like(mask)])
    found = matched(fill, source, mask, 0.0 if kind == "off" else 1.0)
    assert np.array_equal(found, fill)


def test_large_and_small_regions_do() -> None:
    for size, radius in ((3, 1), (900, 300)):
        mask = np.zeros((size, size), np.uint8)
        cv2.circle(mask, (size // 2, size // 2), radius, 255, -1)
        source = np.full((size, size, 3), 120, np.uint8)
        fill = np.full((size, size, 3), 130, np.uint8)
        found = matched(fill, source, mask, 1.0)
        assert np.abs(found.astype(int) - 120)[mask > 0].max() <= 2
