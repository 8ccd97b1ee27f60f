"""Any picture that Pillow has decoded, as 8-bit sRGB."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from studio.core.picture import Picture, Pixels

WHITE = 255
DEEP_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
SAME_AS_SRGB = {
    "sRGB",
    "sRGB IEC61966-2.1",
    "sRGB IEC61966-2-1",
    "sRGB built-in",
    "sRGB built-in - (lcms internal)",
    "RGB built-in",
}
"""Descriptions of profiles that say what we assume anyway; converting would only add rounding."""


def to_srgb(image: Image.Image, use_profile: bool = True) -> Pixels:
    """HWC uint8: RGB, or RGBA if some pixel is not opaque. Depth is scaled, never clipped."""
    icc = image.info.get("icc_profile") if use_profile else None
    if image.mode in DEEP_MODES:
        image = Image.fromarray(to_8_bit(np.asarray(image)))
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    colour = _converted(_without_alpha(image), icc)
    if alpha is None or alpha.getextrema()[0] == 255:
        return np.asarray(colour)
    return np.asarray(Image.merge("RGBA", (*colour.split(), alpha)))


def to_8_bit(values: npt.NDArray[np.generic]) -> Pixels:
    """Deeper samples scaled to 0…255 so that the largest still differs from the ones below.

    16 bits by 257. Floats: 1 is white, or the largest value if that is above 1, and 0 is black,
    or the smallest value if that is below 0. 32-bit integers that fit are taken as 16 bits.
    """
    if values.dtype == np.uint8:
        return values.astype(np.uint8)
    if values.dtype.kind in "iu":
        low, high = int(values.min()), int(values.max())
        if low >= 0 and high <= 65535:
            return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
        scaled = (values.astype(np.float64) - low) / (high - low)
    else:
        finite = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
        low_f, high_f = min(0.0, float(finite.min())), max(1.0, float(finite.max()))
        scaled = (finite - low_f) / (high_f - low_f)
    return np.rint(scaled * 255).astype(np.uint8)


def flat(picture: Picture) -> Picture:
    """The picture as it looks on white paper: RGB, the very same object if it is opaque."""
    if not picture.has_alpha:
        return picture
    alpha = picture.pixels[..., 3:].astype(np.uint16)
    colour = picture.pixels[..., :3].astype(np.uint16)
    over = (colour * alpha + WHITE * (255 - alpha) + 127) // 255
    return Picture(over.astype(np.uint8))


def _without_alpha(image: Image.Image) -> Image.Image:
    if image.mode in ("RGB", "L", "CMYK", "LAB"):
        return image
    if image.mode in ("1", "LA", "La"):
        return image.convert("LA").getchannel("L") if image.mode == "La" else image.convert("L")
    return image.convert("RGBA").convert("RGB") if image.mode == "RGBa" else image.convert("RGB")


def _converted(colour: Image.Image, icc: bytes | None) -> Image.Image:
    """RGB in sRGB. A profile that is broken, or for another kind of picture, is left out."""
    if icc:
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            name = ImageCms.getProfileDescription(profile).strip()
            if name in SAME_AS_SRGB and colour.mode == "RGB":
                return colour
            return _transformed(colour, profile)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    if colour.mode == "LAB":
        return _transformed(colour, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    return colour.convert("RGB")


def _transformed(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    transform = ImageCms.buildTransform(
        profile,
        _srgb(),
        image.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None  # only in-place transforms give None
    return converted


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
