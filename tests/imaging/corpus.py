"""Odd and broken image files, made here: each with what has to come of opening it.

python -m tests.imaging.corpus FOLDER    write them all there
"""

from __future__ import annotations

import io
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import tifffile
from PIL import Image, ImageCms

from studio.imaging.tiff import tiff_bytes
from studio.imaging.writing import FORMS, Page
from tests.imaging.photos import bytes_of, native, swapped_profile


@dataclass(frozen=True)
class Case:
    """`size`: it opens as this. `refused`: it must not. Neither: one or the other."""

    name: str
    data: bytes
    size: tuple[int, int] | None = None
    refused: bool = False
    note: str = ""
    """Words that have to be said of it."""


def photo(width: int = 120, height: int = 90) -> Image.Image:
    noise = np.random.default_rng(5).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(noise)


def chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 2) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join((chunk(b"IHDR", head), *chunks, chunk(b"IEND", b"")))


def rows(width: int, height: int, per: int) -> bytes:
    lines = np.random.default_rng(2).integers(0, 256, (height, width * per + 1), np.uint8)
    lines[:, 0] = 0
    return chunk(b"IDAT", zlib.compress(lines.tobytes()))


def heic() -> bytes:
    pillow_heif.register_heif_opener()
    return bytes_of(photo(), "HEIF", quality=80)


def whole() -> dict[str, bytes]:
    """One good file of each kind, 120×90."""
    deep = native("RGB", 16, (120, 90))
    return {
        "a.jpg": bytes_of(photo(), "JPEG", quality=90),
        "progressive.jpg": bytes_of(photo(), "JPEG", quality=90, progressive=True),
        "a.png": bytes_of(photo(), "PNG"),
        "deep.png": FORMS["PNG"].write(Page(deep)),
        "a.webp": bytes_of(photo(), "WEBP", quality=90),
        "a.tiff": bytes_of(photo(), "TIFF"),
        "lzw.tiff": bytes_of(photo(), "TIFF", compression="tiff_lzw"),
        "deep.tiff": tiff_bytes(deep),
        "raw.tiff": tiff_bytes(deep, compressed=False),
        "float.tiff": tiff_bytes(native("RGB", 32, (120, 90))),
        "a.gif": bytes_of(photo(), "GIF"),
        "a.bmp": bytes_of(photo(), "BMP"),
        "a.avif": bytes_of(photo(), "AVIF", quality=80),
        "a.heic": heic(),
        "a.jp2": bytes_of(photo(), "JPEG2000"),
        "a.ppm": bytes_of(photo(), "PPM"),
    }


