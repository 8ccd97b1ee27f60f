"""Any picture file as a `Native`: by the quickest library that reads it whole and right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageFile

from studio.core.errors import CannotOpen
from studio.core.geometry import Size
from studio.core.picture import Pixels
from studio.imaging.colour import is_srgb, lab_bytes, usable
from studio.imaging.deep import read_deep_heif, read_deep_png, read_deep_tiff
from studio.imaging.files import DAMAGE, damaged, header, tolerant
from studio.imaging.jpeg import quality_of, read_jpeg, sampling_of, too_many_scans
from studio.imaging.native import Mode, Native, Samples, normal

ORIENTATION = 0x0112
STRIP_OFFSETS, STRIP_LENGTHS, TILE_OFFSETS, TILE_LENGTHS = 273, 279, 324, 325
DEEP_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
MODES: dict[str, Mode] = {
    "L": "L",
    "LA": "LA",
    "RGB": "RGB",
    "RGBA": "RGBA",
    "CMYK": "CMYK",
    "LAB": "LAB",
    "1": "L",
    "La": "LA",
    "RGBa": "RGBA",
}
FLIPS = {2: 1, 3: -1, 4: 0, 6: 0, 7: -1, 8: 1}
"""OpenCV's code of the flip, before transposing from 5 on."""
UPSIDE_DOWN = (6, 7)
"""Orientations of which the lowest rows come first."""
BAND = 64
"""Rows that are turned at once: few enough to stay in the processor's memory."""
LEAST = 0.001
"""A file of which less than this could be decoded is refused."""
BAD_PROFILE = "its colour profile is damaged and was left out"


@dataclass(frozen=True, eq=False)
class Decoded:
    """`missing`: what part of the picture, 0…1, the file ends before; None if it is whole.

    `quality` and `sampling` of a JPEG.
    """

    native: Native
    form: str
    notes: tuple[str, ...] = ()
    missing: float | None = None
    quality: int = 0
    sampling: str = ""


def decode(
    stream: BinaryIO, name: str, allow: Callable[[Size], None], quick: bool = False
) -> Decoded:
    """Call in `quiet`. `allow` is called with the size in the header before any pixel is decoded.

    `quick`: a third less time for a JPEG, and the same pixels; but of damage in it the library
    speaks on standard error. Raises CannotOpen, and any of DAMAGE for broken bytes.
    """
    deep = read_deep_tiff(stream, allow)
    if deep is not None:
        notes = ["first page of a file with several"] if deep.pages else []
        if deep.missing > 1 - LEAST:
            raise damaged(name)
        native = _native(turned(deep.samples, deep.orientation), deep.mode, deep.profile, notes)
        return Decoded(native, "TIFF", tuple(notes), deep.missing or None)
    with header(stream, name) as image:
        allow(Size(*image.size))
        form = "JPEG" if image.format == "MPO" else image.format or ""
        notes = _notes(image)
        profile = image.info.get("icc_profile")
        quality, sampling = quality_of(image), sampling_of(image)
        samples, mode, missing = _samples(stream, image, form, name, quick)
        turn = _orientation(image)  # afterwards: what Pillow turns itself, it says is upright
    profile = profile if isinstance(profile, bytes) else b""
    native = _native(turned(samples, turn), mode, profile, notes)
    return Decoded(native, form, tuple(notes), missing, quality, sampling)


def turned(samples: Samples, orientation: int) -> Samples:
    """Upright, by EXIF's number: 1 is upright already, and so is what is no such number."""
    if orientation not in range(2, 9):
        return samples
    import cv2  # turns in a quarter of the time that numpy takes

    code = FLIPS.get(orientation)
    if orientation < 5:
        # a single channel loses its axis
        return cv2.flip(samples, code).reshape(samples.shape) if code is not None else samples
    height, width, channels = samples.shape
    upright = np.empty((width, height, channels), samples.dtype)
    for top in range(0, height, BAND):
        band = samples[top : top + BAND]
        if code is not None:
            band = cv2.flip(band, code).reshape(band.shape)
        left = height - top - len(band) if orientation in UPSIDE_DOWN else top
        cv2.transpose(band, upright[:, left : left + len(band)])
    return upright


