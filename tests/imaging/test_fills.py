from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.filling import FILLS
from studio.core.geometry import Margins, Size
from studio.core.picture import Mask, Picture
from studio.imaging.extending import extended
from studio.imaging.fills import GREY, filled

NAMES = [name for name, *_ in FILLS]


def ramp(width: int = 64, height: int = 48) -> Picture:
    """A slope of colours from left to right."""
    line = np.linspace(40, 200, width, dtype=np.float32)
    pixels = np.stack([line, 240 - line, np.full_like(line, 90)], axis=1)
    return Picture(np.rint(np.repeat(pixels[None], height, 0)).astype(np.uint8))


def hole(size: Size, left: int = 20, top: int = 14, side: int = 20) -> Mask:
    pixels = np.zeros((size.height, size.width), np.uint8)
    pixels[top : top + side, left : left + side] = 255
    return Mask(pixels)


def stained(picture: Picture, mask: Mask) -> Picture:
    """With something under the mask that must not be found again."""
    pixels = picture.pixels.copy()
    pixels[mask.pixels > 0] = (255, 0, 255)
    return Picture(pixels)


@pytest.mark.parametrize("fill", ["blurred", "edges"])
@pytest.mark.parametrize("side", [3, 20, 44])
def test_a_slope_goes_on_under_the_mask_whatever_was_there(fill: str, side: int) -> None:
    clean = ramp()
    mask = hole(clean.size, 10, 2, side)
    found = filled(stained(clean, mask), mask, fill).pixels.astype(int)
    away = np.abs(found - clean.pixels)
    assert away.max() <= {"blurred": 40, "edges": 80}[fill]
    assert away.mean() < 16


def test_neutral_is_grey_and_original_and_noise_leave_the_pixels() -> None:
    picture = ramp()
    mask = hole(picture.size)
    covered = mask.pixels > 0
    assert (filled(picture, mask, "neutral").pixels[covered] == GREY).all()
    for fill in ("original", "noise"):
        assert filled(picture, mask, fill) is picture


@given(
    st.sampled_from(NAMES),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from(["full", "pixel", "soft", "islands", "empty"]),
    st.integers(0, 2**32 - 1),
)
def test_only_what_is_covered_changes(fill: str, width: int, height: int, kind: str, seed: int):
    chance = np.random.default_rng(seed)
    picture = Picture(chance.integers(0, 256, (height, width, 3), np.uint8))
    pixels = np.zeros((height, width), np.uint8)
    if kind == "full":
        pixels[:] = 255
    elif kind == "pixel":
        pixels[height // 2, width // 2] = 255
    elif kind == "soft":
        pixels[:] = chance.integers(0, 256, pixels.shape)
    elif kind == "islands":
        pixels[chance.random(pixels.shape) > 0.8] = 255
    made = filled(picture, Mask(pixels), fill).pixels
    assert made.shape == picture.pixels.shape
    assert np.array_equal(made[pixels == 0], picture.pixels[pixels == 0])


def test_a_soft_mask_lets_through_what_was_there() -> None:
    picture = ramp()
    half = Mask(np.full((48, 64), 128, np.uint8))
    found = filled(picture, half, "neutral").pixels
    expected = picture.pixels + (GREY - picture.pixels.astype(float)) * 128 / 255
    assert np.abs(found - expected).max() <= 0.5


def test_a_fill_that_does_not_exist_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="magic"):
        filled(ramp(), hole(Size(64, 48)), "magic")


@pytest.mark.parametrize("alpha", [False, True])
def test_margins_are_masked_and_the_picture_is_in_its_place(alpha: bool) -> None:
    source = np.random.default_rng(0).integers(0, 256, (9, 13, 4 if alpha else 3), np.uint8)
    margins = Margins(3, 0, 5, 7)
    picture, mask = extended(Picture(source), None, margins)
    assert picture.size == mask.size == Size(21, 16)
    assert np.array_equal(picture.pixels[:9, 3:16], source)
    assert not mask.pixels[:9, 3:16].any()
    assert int((mask.pixels == 255).sum()) == 21 * 16 - 9 * 13
    assert (picture.pixels[:9, :3] == source[:, :1]).all()


def test_what_was_painted_goes_with_the_picture() -> None:
    pixels = np.zeros((9, 13), np.uint8)
    pixels[2, 4] = 77
    _, mask = extended(Picture(np.zeros((9, 13, 3), np.uint8)), Mask(pixels), Margins(1, 2, 0, 0))
    assert mask.pixels[4, 5] == 77
    assert (mask.pixels[:2] == 255).all()