def truncated() -> Iterator[Case]:
    for name, data in whole().items():
        yield Case(name, data, (120, 90))
        for tenth in range(1, 10):
            yield Case(f"cut{tenth}-{name}", data[: len(data) * tenth // 10])


def disguised() -> Iterator[Case]:
    good = whole()
    yield Case("really-png.jpg", good["a.png"], (120, 90))
    yield Case("really-jpeg.png", good["a.jpg"], (120, 90))
    yield Case("really-heic.jpg", good["a.heic"], (120, 90))
    yield Case("no-ending", good["a.webp"], (120, 90))
    yield Case("zero.png", b"", refused=True)
    for name, data in good.items():
        yield Case(f"one-{name}", data[:1], refused=True)
        yield Case(f"signature-{name}", data[:12], refused=True)
        yield Case(f"signature-noise-{name}", data[:12] + bytes(range(256)) * 9, refused=True)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.png", good["a.png"])
    for name, data in {
        "text.png": b"not a picture",
        "page.jpg": b"<html><img src='a.jpg'></html>",
        "drawing.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "paper.png": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        "archive.png": archive.getvalue(),
        "film.heic": struct.pack(">I", 24) + b"ftypisom\0\0\0\0isomiso2" + bytes(500),
        "zeros.jpg": bytes(5000),
        "script.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    }.items():
        yield Case(name, data, refused=True)


def bombs() -> Iterator[Case]:
    """Small files that would take much memory or time."""
    yield Case("bomb.png", png(60000, 60000, rows(10, 10, 3)), refused=True)
    yield Case("most.png", png(2**31 - 1, 2**31 - 1, rows(10, 10, 3)), refused=True)
    yield Case("deep-bomb.png", png(60000, 60000, rows(9, 9, 6), depth=16), refused=True)
    long = b"a\0\0" + zlib.compress(bytes(30_000_000), 9)
    yield Case("text.png", png(40, 30, chunk(b"zTXt", long), rows(40, 30, 3)))
    yield Case("late-text.png", png(40, 30, rows(40, 30, 3), chunk(b"zTXt", long)), (40, 30))
    yield Case("profile.png", png(40, 30, chunk(b"iCCP", long), rows(40, 30, 3)))
    more = chunk(b"IDAT", zlib.compress(bytes(50_000_000), 9))
    yield Case("pixels.png", png(40, 30, more), (40, 30))
    jpeg = bytearray(bytes_of(photo(), "JPEG"))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", 65500, 65500)
    yield Case("bomb.jpg", bytes(jpeg), refused=True)
    slow = bytes_of(Image.new("RGB", (3000, 3000)), "JPEG", progressive=True)
    last = slow.rindex(b"\xff\xda")
    yield Case("scans.jpg", slow[:-2] + slow[last:-2] * 5000 + b"\xff\xd9", refused=True)
    yield Case("bomb.gif", b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0), refused=True)
    bmp = bytearray(bytes_of(photo(), "BMP"))
    bmp[18:26] = struct.pack("<ii", 2**31 - 1, 2**31 - 1)
    yield Case("bomb.bmp", bytes(bmp), refused=True)
    yield Case("bomb.ppm", b"P6\n99999 99999\n255\n", refused=True)
    webp = bytearray(bytes_of(photo(), "WEBP", lossless=True))
    webp[21:25] = struct.pack("<I", 16382 | 16382 << 14)
    yield Case("bomb.webp", bytes(webp), refused=True)
    for name, fields in {
        "bomb.tiff": {"shape": (60000, 60000, 3), "dtype": np.uint8},
        "deep-bomb.tiff": {"shape": (60000, 60000, 3), "dtype": np.uint16},
    }.items():
        yield Case(name, tiff_head(**fields), refused=True)
    deep = bytearray(tiff_bytes(native("RGB", 16, (9, 9))))
    patch(deep, 277, 65535)
    yield Case("samples.tiff", bytes(deep))
    loop = bytearray(bytes_of(photo(), "TIFF"))
    (start,) = struct.unpack_from("<I", loop, 4)
    (count,) = struct.unpack_from("<H", loop, start)
    struct.pack_into("<I", loop, start + 2 + 12 * count, start)
    yield Case("loop.tiff", bytes(loop), (120, 90))


def tiff_head(shape: tuple[int, int, int], dtype: Any) -> bytes:
    """A TIFF that claims to be this large and has next to no pixels."""
    data = bytearray(tiff_bytes(native("RGB", np.dtype(dtype).itemsize * 8, (9, 9))))
    patch(data, 256, shape[1])
    patch(data, 257, shape[0])
    return bytes(data)


def patch(data: bytearray, tag: int, value: int) -> None:
    """Give a field of a little-endian TIFF another value."""
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    for number in range(count):
        at = start + 2 + 12 * number
        if struct.unpack_from("<H", data, at)[0] == tag:
            struct.pack_into("<HHII", data, at, tag, 4, 1, value)


def metadata() -> Iterator[Case]:
    """Absurd EXIF and hostile profiles: the pixels are opened all the same."""
    for name, exif in {
        "offset": b"MM\0*\xff\xff\xff\xff",
        "short": b"II*\0",
        "loop": b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
        "many": b"II*\0\x08\0\0\0\xff\xff" + b"\x0f\x01\x02\0\xff\xff\xff\xff\0\0\0\0" * 300,
        "noise": bytes(np.random.default_rng(3).integers(0, 256, 4000, np.uint8)),
    }.items():
        yield Case(
            f"exif-{name}.jpg", bytes_of(photo(), "JPEG", exif=b"Exif\0\0" + exif), (120, 90)
        )
        yield Case(f"exif-{name}.png", bytes_of(photo(), "PNG", exif=exif), (120, 90))
    for number in (0, 9, 65535):
        turn = Image.Exif()
        turn[0x0112] = number
        yield Case(f"turn-{number}.jpg", bytes_of(photo(), "JPEG", exif=turn), (120, 90))
    turn = Image.Exif()
    turn[0x0112] = 6
    yield Case("turned.jpg", bytes_of(photo(), "JPEG", exif=turn), (90, 120))
    good = swapped_profile()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    huge = bytearray(good)
    huge[128:132] = b"\xff\xff\xff\xff"
    for name, icc in {
        "noise": bytes(range(256)) * 4,
        "cut": good[:200],
        "claims": bytes(huge),
        "other": lab,
        "empty-tags": good[:128] + bytes(4),
    }.items():
        for form, end in (("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("TIFF", "tiff")):
            data = bytes_of(photo(), form, icc_profile=icc)
            yield Case(f"icc-{name}.{end}", data, (120, 90), note="profile")


def odd() -> Iterator[Case]:
    """Right, but rare."""
    cmyk = photo().convert("CMYK")
    yield Case("cmyk.jpg", bytes_of(cmyk, "JPEG"), (120, 90), note="CMYK")
    yield Case("cmyk.tiff", bytes_of(cmyk, "TIFF"), (120, 90), note="CMYK")
    yield Case("grey.jpg", bytes_of(photo().convert("L"), "JPEG"), (120, 90))
    for mode in ("LA", "L", "RGBA", "RGB"):
        deep = native(mode, 16, (50, 40))  # type: ignore[arg-type]
        yield Case(f"deep-{mode}.png", FORMS["PNG"].write(Page(deep)), (50, 40), note="16 bits")
        yield Case(f"deep-{mode}.tiff", tiff_bytes(deep), (50, 40), note="16 bits")
    planes = {"photometric": "rgb", "planarconfig": "separate"}
    for name, samples, options in (
        ("half", np.ones((40, 50, 3), np.float16), {"photometric": "rgb"}),
        ("double", np.ones((40, 50, 3), np.float64), {"photometric": "rgb"}),
        ("int32", np.ones((40, 50), np.int32), {}),
        ("planes", np.ones((3, 40, 50), np.uint16), planes),
        ("tiles", np.ones((40, 50, 3), np.uint16), {"tile": (16, 16)}),
        ("white", np.ones((40, 50), np.uint16), {"photometric": "miniswhite"}),
    ):
        file = io.BytesIO()
        tifffile.imwrite(file, samples, **options)
        yield Case(f"{name}.tiff", file.getvalue(), (50, 40))
    frames = [photo(30, 20).convert("P"), Image.new("P", (30, 20), 3)]
    more = {"save_all": True, "append_images": frames[1:]}
    yield Case("film.gif", bytes_of(frames[0], "GIF", **more), (30, 20), note="first frame")
    frames = [frame.convert("RGB") for frame in frames]
    more["append_images"] = frames[1:]
    yield Case("film.webp", bytes_of(frames[0], "WEBP", **more), (30, 20), note="first frame")
    yield Case("film.png", bytes_of(frames[0], "PNG", **more), (30, 20), note="first frame")
    yield Case("pages.tiff", bytes_of(frames[0], "TIFF", **more), (30, 20), note="first page")
    for width, height in ((1, 30000), (30000, 1)):
        thin = photo(width, height)
        for form in ("PNG", "JPEG", "TIFF", "BMP"):
            name = f"thin-{width}.{form.lower()}"
            yield Case(name, bytes_of(thin, form), (width, height))
    yield Case("one.png", bytes_of(photo(1, 1), "PNG"), (1, 1))
    yield Case("bits.png", bytes_of(photo().convert("1"), "PNG"), (120, 90))
    two = chunk(b"PLTE", bytes(range(12))) + chunk(b"IDAT", zlib.compress(bytes(3 * 4)))
    yield Case("palette2.png", png(8, 4, two, depth=2, colour=3), (8, 4))
    clear = chunk(b"tRNS", struct.pack(">HHH", 0, 0, 0)) + rows(40, 30, 6)
    yield Case("clear-deep.png", png(40, 30, clear, depth=16), (40, 30))
    wrong = bytearray(bytes_of(photo(), "PNG"))
    wrong[-20] ^= 255
    yield Case("check.png", bytes(wrong))
    yield Case("no-pixels.png", png(40, 30), refused=True)
    yield Case("no-size.png", png(0, 30, rows(1, 1, 3)), refused=True)
    tables = whole()["a.jpg"]
    yield Case("no-tables.jpg", tables.replace(b"\xff\xc4", b"\xff\xee"))
    yield Case("rgb.jpg", bytes_of(photo(), "JPEG", keep_rgb=True), (120, 90))
    yield Case("junk-after.jpg", tables + b"\0junk" * 500, (120, 90))
    up = bytearray(bytes_of(photo(), "BMP"))
    up[22:26] = struct.pack("<i", -90)
    yield Case("top-down.bmp", bytes(up), (120, 90))


def cases() -> Iterator[Case]:
    for part in (truncated, disguised, bombs, metadata, odd):
        yield from part()


def main() -> None:
    folder = Path(sys.argv[1])
    for case in cases():
        (folder / case.name).write_bytes(case.data)


if __name__ == "__main__":
    main()
