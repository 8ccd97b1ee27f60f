from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from studio.core.errors import BadInput, CannotWrite
from studio.core.picture import Mask, Picture
from studio.imaging.encoding import encode, png_bytes, png_pixels
from tests.imaging.photos import decoded


@given(st.integers(1, 50), st.integers(1, 50), st.sampled_from([0, 3, 4]), st.integers(0, 999))
def test_png_gives_the_very_pixels_back(width, height, channels, seed):
    shape = (height, width, channels) if channels else (height, width)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    item = Picture(pixels) if channels else Mask(pixels)
    assert np.array_equal(png_pixels(png_bytes(item)), pixels)


def test_texts_are_unicode_and_stand_before_the_pixels():
    data = png_bytes(Picture(np.zeros((2, 2, 3), np.uint8)), {"parameters": "雪 \ud83d\n2"})
    assert data.index(b"iTXt") < data.index(b"IDAT")
    with Image.open(io.BytesIO(data)) as image:
        assert image.info["parameters"] == "雪 ?\n2"


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".webp", ".tiff", ".tif", ".PNG"])
def test_every_format_opens_as_it_was(suffix):
    y, x = np.mgrid[:40, :60]
    pixels = np.dstack((x * 4, y * 6, x + y)).astype(np.uint8)
    opened = decoded(encode(Picture(pixels), suffix, {"parameters": "a"}))
    assert np.abs(opened.picture.pixels.astype(int) - pixels).mean() < 2


def test_transparency_is_kept_or_laid_on_white():
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[:8, :, 3] = 255
    for suffix in (".png", ".webp", ".tiff"):
        assert decoded(encode(Picture(pixels), suffix)).picture.has_alpha
    paper = decoded(encode(Picture(pixels), ".jpg")).picture.pixels
    assert paper[:7].max() < 8
    assert paper[9:].min() > 247


@pytest.mark.parametrize("suffix", ["", ".xyz", ".exe"])
def test_an_unknown_format_is_refused(suffix):
    with pytest.raises(BadInput, match="cannot be saved as"):
        encode(Picture(np.zeros((2, 2, 3), np.uint8)), suffix)


def test_a_picture_too_large_for_its_format_is_refused():
    with pytest.raises(CannotWrite, match="16383"):
        encode(Picture(np.zeros((1, 16384, 3), np.uint8)), ".webp")
