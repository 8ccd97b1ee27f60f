from __future__ import annotations

import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.core.picture import Picture
from studio.core.saving import Saving
from studio.imaging.encoding import as_saved, encode, form_of
from studio.imaging.native import Native
from studio.imaging.opening import open_native, open_picture
from tests.imaging.photos import grey_profile, native, swapped_profile, write

LOSSLESS = {
    ".png": [(m, d) for m in ("L", "LA", "RGB", "RGBA") for d in (8, 16)],
    ".tiff": [(m, d) for m in ("L", "LA", "RGB", "RGBA") for d in (8, 16, 32)]
    + [(m, d) for m in ("CMYK", "LAB") for d in (8, 16)],
}
CASES = [(suffix, *case) for suffix, cases in LOSSLESS.items() for case in cases]


def edited(picture: Picture, x: int = 4, y: int = 3, size: int = 7) -> tuple[Picture, np.ndarray]:
    """The picture with a square of another colour in it, and where anything changed."""
    pixels = picture.pixels.copy()
    pixels[y : y + size, x : x + size, :3] = (200, 30, 90)
    return Picture(pixels), (pixels != picture.pixels).any(axis=2)


@pytest.mark.parametrize(("suffix", "mode", "depth"), CASES)
def test_what_is_written_is_read_again(tmp_path, suffix, mode, depth):
    made = native(mode, depth)
    again = open_native(write(tmp_path, made, suffix))
    assert (again.mode, again.depth) == (made.mode, made.depth)
    assert np.array_equal(again.samples, made.samples)


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize(("mode", "depth"), LOSSLESS[".tiff"])
def test_another_library_reads_our_tiff(tmp_path, mode, depth, compressed):
    made = native(mode, depth, (301, 222))
    path = write(tmp_path, made, compressed=compressed)
    if not compressed:
        samples = tifffile.imread(path).reshape(made.samples.shape)
        if mode == "LAB":
            samples = samples.view(f"u{depth // 8}")
            samples[..., 1:] ^= 1 << (depth - 1)
        assert np.array_equal(samples, made.samples)
    elif depth == 8:
        with Image.open(path) as image:
            assert image.size == (301, 222)
            image.load()


@settings(max_examples=120)
@given(
    st.sampled_from(CASES),
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 10**6),
    st.booleans(),
)
def test_outside_the_change_every_sample_is_the_original(case, width, height, seed, profiled):
    suffix, mode, depth = case
    profile = b""
    if profiled and mode in ("L", "LA"):
        profile = grey_profile()
    elif profiled and mode in ("RGB", "RGBA"):
        profile = swapped_profile()
    made = native(mode, depth, (width, height), profile, seed)
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), made, suffix)
        opened = open_picture(path)
        assert opened.original is not None
        picture, changed = edited(opened.picture, seed % 37, seed % 31, 1 + seed % 9)
        data = encode(picture, suffix, {}, Saving(), opened.original)
        saved = Path(folder) / f"saved{suffix}"
        saved.write_bytes(data)
        again, shown = open_native(saved), open_picture(saved).picture
    if mode in ("L", "LA") and changed.any() and profiled:
        # a grey profile cannot describe colours, so the whole is saved as it was worked on
        assert again.depth == 8
        assert np.array_equal(shown.pixels[~changed], opened.picture.pixels[~changed])
        return
    assert again.depth == depth
    assert again.profile == profile
    expected = made.samples
    if again.mode != mode:
        assert (mode, again.mode) in (("L", "RGB"), ("LA", "RGBA"))
        expected = np.concatenate((*[expected[..., :1]] * 3, expected[..., 1:]), axis=2)
    assert np.array_equal(again.samples[~changed], expected[~changed])
    if again.depth < 32 and not profile and again.mode in ("RGB", "RGBA"):
        assert np.array_equal(shown.pixels[changed], picture.pixels[changed])
    elif again.depth < 32 and again.mode in ("RGB", "RGBA"):
        apart = np.abs(shown.pixels[changed].astype(int) - picture.pixels[changed])
        assert apart.max(initial=0) <= 3


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_an_unchanged_photo_is_saved_as_it_was(tmp_path, suffix):
    made = native("RGB", 16, profile=swapped_profile())
    opened = open_picture(write(tmp_path, made, suffix))
    saved = as_saved(opened.picture, form_of(suffix), Saving(), opened.original)
    assert np.array_equal(saved.samples, made.samples)
    assert saved.profile == made.profile


