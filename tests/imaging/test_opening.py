from __future__ import annotations

import io
import os
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from studio.core.errors import BadInput, CannotOpen
from studio.core.geometry import Size
from studio.core.picture import Picture
from studio.imaging.colour import to_srgb
from studio.imaging.native import Native
from studio.imaging.opening import open_mask, open_picture
from tests.imaging.photos import decoded, native, swapped_profile, write

CHANCE = np.random.default_rng(5)
PHOTO = CHANCE.integers(0, 256, (24, 40, 3), np.uint8)


def saved(tmp_path, image, name="a.png", **options):
    path = tmp_path / name
    image.save(path, **options)
    return path


def smooth(height=64, width=96):
    y, x = np.mgrid[:height, :width]
    channels = (x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height))
    return np.dstack(channels).astype(np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tiff", ".ppm"])
def test_exact_formats_open_exactly(tmp_path, suffix):
    opened = open_picture(saved(tmp_path, Image.fromarray(PHOTO), f"a{suffix}"))
    assert np.array_equal(opened.picture.pixels, PHOTO)
    assert opened.notes == ()


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif", ".jp2"])
def test_lossy_formats_open_closely(tmp_path, suffix):
    pixels = smooth()
    opened = open_picture(saved(tmp_path, Image.fromarray(pixels), f"a{suffix}", quality=95))
    assert np.abs(opened.picture.pixels.astype(int) - pixels).mean() < 4


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_pictures_are_turned_upright(tmp_path, orientation, suffix):
    undo = {
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.transpose(1, 0, 2),
        6: lambda p: np.rot90(p, 1),
        7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
        8: lambda p: np.rot90(p, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(np.ascontiguousarray(undo(PHOTO)))
    opened = open_picture(saved(tmp_path, image, f"a{suffix}", exif=exif))
    assert np.array_equal(opened.picture.pixels, PHOTO)


def test_palette_transparency_survives_turning(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.new("P", (4, 2), 1)
    image.putpalette([0, 0, 0, 9, 8, 7])
    image.putpixel((0, 0), 0)
    pixels = open_picture(saved(tmp_path, image, exif=exif, transparency=0)).picture.pixels
    assert pixels.shape == (4, 2, 4)
    assert pixels[0, 1].tolist() == [0, 0, 0, 0]
    assert pixels[3, 0].tolist() == [9, 8, 7, 255]


def test_absurd_exif_is_no_reason_to_refuse(tmp_path):
    path = saved(
        tmp_path, Image.fromarray(PHOTO), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\x01" * 9
    )
    assert np.array_equal(open_picture(path).picture.pixels, PHOTO)


def test_alpha_is_kept_only_if_something_is_not_opaque(tmp_path):
    rgba = np.dstack((PHOTO, np.full(PHOTO.shape[:2], 255, np.uint8)))
    assert not open_picture(saved(tmp_path, Image.fromarray(rgba))).picture.has_alpha
    rgba[3, 4, 3] = 254
    opened = open_picture(saved(tmp_path, Image.fromarray(rgba)))
    assert np.array_equal(opened.picture.pixels, rgba)


def test_grey_bilevel_and_grey_with_alpha(tmp_path):
    grey = Image.fromarray(PHOTO[..., 0])
    assert np.array_equal(
        open_picture(saved(tmp_path, grey)).picture.pixels, PHOTO[..., :1].repeat(3, 2)
    )
    bilevel = open_picture(saved(tmp_path, grey.convert("1"))).picture.pixels
    assert set(np.unique(bilevel)) == {0, 255}
    both = Image.merge("LA", (grey, Image.fromarray(PHOTO[..., 1])))
    assert np.array_equal(
        open_picture(saved(tmp_path, both)).picture.pixels, PHOTO[..., [0, 0, 0, 1]]
    )


def test_sixteen_bits_are_scaled_not_clipped(tmp_path):
    deep = np.array([[0, 257, 40000, 65535]], np.uint16)
    for name in ("a.png", "a.tiff"):
        opened = open_picture(saved(tmp_path, Image.fromarray(deep), name))
        assert opened.picture.pixels[0, :, 0].tolist() == [0, 1, 156, 255]
        assert opened.notes == ("16 bits a channel, shown in 8",)


@pytest.mark.parametrize("channels", [3, 4])
def test_deep_colour_is_scaled_not_clipped(tmp_path, channels):
    deep = CHANCE.integers(0, 65536, (6, 5, channels), np.uint16)
    bgr = deep[..., [2, 1, 0, 3][:channels]]
    for name in ("a.png", "a.tiff"):
        cv2.imwrite(str(tmp_path / name), bgr)
        opened = open_picture(tmp_path / name)
        assert np.abs(opened.picture.pixels - deep / 257).max() <= 1
        assert opened.notes == ("16 bits a channel, shown in 8",)


def test_floats_are_scaled_not_clipped(tmp_path):
    values = np.array([[0.0, 0.5, 1.0]], np.float32)
    opened = open_picture(saved(tmp_path, Image.fromarray(values), "a.tiff"))
    assert opened.picture.pixels[0, :, 0].tolist() == [0, 128, 255]
    bright = open_picture(saved(tmp_path, Image.fromarray(values * 4), "a.tiff"))
    assert bright.picture.pixels[0, :, 0].tolist() == [0, 128, 255]
    cv2.imwrite(str(tmp_path / "b.tiff"), np.dstack((values, values, values * np.nan)))
    colour = open_picture(tmp_path / "b.tiff").picture.pixels
    assert colour[0].tolist() == [[0, 0, 0], [0, 128, 128], [0, 255, 255]]


def test_cmyk_and_lab_become_rgb(tmp_path):
    cmyk = Image.new("CMYK", (4, 4), (0, 255, 255, 0))
    opened = open_picture(saved(tmp_path, cmyk, "a.tiff"))
    assert opened.picture.pixels[0, 0].tolist() == [255, 0, 0]
    assert opened.notes == ("converted from CMYK",)
    lab = open_picture(saved(tmp_path, Image.new("LAB", (4, 4), (255, 128, 128)), "b.tiff"))
    assert lab.picture.pixels.min() > 250


def test_colours_follow_the_profile(tmp_path):
    # The sRGB profile under another name, with red and blue exchanged: they come out exchanged.
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    data = data.replace(b"rXYZ", b"qXYZ").replace(b"bXYZ", b"rXYZ").replace(b"qXYZ", b"bXYZ")
    data = bytes(data).replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    path = saved(tmp_path, Image.new("RGB", (4, 4), (250, 120, 10)), icc_profile=data)
    found = open_picture(path).picture.pixels[0, 0].astype(int)
    assert np.abs(found - [10, 120, 250]).max() <= 2


def test_the_usual_profile_changes_nothing_and_a_broken_one_neither(tmp_path):
    usual = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (usual, b"nonsense"):
        path = saved(tmp_path, Image.fromarray(PHOTO), icc_profile=profile)
        assert np.array_equal(open_picture(path).picture.pixels, PHOTO)


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_the_first_frame_of_an_animation_is_opened_and_said_so(tmp_path, suffix):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("white", "black")]
    path = saved(tmp_path, frames[0], f"a{suffix}", save_all=True, append_images=frames[1:])
    opened = open_picture(path)
    assert opened.notes == ("first frame of an animated picture",)
    assert opened.picture.pixels.min() > 250


def test_bytes_are_opened_like_files():
    out = io.BytesIO()
    Image.fromarray(PHOTO).save(out, "PNG")
    assert np.array_equal(decoded(out.getvalue(), "clipboard").picture.pixels, PHOTO)
    with pytest.raises(CannotOpen, match="clipboard"):
        decoded(b"text", "clipboard")


def test_one_pixel_and_a_very_long_picture(tmp_path):
    for size in ((1, 1), (1, 30000), (30000, 1)):
        assert open_picture(saved(tmp_path, Image.new("RGB", size))).picture.size == Size(*size)


def one_sentence(error: CannotOpen) -> None:
    assert error.message.endswith(".")
    assert "\n" not in str(error)
    assert len(str(error)) < 600


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


def test_what_cannot_be_opened_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "text.png").write_text("dear diary\n" * 40)
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "bomb.png").write_bytes(png_header(100_000, 100_000))
    (tmp_path / "nothing.png").write_bytes(png_header(0, 0))
    os.mkfifo(tmp_path / "pipe.png")
    cases = {
        "missing.png": "no file",
        "text.png": "not a picture",
        "text.png/a.png": "cannot be opened|no file",
        "empty.png": "is empty",
        "bomb.png": "100000x100000.*at most 100 million",
        "nothing.png": "no pixels|damaged|not a picture",
        "pipe.png": "not a file",
        ".": "is a folder",
        "nul\0.png": "cannot be opened|no file",
        "x" * 300: "cannot be opened|no file",
    }
    for name, words in cases.items():
        with pytest.raises(CannotOpen, match=words) as caught:
            open_picture(tmp_path / name)
        one_sentence(caught.value)


def test_the_limit_is_the_callers(tmp_path):
    path = saved(tmp_path, Image.new("RGB", (20, 10)))
    assert open_picture(path, max_pixels=200).picture.size == Size(20, 10)
    with pytest.raises(CannotOpen, match="20x10"):
        open_picture(path, max_pixels=199)
    cv2.imwrite(str(tmp_path / "deep.tiff"), np.zeros((10, 20, 3), np.uint16))
    with pytest.raises(CannotOpen, match="20x10"):
        open_picture(tmp_path / "deep.tiff", max_pixels=199)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tiff", ".gif", ".bmp", ".avif"])
def test_a_truncated_file_opens_as_far_as_it_goes_or_is_refused(tmp_path, suffix, capfd):
    pixels = CHANCE.integers(0, 256, (90, 120, 3), np.uint8)
    path = saved(tmp_path, Image.fromarray(pixels), f"cut{suffix}")
    whole, complete = path.read_bytes(), open_picture(path).picture.pixels
    found = []
    for tenth in range(1, 10):
        path.write_bytes(whole[: len(whole) * tenth // 10])
        try:
            opened = open_picture(path)
        except CannotOpen as error:
            one_sentence(error)
            continue
        assert opened.damage.startswith(f"cut{suffix} is damaged")
        assert opened.picture.pixels.shape == complete.shape
        same = (opened.picture.pixels == complete).all(axis=2).mean()
        assert same >= tenth / 10 - 0.15
        found.append(tenth)
    assert found == ([] if suffix in (".webp", ".avif") else found[-len(found) :])
    if suffix in (".png", ".jpg", ".bmp", ".gif"):
        assert found[-8:] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert capfd.readouterr() == ("", "")


def test_flipped_bytes_open_or_are_refused_but_nothing_else(tmp_path, capfd):
    chance = np.random.default_rng(11)
    for suffix in (".png", ".jpg", ".webp", ".tiff", ".gif"):
        whole = saved(tmp_path, Image.fromarray(PHOTO), f"whole{suffix}").read_bytes()
        for _ in range(60):
            broken = bytearray(whole)
            for place in chance.integers(0, len(broken), 4):
                broken[place] = chance.integers(256)
            try:
                decoded(bytes(broken), max_pixels=10**6)
            except CannotOpen as error:
                one_sentence(error)
    assert capfd.readouterr() == ("", "")


def test_a_mask_is_how_bright_a_picture_is(tmp_path):
    grey = PHOTO[..., 0]
    assert np.array_equal(open_mask(saved(tmp_path, Image.fromarray(grey))).pixels, grey)
    bilevel = Image.fromarray(grey).convert("1")
    assert np.array_equal(
        open_mask(saved(tmp_path, bilevel)).pixels, np.asarray(bilevel.convert("L"))
    )
    colour = Image.fromarray(PHOTO)
    assert np.array_equal(
        open_mask(saved(tmp_path, colour)).pixels, np.asarray(colour.convert("L"))
    )


def test_strokes_on_transparency_are_a_mask_by_their_alpha(tmp_path):
    rgba = np.zeros((10, 10, 4), np.uint8)
    rgba[2:5, 2:5] = (0, 0, 0, 180)
    assert np.array_equal(open_mask(saved(tmp_path, Image.fromarray(rgba))).pixels, rgba[..., 3])
    rgba[7, 7] = (255, 255, 255, 255)
    mask = open_mask(saved(tmp_path, Image.fromarray(rgba))).pixels
    assert mask[7, 7] == 255
    assert mask[3, 3] == 0


def test_a_mask_of_another_size_is_refused(tmp_path):
    path = saved(tmp_path, Image.new("L", (20, 10)), "mask.png")
    assert open_mask(path, Size(20, 10)).size == Size(20, 10)
    with pytest.raises(BadInput, match=r"mask\.png is 20x10 and the picture 30x10"):
        open_mask(path, Size(30, 10))


@pytest.mark.parametrize(("bits", "mode"), [(8, "RGB"), (16, "RGB;16"), (16, "RGBA;16")])
def test_heic_opens_with_its_depth_its_turn_and_its_metadata(tmp_path, bits, mode):
    import pillow_heif

    from studio.imaging.keeping import read_kept
    from studio.imaging.opening import open_native

    y, x = np.mgrid[:64, :96]
    shown = np.dstack((x * 2, y * 3, x + y, 255 - y))[..., : len(mode.partition(";")[0])]
    samples = shown.astype(np.uint8) if bits == 8 else shown.astype(np.uint16) * 257
    exif = Image.Exif()
    exif[0x0110], exif[0x0112] = "Phone 3", 6
    path = tmp_path / "a.heic"
    made = pillow_heif.from_bytes(mode, (96, 64), samples.tobytes())
    made.save(path, quality=-1, exif=exif.tobytes())
    native = open_native(path)
    assert (native.depth, native.mode) == (bits, mode.partition(";")[0])
    apart = np.rot90(native.samples, 1).astype(int) - samples
    assert np.abs(apart).mean() < (2 if bits == 8 else 300)
    opened = open_picture(path)
    assert opened.picture.size == Size(64, 96)
    assert b"Phone 3" in read_kept(path, opened.picture.size).exif


def test_bands_converted_side_by_side_are_what_one_would_be(tmp_path):
    profile = swapped_profile()
    tall = native("RGB", 8, (64, 6000), profile)
    path = write(tmp_path, tall, ".png")
    expected = np.concatenate(
        [
            to_srgb(Native(tall.samples[top : top + 100], "RGB", profile))
            for top in range(0, 6000, 100)
        ]
    )
    for _ in range(5):
        assert np.array_equal(open_picture(path).picture.pixels, expected)


def test_a_photo_of_plain_colours_is_not_copied_on_its_way_to_the_canvas():
    samples = np.zeros((20, 30, 3), np.uint8)
    pixels = to_srgb(Native(samples, "RGB"))
    pixels.flags.writeable = False
    assert np.shares_memory(Picture(pixels).pixels, samples)
