from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.core.saving import Saving
from studio.imaging.encoding import encode
from studio.imaging.keeping import read_kept
from studio.imaging.metadata import read_record, texts
from studio.imaging.native import Native
from studio.imaging.opening import open_picture
from tests.imaging.photos import native, write

MODEL, ORIENTATION, DESCRIPTION, EXIF_IFD, GPS_IFD = 0x0110, 0x0112, 0x010E, 0x8769, 0x8825
LENS, ISO, TAKEN, LATITUDE = 0xA434, 0x8827, 0x9003, 2
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6" dc:title="Sea"/></x:xmpmeta>'
SUFFIXES = [".jpg", ".png", ".webp", ".tiff", ".avif"]
RECORD = Record(Recipe(prompt="a boat, 雪"))


def exif(orientation: int = 6) -> Image.Exif:
    made = Image.Exif()
    made[MODEL], made[ORIENTATION], made[DESCRIPTION] = "Camera 7", orientation, "At the sea"
    made.get_ifd(EXIF_IFD).update({LENS: "50 mm", ISO: 200, TAKEN: "2026:01:02 03:04:05"})
    north = tuple(TiffImagePlugin.IFDRational(value) for value in (52, 30, 0))
    made.get_ifd(GPS_IFD).update({1: "N", LATITUDE: north})
    return made


def photo(tmp_path, suffix=".jpg"):
    path = tmp_path / f"photo{suffix}"
    pixels = np.random.default_rng(1).integers(0, 256, (20, 30, 3), np.uint8)
    if suffix == ".tiff":
        return write(tmp_path, Native(pixels, "RGB"), exif=exif(), dpi=(300.0, 300.0))
    more = {} if suffix == ".png" else {"xmp": XMP}
    Image.fromarray(pixels).save(path, exif=exif(), dpi=(300, 300), **more)
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("source", [".jpg", ".tiff"])
def test_metadata_is_kept_and_upright(tmp_path, source, suffix):
    opened = open_picture(photo(tmp_path, source))
    assert opened.picture.size.width == 20  # turned
    path = tmp_path / f"saved{suffix}"
    path.write_bytes(encode(opened.picture, suffix, texts(RECORD), Saving(), opened.original))
    assert open_picture(path).picture.size == opened.picture.size
    with Image.open(path) as image:
        found = image.getexif()
        assert found[MODEL] == "Camera 7"
        assert found[DESCRIPTION] == "At the sea"
        assert found.get(ORIENTATION, 1) == 1
        assert found.get_ifd(EXIF_IFD)[LENS] == "50 mm"
        assert found.get_ifd(GPS_IFD)[1] == "N"
        assert [float(value) for value in found.get_ifd(GPS_IFD)[LATITUDE]] == [52, 30, 0]
        if suffix in (".jpg", ".png", ".tiff"):
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        if source == ".jpg":
            kept = read_kept(path, opened.picture.size).xmp
            assert b'dc:title="Sea"' in kept
            assert b'tiff:Orientation="1"' in kept
    assert read_record(path).recipe == RECORD.recipe


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_all_metadata_can_be_left_out(tmp_path, suffix):
    opened = open_picture(photo(tmp_path))
    saving = Saving(metadata="none")
    data = encode(opened.picture, suffix, texts(RECORD), saving, opened.original)
    for word in (b"Camera", b"50 mm", b"boat", b"Sea", b"At the"):
        assert word not in data
    only = encode(
        opened.picture, suffix, texts(RECORD), Saving(metadata="no recipe"), opened.original
    )
    assert b"Camera" in only
    assert b"boat" not in only


def test_the_recipe_of_an_earlier_edit_is_not_carried_on(tmp_path):
    opened = open_picture(photo(tmp_path, ".png"))
    first = tmp_path / "first.jpg"
    first.write_bytes(encode(opened.picture, ".jpg", texts(RECORD)))
    again = open_picture(first)
    data = encode(again.picture, ".jpg", {}, Saving(), again.original)
    assert b"diffusion" not in data
    assert b"boat" not in data


def test_a_deep_photo_keeps_its_metadata(tmp_path):
    path = write(tmp_path, native("RGB", 32), exif=exif(1), dpi=(240.0, 240.0), xmp=XMP)
    opened = open_picture(path)
    saved = tmp_path / "saved.tiff"
    saved.write_bytes(encode(opened.picture, ".tiff", {}, Saving(), opened.original))
    kept = read_kept(saved, opened.picture.size)
    assert kept.dpi == (240, 240)
    assert b"Sea" in kept.xmp
    found = Image.Exif()
    found.load(kept.exif)
    assert found[MODEL] == "Camera 7"
    assert found.get_ifd(EXIF_IFD)[ISO] == 200


@pytest.mark.parametrize(
    "bad", [b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff\xff"]
)
def test_absurd_exif_is_left_out(tmp_path, bad):
    path = tmp_path / "a.jpg"
    Image.new("RGB", (9, 9)).save(path, exif=b"Exif\0\0" + bad)
    opened = open_picture(path)
    data = encode(opened.picture, ".jpg", texts(RECORD), Saving(), opened.original)
    path.write_bytes(data)
    assert read_record(path).recipe == RECORD.recipe
