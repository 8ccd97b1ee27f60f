"""Pictures as the bytes of a file."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from studio.core.errors import BadInput, CannotWrite
from studio.core.picture import Mask, Picture, Pixels
from studio.imaging.colour import flat

IMAGE_DESCRIPTION, EXIF_IFD, USER_COMMENT = 0x010E, 0x8769, 0x9286
UNICODE = b"UNICODE\0"
MAX_JPEG_EXIF = 65_000
LONGEST_SIDE = {"JPEG": 65_500, "WEBP": 16_383}

SUFFIXES = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
SETTINGS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"quality": 95, "exact": True},
    "TIFF": {"compression": "tiff_adobe_deflate"},
}


def png_bytes(picture: Picture | Mask, texts: Mapping[str, str] | None = None) -> bytes:
    """A PNG with each text as UTF-8 (iTXt), before the pixels so that it is read at once."""
    info = PngImagePlugin.PngInfo()
    for key, text in (texts or {}).items():
        info.add_itxt(key, _unicode(text))
    out = io.BytesIO()
    Image.fromarray(picture.pixels).save(out, "PNG", pnginfo=info, compress_level=4)
    return out.getvalue()


def png_pixels(data: bytes) -> Pixels:
    """The very pixels that `png_bytes` was given, HWC or HW, with nothing converted."""
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        return np.asarray(image)


def encode(picture: Picture, suffix: str, texts: Mapping[str, str] | None = None) -> bytes:
    """The picture in the format of a file name's end, such as ".jpg".

    JPEG has no transparency, so it is laid on white. In JPEG, WebP and TIFF the texts go into
    EXIF (TIFF: only our own); JPEG has room for 64 KiB and a longer one is left out. Raises
    BadInput for a format that cannot be written, CannotWrite for a picture too large for it.
    """
    form = SUFFIXES.get(suffix.lower())
    if form is None:
        raise BadInput(
            f"Pictures cannot be saved as {suffix or 'a file without an ending'}.",
            f"Use a name that ends in {', '.join(SUFFIXES)}.",
        )
    if form == "PNG":
        return png_bytes(picture, texts)
    longest = LONGEST_SIDE.get(form, 2**31)
    if max(picture.size.width, picture.size.height) > longest:
        raise CannotWrite(
            f"{form} holds at most {longest} pixels a side; the picture is {picture.size}.",
            "Save it as PNG.",
        )
    if form == "JPEG":
        picture = flat(picture)
    out = io.BytesIO()
    image = Image.fromarray(picture.pixels)
    image.save(out, form, **SETTINGS[form], **_described(form, texts or {}))
    return out.getvalue()


def exif_texts(image: Image.Image) -> dict[str, str]:
    """What `encode` put into EXIF, and A1111's `parameters` wherever they come from."""
    exif = image.getexif()
    found = {}
    ours = exif.get(IMAGE_DESCRIPTION)
    if isinstance(ours, str) and ours.startswith("{"):
        found["diffusion-studio"] = ours
    comment = exif.get_ifd(EXIF_IFD).get(USER_COMMENT)
    if isinstance(comment, bytes) and comment.startswith(UNICODE):
        found["parameters"] = _utf16(comment[len(UNICODE) :])
    return found


def _described(form: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """EXIF has no field for JSON: ours is ASCII (escaped) in the description, A1111's
    `parameters` are in the user comment, where its own readers look."""
    exif = Image.Exif()
    ours = "".join(_escaped(c) for c in texts.get("diffusion-studio", ""))
    if form == "TIFF":  # libtiff writes the description itself, and no EXIF beside it
        return {"description": ours} if ours else {}
    if ours:
        exif[IMAGE_DESCRIPTION] = ours
    if "parameters" in texts:
        comment = UNICODE + _unicode(texts["parameters"]).encode("utf-16-be")
        exif.get_ifd(EXIF_IFD)[USER_COMMENT] = comment
    data = exif.tobytes()
    fits = form != "JPEG" or len(data) <= MAX_JPEG_EXIF
    return {"exif": data} if texts and fits else {}


def _escaped(character: str) -> str:
    if character.isascii():
        return character
    pair = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{pair[i : i + 4]}" for i in range(0, len(pair), 4))


def _unicode(text: str) -> str:
    """Half a surrogate pair is no character and has no UTF-8; it becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _utf16(data: bytes) -> str:
    """Big-endian, as everyone writes it, unless every other byte says that it is little."""
    little = data[1:2] == b"\0" and data[:1] != b"\0"
    return data.decode("utf-16-le" if little else "utf-16-be", "replace")
