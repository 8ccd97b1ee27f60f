"""TIFF files of any depth and colours, with the metadata that belongs to them.

Pillow writes 8 bits only, and no EXIF beside compression. Its directory writer is used here.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from studio.imaging.native import Mode, Native, Samples

SUB_DIRECTORIES = (0x8769, 0x8825)
ORIENTATION = 274
LONG, UNDEFINED, BYTE = 4, 7, 1
PHOTOMETRIC: dict[Mode, int] = {"L": 1, "LA": 1, "RGB": 2, "RGBA": 2, "CMYK": 5, "LAB": 8}
STRAIGHT_ALPHA, FLOAT, UNSIGNED = 2, 3, 1
STRIP = 1 << 20
"""Bytes of a strip, about: small enough to be worked on by several threads."""
LEVEL = 5


def tiff_bytes(
    native: Native,
    compressed: bool = True,
    exif: Image.Exif | None = None,
    xmp: bytes = b"",
    dpi: tuple[float, float] | None = None,
) -> bytes:
    """Little-endian, in strips, deflate with differences between neighbours if `compressed`."""
    samples = _stored(native)
    height, width, channels = samples.shape
    rows = max(1, min(height, STRIP // (width * channels * samples.itemsize)))
    differ = compressed and native.depth < 32
    with ThreadPoolExecutor(os.cpu_count() or 1, "studio-tiff") as pool:
        parts = _strips(samples, rows)
        strips = list(pool.map(lambda part: _packed(part, compressed, differ), parts))
    lengths = [len(strip) for strip in strips]
    offsets = np.cumsum([0, *lengths[:-1]]).tolist()

    directory = ImageFileDirectory_v2(b"II*\0\0\0\0\0")
    directory[ORIENTATION] = 1
    for tag, value in (exif or {}).items():
        if tag not in SUB_DIRECTORIES:
            directory[tag] = value
    for tag in SUB_DIRECTORIES if exif is not None else ():
        inner = dict(exif.get_ifd(tag)) if exif is not None else {}
        if inner:
            directory.tagtype[tag] = LONG
            directory[tag] = inner
    fields: dict[int, Any] = {
        256: width,
        257: height,
        258: (samples.itemsize * 8,) * channels,
        259: 8 if compressed else 1,
        262: PHOTOMETRIC[native.mode],
        273: tuple(offsets),
        277: channels,
        278: rows,
        279: tuple(lengths),
        284: 1,
        339: (FLOAT if native.depth == 32 else UNSIGNED,) * channels,
    }
    if differ:
        fields[317] = 2
    if native.has_alpha:
        fields[338] = STRAIGHT_ALPHA
    if dpi is not None:
        fields |= {282: dpi[0], 283: dpi[1], 296: 2}
    for tag, data, kind in ((700, xmp, BYTE), (34675, native.profile, UNDEFINED)):
        if data:
            directory.tagtype[tag] = kind
            fields[tag] = data
    directory.tagtype[273] = directory.tagtype[279] = LONG
    for tag, value in fields.items():
        directory[tag] = value
    # its offsets are counted from the directory's end, where the strips begin
    return b"".join((b"II*\0\x08\0\0\0", directory.tobytes(8), *strips))


def _stored(native: Native) -> Samples:
    """Little-endian, a and b of LAB signed."""
    samples = native.samples
    if native.mode == "LAB":
        samples = samples.copy()
        samples[..., 1:] ^= 1 << (native.depth - 1)
    return np.ascontiguousarray(samples, samples.dtype.newbyteorder("<"))


def _strips(samples: Samples, rows: int) -> Iterator[Samples]:
    for top in range(0, samples.shape[0], rows):
        yield samples[top : top + rows]


def _packed(part: Samples, compressed: bool, differ: bool) -> bytes:
    if not compressed:
        return part.tobytes()
    if differ:
        part = np.concatenate((part[:, :1], part[:, 1:] - part[:, :-1]), axis=1)
    return zlib.compress(part.tobytes(), LEVEL)
