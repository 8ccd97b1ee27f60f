"""One picture, in its own depth and colours, as the bytes of each format."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from studio.core.errors import CannotWrite
from studio.core.saving import Saving
from studio.imaging.describing import described
from studio.imaging.native import Mode, Native, Samples
from studio.imaging.strips import LARGE, png_chunks
from studio.imaging.tiff import tiff_bytes

XMP = "XML:com.adobe.xmp"
MAX_SEGMENT = 65_000
SUBSAMPLING = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}


@dataclass(frozen=True, eq=False)
class Page:
    """A picture and all that goes into its file beside it."""

    native: Native
    saving: Saving = field(default_factory=Saving)
    texts: Mapping[str, str] = field(default_factory=dict)
    exif: bytes = b""
    xmp: bytes = b""
    dpi: tuple[float, float] | None = None


@dataclass(frozen=True)
class Form:
    """What a format can hold. `longest`: pixels a side."""

    name: str
    modes: tuple[Mode, ...]
    depths: tuple[int, ...]
    write: Callable[[Page], bytes]
    longest: int = 2**31 - 1


def png_info(texts: Mapping[str, str], xmp: bytes = b"") -> PngImagePlugin.PngInfo:
    """Each text as UTF-8 (iTXt)."""
    info = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        info.add_itxt(key, unicode(text))
    if xmp:
        info.add_itxt(XMP, xmp.decode("utf-8", "replace"))
    return info


def unicode(text: str) -> str:
    """Half a surrogate pair is no character and has no UTF-8; it becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _png(page: Page) -> bytes:
    height, width = page.native.samples.shape[:2]
    if page.native.depth == 8 and height * width < LARGE:
        return _png_with(page, _image(page.native))
    # Pillow writes what belongs to the picture, others the pixels
    small = _png_with(page, Image.new(page.native.mode, (1, 1)))
    if page.native.depth == 8:
        return b"".join(spliced(png_chunks(page.native.samples), small))
    return _spliced(_deep_png(page.native), small)


def _png_with(page: Page, image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(
        out,
        "PNG",
        pnginfo=png_info(page.texts, page.xmp),
        compress_level=4,
        icc_profile=page.native.profile or None,
        exif=page.exif,
        **({"dpi": page.dpi} if page.dpi else {}),
    )
    return out.getvalue()


def _deep_png(native: Native) -> bytes:
    import cv2

    samples = native.samples
    if native.mode == "LA":
        return _deep_grey_alpha(samples)  # OpenCV has none
    if native.mode != "L":
        samples = samples[..., (2, 1, 0, 3)[: samples.shape[2]]]
    options = [cv2.IMWRITE_PNG_COMPRESSION, 4]
    done, data = cv2.imencode(".png", np.ascontiguousarray(samples), options)
    if not done:
        raise CannotWrite("The picture could not be written as PNG.", "Save it as TIFF.")
    return data.tobytes()


def _deep_grey_alpha(samples: Samples) -> bytes:
    height, width = samples.shape[:2]
    lines = np.ascontiguousarray(samples, ">u2").view(np.uint8).reshape(height, -1)
    above = np.concatenate((np.zeros_like(lines[:1]), lines[:-1]))
    filtered = np.full((height, lines.shape[1] + 1), 2, np.uint8)  # 2: what changed from above
    filtered[:, 1:] = lines - above
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 4, 0, 0, 0)),
        (b"IDAT", zlib.compress(filtered.tobytes(), 4)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _spliced(data: bytes, small: bytes) -> bytes:
    """A PNG with the chunks of another that stand between its header and its pixels."""
    begin = 8 + 25  # signature and IHDR
    return b"".join((data[:begin], *_between(small), data[begin:]))


def spliced(pieces: list[bytes], small: bytes) -> list[bytes]:
    """The same, of a PNG in pieces: signature, IHDR and the rest."""
    return [*pieces[:2], *_between(small), *pieces[2:]]


def _between(small: bytes) -> list[bytes]:
    chunks, at = [], 8 + 25
    while (kind := small[at + 4 : at + 8]) != b"IDAT":
        (length,) = struct.unpack_from(">I", small, at)
        if kind != b"PLTE":
            chunks.append(small[at : at + 12 + length])
        at += 12 + length
    return chunks


def _jpeg(page: Page) -> bytes:
    options: dict[str, Any] = {"subsampling": SUBSAMPLING[page.saving.sampling]}
    if page.xmp and len(page.xmp) <= MAX_SEGMENT:
        options["xmp"] = page.xmp
    if page.dpi:
        options["dpi"] = (round(page.dpi[0]), round(page.dpi[1]))
    return _by_pillow("JPEG", page, quality=page.saving.quality, optimize=False, **options)


def _webp(page: Page) -> bytes:
    options: dict[str, Any] = {"xmp": page.xmp} if page.xmp else {}
    if page.saving.lossless:
        options |= {"lossless": True, "quality": 70, "method": 3}  # here: the effort
    else:
        options["quality"] = page.saving.quality
    return _by_pillow("WEBP", page, exact=True, **options)


def _avif(page: Page) -> bytes:
    options: dict[str, Any] = {"xmp": page.xmp} if page.xmp else {}
    return _by_pillow(
        "AVIF",
        page,
        quality=page.saving.quality,
        subsampling=page.saving.sampling,
        speed=7,
        **options,
    )


def _tiff(page: Page) -> bytes:
    exif = described("TIFF", page.texts, page.exif)
    compressed = page.saving.compression == "deflate"
    return tiff_bytes(page.native, compressed, exif, page.xmp, page.dpi)


def _by_pillow(form: str, page: Page, **options: Any) -> bytes:
    out = io.BytesIO()
    exif = described(form, page.texts, page.exif)
    if len(exif):
        options["exif"] = exif
    if page.native.profile:
        options["icc_profile"] = page.native.profile
    try:
        _image(page.native).save(out, form, **options)
    except (OSError, ValueError, RuntimeError, struct.error, zlib.error) as error:
        raise CannotWrite(
            f"The picture could not be written as {form}: {error}.", "Save it as PNG."
        ) from error
    return out.getvalue()


def _image(native: Native) -> Image.Image:
    size = (native.size.width, native.size.height)
    return Image.frombytes(native.mode, size, np.ascontiguousarray(native.samples).tobytes())


FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Form("PNG", ("L", "LA", "RGB", "RGBA"), (8, 16), _png),
        Form("JPEG", ("L", "RGB", "CMYK"), (8,), _jpeg, 65_500),
        Form("WEBP", ("RGB", "RGBA"), (8,), _webp, 16_383),
        Form("TIFF", ("L", "LA", "RGB", "RGBA", "CMYK", "LAB"), (8, 16, 32), _tiff),
        Form("AVIF", ("RGB", "RGBA"), (8,), _avif, 65_535),
    )
}
