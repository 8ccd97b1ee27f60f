"""Between a picture's own colours and 8-bit sRGB, in which all work is done."""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache

import numpy as np
from PIL import Image, ImageCms

from studio.core.picture import Picture, Pixels
from studio.imaging.depth import from_8_bit, to_8_bit
from studio.imaging.native import PLAIN, Mode, Native, Samples

WHITE = 255
BAND = 512
"""Rows that are converted at once."""
SAME_AS_SRGB = {
    "sRGB",
    "sRGB IEC61966-2.1",
    "sRGB IEC61966-2-1",
    "sRGB built-in",
    "sRGB built-in - (lcms internal)",
    "RGB built-in",
}
"""Descriptions of profiles that say what we assume anyway; converting would only add rounding."""
LARGEST_PROFILE = 16 * 1024 * 1024
BROKEN = (ImageCms.PyCMSError, OSError, ValueError, TypeError)


def to_srgb(native: Native) -> Pixels:
    """HWC uint8: RGB, or RGBA if some pixel is not opaque. Depth is scaled, never clipped."""
    pixels = to_8_bit(native)
    mode = PLAIN.get(native.mode, native.mode)
    alpha = pixels[..., -1] if native.has_alpha and pixels[..., -1].min() < 255 else None
    # Itself where it is all colour: of a view of what can be written a picture makes a copy.
    colour = pixels[..., : native.colour.shape[2]] if native.has_alpha else pixels
    if mode == "RGB" and not native.profile:
        if alpha is not None:
            return pixels
        return colour if colour.flags.c_contiguous else np.ascontiguousarray(colour)
    out = np.empty((*pixels.shape[:2], 3 if alpha is None else 4), np.uint8)

    def convert(top: int) -> None:
        rows = slice(top, top + BAND)
        out[rows, :, :3] = _converted(colour[rows], mode, native.profile)

    tops = range(0, pixels.shape[0], BAND)
    with ThreadPoolExecutor(min(len(tops), os.cpu_count() or 1), "studio-colour") as pool:
        list(pool.map(convert, tops))  # which raises what a band raised
    if alpha is not None:
        out[..., 3] = alpha
    return out


def from_srgb(colour: Pixels, like: Native) -> Samples:
    """H×W×3 in the colours, depth and mode (without alpha) of `like`."""
    mode = PLAIN.get(like.mode, like.mode)
    image = Image.fromarray(np.ascontiguousarray(colour))
    if like.profile or mode == "LAB":
        image = _applied(image, _transform(like.profile, mode, back=True))
    elif mode != "RGB":
        image = image.convert(mode)
    pixels = np.asarray(image).reshape(*colour.shape[:2], -1)
    pixels = lab_bytes(pixels) if mode == "LAB" else pixels
    plain = like if not like.has_alpha else Native(like.colour, mode, like.profile)
    return from_8_bit(pixels, plain)


def usable(profile: bytes, mode: Mode) -> bool:
    """Whether an ICC profile can be read and is for pictures of this mode."""
    if len(profile) > LARGEST_PROFILE:
        return False
    try:
        _transform(profile, PLAIN.get(mode, mode), back=False)
    except BROKEN:
        return False
    return True


def is_srgb(profile: bytes) -> bool:
    """Whether a profile only says what is assumed without one."""
    return profile_name(profile) in SAME_AS_SRGB


def profile_name(profile: bytes) -> str:
    """What a profile calls itself; "" for none or a broken one."""
    try:
        known = ImageCms.ImageCmsProfile(io.BytesIO(profile)) if profile else None
        return ImageCms.getProfileDescription(known).strip() if known else ""
    except BROKEN:
        return ""


def lab_bytes(pixels: Pixels) -> Pixels:
    """LAB as Pillow and TIFF files have it in bytes, with a and b signed, or back again."""
    return pixels ^ np.array((0, 128, 128), np.uint8)


def flat(picture: Picture) -> Picture:
    """The picture as it looks on white paper: RGB, the very same object if it is opaque."""
    if not picture.has_alpha:
        return picture
    alpha = picture.pixels[..., 3:].astype(np.uint16)
    colour = picture.pixels[..., :3].astype(np.uint16)
    over = (colour * alpha + WHITE * (255 - alpha) + 127) // 255
    return Picture(over.astype(np.uint8))


def _converted(colour: Pixels, mode: Mode, profile: bytes) -> Pixels:
    if mode == "L" and not profile:
        return np.broadcast_to(colour, (*colour.shape[:2], 3))
    size = (colour.shape[1], colour.shape[0])
    image = Image.frombytes(mode, size, (lab_bytes(colour) if mode == "LAB" else colour).tobytes())
    if profile or mode == "LAB":
        return np.asarray(_applied(image, _transform(profile, mode, back=False)))
    return np.asarray(image.convert("RGB"))


def _applied(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None  # only in-place transforms give None
    return converted


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: Mode, back: bool) -> ImageCms.ImageCmsTransform:
    theirs = ImageCms.createProfile("LAB") if not profile else io.BytesIO(profile)
    there = ImageCms.ImageCmsProfile(theirs)
    return ImageCms.buildTransform(
        _srgb() if back else there,
        there if back else _srgb(),
        "RGB" if back else mode,
        mode if back else "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