def test_a_larger_picture_has_the_original_where_it_lies(tmp_path):
    made = native("RGB", 16, (90, 70))
    opened = open_picture(write(tmp_path, made))
    for left, top, right, bottom in ((13, 7, 0, 5), (0, 0, 40, 0), (-20, -6, 9, -11)):
        small = opened.picture.pixels[max(0, -top) : 70 + min(0, bottom), max(0, -left) :]
        pads = [(max(0, top), max(0, bottom)), (max(0, left), max(0, right)), (0, 0)]
        larger = Picture(np.pad(small, pads))
        saved = as_saved(larger, form_of(".tiff"), Saving(), opened.original)
        inside = saved.samples[
            pads[0][0] : pads[0][0] + small.shape[0], pads[1][0] : pads[1][0] + small.shape[1]
        ]
        deep = made.samples[max(0, -top) : 70 + min(0, bottom), max(0, -left) :]
        assert saved.depth == 16
        assert np.array_equal(inside, deep)


def test_transparency_painted_into_an_opaque_photo_is_kept(tmp_path):
    made = native("RGB", 16)
    opened = open_picture(write(tmp_path, made))
    alpha = np.full((*opened.picture.pixels.shape[:2], 1), 255, np.uint8)
    alpha[2:5, 6:9] = 40
    picture = Picture(np.concatenate((opened.picture.pixels, alpha), axis=2))
    saved = as_saved(picture, form_of(".png"), Saving(), opened.original)
    assert saved.mode == "RGBA"
    assert np.array_equal(saved.samples[..., :3], made.samples)
    assert np.array_equal(saved.samples[..., 3], alpha[..., 0].astype(np.uint16) * 257)


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_lossy_formats_keep_the_profile_and_come_close(tmp_path, suffix):
    y, x = np.mgrid[:60, :80]
    samples = np.dstack((x * 3, y * 4, x + y)).astype(np.uint16) * 257
    made = Native(samples, "RGB", swapped_profile())
    opened = open_picture(write(tmp_path, made))
    saved = tmp_path / f"saved{suffix}"
    saved.write_bytes(encode(opened.picture, suffix, {}, Saving(), opened.original))
    again = open_native(saved)
    assert again.profile == made.profile
    assert np.abs(again.samples.astype(int) - samples // 257).mean() < 3


def test_quality_sampling_lossless_and_compression_do_something():
    y, x = np.mgrid[:64, :64]
    noise = np.random.default_rng(1).integers(0, 40, (64, 64, 3))
    picture = Picture((np.dstack((x * 3, y * 3, x + y)) + noise).clip(0, 255).astype(np.uint8))

    def size(suffix: str, **options: object) -> int:
        return len(encode(picture, suffix, {}, Saving(**options)))  # type: ignore[arg-type]

    for suffix in (".jpg", ".webp", ".avif"):
        assert size(suffix, quality=30) < size(suffix, quality=95)
    assert size(".jpg", sampling="4:2:0") < size(".jpg")
    assert size(".tiff") < size(".tiff", compression="none")
    exact = encode(picture, ".webp", {}, Saving(lossless=True))
    with Image.open(io.BytesIO(exact)) as image:
        assert np.array_equal(np.asarray(image), picture.pixels)


@pytest.mark.parametrize(("depth", "bits"), [("8", 8), ("16", 16), ("original", 16)])
def test_the_depth_can_be_chosen(tmp_path, depth, bits):
    opened = open_picture(write(tmp_path, native("RGB", 16)))
    for suffix in (".png", ".tiff"):
        saved = as_saved(opened.picture, form_of(suffix), Saving(depth=depth), opened.original)
        assert saved.depth == bits


def test_a_cmyk_photo_can_be_saved_in_srgb(tmp_path):
    opened = open_picture(write(tmp_path, native("CMYK")))
    saved = as_saved(opened.picture, form_of(".tiff"), Saving(profile="srgb"), opened.original)
    assert saved.mode == "RGB"
    assert np.array_equal(saved.samples, opened.picture.pixels)
