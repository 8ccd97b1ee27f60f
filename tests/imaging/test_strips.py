from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from studio.core.picture import Mask, Picture, Pixels
from studio.imaging import strips
from studio.imaging.encoding import png_bytes, png_pixels
from studio.imaging.strips import combined, png_chunks


def noise(height: int, width: int, channels: int, seed: int = 0) -> Pixels:
    shape = (height, width, channels) if channels > 1 else (height, width)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.fixture
def small_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strips, "STRIP", 500)
    monkeypatch.setattr(strips, "LARGE", 1)


@pytest.fixture
def packed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of rows of each strip that is really compressed."""
    rows: list[int] = []
    pack = strips._strip

    def counted(pixels: Pixels, channels: int) -> strips.Strip:
        rows.append(len(pixels))
        return pack(pixels, channels)

    monkeypatch.setattr(strips, "_strip", counted)
    return rows


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (37, 53)])
@pytest.mark.usefixtures("small_strips")
def test_every_pixel_comes_back(size: tuple[int, int], channels: int) -> None:
    pixels = noise(*size, channels)
    data = b"".join(png_chunks(pixels))
    assert np.array_equal(png_pixels(data), pixels)
    with Image.open(io.BytesIO(data)) as image:
        image.verify()  # every checksum


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_checksums_of_parts_make_that_of_the_whole(parts: list[bytes]) -> None:
    adler = 1
    for part in parts:
        adler = combined(adler, zlib.adler32(part), len(part))
    assert adler == zlib.adler32(b"".join(parts))


def test_long_runs_of_the_largest_byte_do_not_overflow() -> None:
    one, other = b"\xff" * 70000, b"\xff" * 131072
    found = combined(zlib.adler32(one), zlib.adler32(other), len(other))
    assert found == zlib.adler32(one + other)


@pytest.mark.usefixtures("small_strips")
def test_an_edit_compresses_only_what_it_changed(packed: list[int]) -> None:
    pixels = noise(60, 50, 3)
    photo = Picture(pixels)
    png_chunks(photo.pixels, photo)
    assert sum(packed) == 60
    packed.clear()
    pixels = photo.pixels.copy()
    pixels[30:33, 5:9] ^= 255
    edit = Picture(pixels)
    data = b"".join(png_chunks(edit.pixels, edit))
    assert np.array_equal(png_pixels(data), pixels)
    assert 0 < sum(packed) <= 6
    packed.clear()
    assert b"".join(png_chunks(edit.pixels, edit)) == data
    assert packed == []


@pytest.mark.usefixtures("small_strips")
def test_pictures_that_are_gone_are_forgotten(packed: list[int]) -> None:
    photo = Picture(noise(20, 20, 3, seed=5))
    png_chunks(photo.pixels, photo)
    pixels = photo.pixels.copy()
    del photo
    packed.clear()
    png_chunks(pixels)
    assert sum(packed) == 20


@pytest.mark.parametrize("mask", [False, True])
def test_large_pictures_keep_their_texts_before_their_pixels(mask: bool) -> None:
    height, width = 1024, strips.LARGE // 1024
    item = Mask(noise(height, width, 1)) if mask else Picture(noise(height, width, 3))
    data = png_bytes(item, {"parameters": "ein Wort über Bäume"})
    assert data.index(b"parameters") < data.index(b"IDAT")
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.info["parameters"] == "ein Wort über Bäume"
        assert np.array_equal(np.asarray(image), item.pixels)
