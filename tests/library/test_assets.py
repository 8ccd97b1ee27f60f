from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import CannotOpen
from studio.core.picture import Mask, Picture
from studio.core.record import Asset
from studio.library.assets import Assets

PICTURE = Picture(np.arange(48, dtype=np.uint8).reshape(4, 4, 3))
MASK = Mask(np.arange(16, dtype=np.uint8).reshape(4, 4))


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Assets:
    return Assets(tmp_path_factory.mktemp("assets"))


@given(st.integers(1, 20), st.integers(1, 20), st.sampled_from([3, 4]), st.integers(0, 99))
def test_pictures_come_back_byte_for_byte(shared, width, height, channels, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    pixels[..., -1] |= 254  # opaque pictures with alpha keep it too
    assert np.array_equal(shared.picture(shared.keep(Picture(pixels))).pixels, pixels)


def test_masks_come_back_byte_for_byte(tmp_path):
    assets = Assets(tmp_path)
    asset = assets.keep(MASK, "my mask")
    assert asset.name == "my mask"
    assert np.array_equal(assets.mask(asset).pixels, MASK.pixels)


def test_the_same_pixels_are_kept_once_and_others_apart(tmp_path):
    assets = Assets(tmp_path)
    one, two = assets.keep(PICTURE, "a"), Assets(tmp_path).keep(PICTURE, "b")
    assert one.sha256 == two.sha256
    assert files(tmp_path) == [tmp_path / one.sha256[:2] / f"{one.sha256}.png"]
    wide = Picture(PICTURE.pixels.reshape(2, 8, 3))
    assert assets.keep(wide).sha256 != one.sha256
    assert len(files(tmp_path)) == 2


def test_a_lost_a_damaged_and_a_mistaken_asset_are_said_so(tmp_path):
    assets = Assets(tmp_path)
    asset = assets.keep(PICTURE, "photo.jpg")
    with pytest.raises(CannotOpen, match=r"mask photo\.jpg in the library is damaged"):
        assets.mask(asset)
    (file,) = files(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[:40])
    with pytest.raises(CannotOpen, match="damaged"):
        assets.picture(asset)
    other = Assets(tmp_path / "other")
    other.keep(Picture(255 - PICTURE.pixels))
    file.write_bytes(files(tmp_path / "other")[0].read_bytes())
    with pytest.raises(CannotOpen, match="damaged"):
        assets.picture(asset)
    file.unlink()
    with pytest.raises(CannotOpen, match="no longer in the library"):
        assets.picture(asset)
    with pytest.raises(CannotOpen, match="no longer in the library"):
        assets.picture(Asset("../../../etc/passwd"))


def test_keeping_mends_what_was_lost_or_damaged(tmp_path):
    asset = Assets(tmp_path).keep(PICTURE)
    (file,) = files(tmp_path)
    file.write_bytes(b"damaged")
    assets = Assets(tmp_path)
    assets.keep(PICTURE)
    assert np.array_equal(assets.picture(asset).pixels, PICTURE.pixels)
    file.unlink()
    assets.keep(PICTURE)
    assert np.array_equal(assets.picture(asset).pixels, PICTURE.pixels)


def test_a_photo_is_kept_once_and_written_again_if_it_was_damaged(tmp_path: Path) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (1500, 1500, 3), np.uint8)
    photo = Picture(pixels)
    first = Assets(tmp_path).keep(photo)
    (file,) = tmp_path.rglob("*.png")
    written = file.stat().st_mtime_ns
    assets = Assets(tmp_path)
    assert assets.keep(Picture(pixels)) == first
    assert file.stat().st_mtime_ns == written
    assert np.array_equal(assets.picture(first).pixels, pixels)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    later = Assets(tmp_path)
    assert later.keep(photo) == first
    assert np.array_equal(later.picture(first).pixels, pixels)