def _native(samples: Samples, mode: Mode, profile: bytes, notes: list[str]) -> Native:
    """With the profile if it is of use; one that is not is noted."""
    if profile and not usable(profile, mode):
        notes.append(BAD_PROFILE)
        profile = b""
    if mode in ("RGB", "RGBA") and is_srgb(profile):
        profile = b""
    return Native(samples, mode, profile)


def _samples(
    stream: BinaryIO, image: ImageFile.ImageFile, form: str, name: str, quick: bool
) -> tuple[Samples, Mode, float | None]:
    raw = str(image.tile[0].args) if image.tile else ""
    if form == "PNG" and ";16" in raw:
        stream.seek(0)
        deep = read_deep_png(stream.read())
        if deep is not None:
            return *deep, None
    if form == "HEIF" and image.info.get("bit_depth", 8) > 8:
        deep = read_deep_heif(stream)
        if deep is not None:
            return *deep, None
    if form == "JPEG":
        stream.seek(0)
        data = stream.read()
        if too_many_scans(data):
            raise CannotOpen(
                f"{name} is drawn over and over to keep programs busy, and is not opened.",
                "Look for another copy of it.",
            )
        path = getattr(stream, "name", "")
        found = read_jpeg(data, image, path if isinstance(path, str) else "") if quick else None
        if found is not None:
            return found, "RGB", None
        stream.seek(0)
    if form == "TIFF" and _ends_early(stream, image):
        raise damaged(name)  # libtiff would complain aloud, and give nothing
    try:
        image.load()
    except DAMAGE:
        rescued, missing = _rescued(stream, name)
        return *_by_pillow(rescued), missing
    return *_by_pillow(image), None


def _ends_early(stream: BinaryIO, image: ImageFile.ImageFile) -> bool:
    """Whether a compressed TIFF says that it has more than there is."""
    if not image.tile or image.tile[0].codec_name != "libtiff":
        return False
    tags: Any = getattr(image, "tag_v2", {})
    offsets = tags.get(STRIP_OFFSETS) or tags.get(TILE_OFFSETS) or ()
    lengths = tags.get(STRIP_LENGTHS) or tags.get(TILE_LENGTHS) or ()
    ends = (start + length for start, length in zip(offsets, lengths, strict=False))
    return max(ends, default=0) > stream.seek(0, 2)


def _rescued(stream: BinaryIO, name: str) -> tuple[Image.Image, float]:
    """What could be decoded of a damaged file, and what part of it is missing."""
    stream.seek(0)
    with tolerant(), header(stream, name) as image:
        if image.format in ("WEBP", "AVIF", "HEIF"):
            raise damaged(name)  # all or nothing
        image.load()
        missing = _blank_rows(image) / image.height
        if missing > 1 - LEAST:
            raise damaged(name)
        return image.copy(), missing


def _blank_rows(image: Image.Image) -> int:
    """How many of the lowest rows have one colour all over: what decoders leave undone."""
    pixels: Pixels = np.asarray(image.convert("RGB"))
    if image.format == "BMP":
        pixels = pixels[::-1]  # from the bottom up
    for count, row in enumerate(pixels[::-1]):
        if (row != pixels[-1, -1]).any():
            return count
    return int(pixels.shape[0])


def _by_pillow(image: Image.Image) -> tuple[Samples, Mode]:
    if image.mode in DEEP_MODES:
        return normal(np.asarray(image))[..., None], "L"
    if image.mode not in MODES or ("transparency" in image.info and image.has_transparency_data):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif image.mode in ("1", "La", "RGBa"):
        image = image.convert(MODES[image.mode])
    pixels = np.asarray(image)
    if image.mode == "LAB":
        pixels = lab_bytes(pixels)
    return pixels.reshape(*pixels.shape[:2], -1), MODES[image.mode]


def _notes(image: ImageFile.ImageFile) -> list[str]:
    if not getattr(image, "is_animated", False) or image.format == "MPO":
        return []
    if image.format == "TIFF":
        return ["first page of a file with several"]
    return ["first frame of an animated picture"]


def _orientation(image: Image.Image) -> int:
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except DAMAGE:
        return 1  # broken EXIF is no reason to refuse the pixels
    return int(found) if isinstance(found, int) else 1
