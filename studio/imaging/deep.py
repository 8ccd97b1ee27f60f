"""Samples of more than 8 bits, which Pillow reads reduced, wrongly, or not at all."""

from __future__ import annotations

import io
import logging
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from PIL.TiffImagePlugin import PREFIXES

from studio.core.geometry import Size
from studio.imaging.files import DAMAGE
from studio.imaging.native import Mode, Samples, normal

COLOURS: dict[int, tuple[Mode, int]] = {
    0: ("L", 1),  # white is 0
    1: ("L", 1),
    2: ("RGB", 3),
    5: ("CMYK", 4),
    8: ("LAB", 3),
}
"""What TIFF's photometric interpretations are here."""
WITH_ALPHA: dict[Mode, Mode] = {"L": "LA", "RGB": "RGBA"}
PREMULTIPLIED, STRAIGHT = 1, 2
PROFILE, ORIENTATION = 34675, 274
NONE, DEFLATE, OLD_DEFLATE = 1, 8, 32946
MOST_SAMPLES = 6

logging.getLogger("tifffile").addHandler(logging.NullHandler())


@dataclass(frozen=True, eq=False)
class Deep:
    """Samples as decoded, not turned yet. `orientation` 1 if the library has turned them."""

    samples: Samples
    mode: Mode
    profile: bytes
    orientation: int
    pages: bool = False
    """Whether there are more pages than this first one."""
    missing: float = 0.0
    """The part of the samples, 0…1, that the file ends before."""


def read_deep_tiff(stream: BinaryIO, allow: Callable[[Size], None]) -> Deep | None:
    """The first page of a TIFF deeper than 8 bits; None for other files and what is damaged.

    `allow` is called with the size that the header says, before pixels are decoded.
    """
    start = stream.read(4)
    stream.seek(0)
    if start not in PREFIXES:
        return None
    import tifffile

    try:
        with tifffile.TiffFile(stream) as file:
            page: Any = file.pages.first
            bits = page.bitspersample
            if max(bits if isinstance(bits, tuple) else (bits,)) <= 8 or page.imagedepth != 1:
                return None
            if page.samplesperpixel > MOST_SAMPLES:
                return None
            mode, colours = COLOURS[int(page.photometric)]
            allow(Size(int(page.imagewidth), int(page.imagelength)))
            profile, turn = page.tags.valueof(PROFILE), page.tags.valueof(ORIENTATION)
            found, missing = _samples(page, stream)
            if found is None:
                stream.seek(0)
                found, turn = _by_opencv(stream.read(), mode), 1
            if found is None:
                return None
            samples, mode = _arranged(found, page, mode, colours)
            pages = len(file.pages) > 1
        return Deep(samples, mode, bytes(profile or b""), int(turn or 1), pages, missing)
    except DAMAGE:
        return None  # the general reader says what is wrong with it
    finally:
        stream.seek(0)


def read_deep_png(data: bytes) -> tuple[Samples, Mode] | None:
    """H×W×C uint16 of a PNG with 16 bits a sample; None if it is damaged."""
    found = _opencv(data) if _is_sound(data) else None
    if found is None or found.dtype != np.uint16:
        return None
    if found.ndim == 2:
        return found[..., None], "L"
    if data[25:26] == b"\4":  # grey with alpha, which OpenCV makes RGBA
        return np.ascontiguousarray(found[..., [0, 3]]), "LA"
    samples = found[..., (2, 1, 0, 3)[: found.shape[2]]]
    return np.ascontiguousarray(samples), "RGBA" if found.shape[2] == 4 else "RGB"


def read_deep_heif(stream: BinaryIO) -> tuple[Samples, Mode] | None:
    """H×W×C uint16 of a HEIC picture with 10 or 12 bits a sample, upright; None for any other."""
    import pillow_heif

    stream.seek(0)
    found: Samples = np.asarray(pillow_heif.open_heif(stream, convert_hdr_to_8bit=False))
    if found.dtype != np.uint16 or found.ndim != 3 or found.shape[2] not in (3, 4):
        return None
    return found, "RGBA" if found.shape[2] == 4 else "RGB"


def _is_sound(png: bytes) -> bool:
    """Whether every chunk is there and has its checksum: of others libpng complains aloud."""
    at = 8
    while at + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, at)
        end = at + 8 + length
        if end + 4 > len(png):
            return False
        if zlib.crc32(memoryview(png)[at + 4 : end]) != struct.unpack_from(">I", png, end)[0]:
            return False
        if png[at + 4 : at + 8] == b"IEND":
            return True
        at = end + 4
    return False


def _samples(page: Any, stream: BinaryIO) -> tuple[Samples | None, float]:
    """H×W×C by tifffile, and what part is missing; None if tifffile has no codec for it."""
    import tifffile

    if int(page.compression) not in (NONE, DEFLATE, OLD_DEFLATE):
        return None, 0.0
    there = stream.seek(0, 2)
    lengths = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    missing = sum(max(0, min(length, start + length - there)) for start, length in lengths)
    if missing and int(page.compression) == NONE:
        # the rest is black, so that what is there can be had
        stream.seek(0)
        room = max(start + length for start, length in lengths) - there
        if room <= page.nbytes:
            whole = io.BytesIO(stream.read() + bytes(room))
            with tifffile.TiffFile(whole) as file:
                return _samples(file.pages.first, whole)[0], missing / page.nbytes
    found: Samples = page.asarray(maxworkers=1)
    separate = page.planarconfig == tifffile.PLANARCONFIG.SEPARATE
    if separate and page.samplesperpixel > 1:
        found = np.moveaxis(found, 0, -1)
    return found if found.ndim == 3 else found[..., None], 0.0


def _by_opencv(data: bytes, mode: Mode) -> Samples | None:
    """LZW and the rest, for grey and RGB only. libtiff turns what it reads upright itself."""
    found = _opencv(data) if mode in WITH_ALPHA else None
    if found is None or found.dtype == np.uint8:
        return None
    if found.ndim == 2:
        return found[..., None]
    return found[..., (2, 1, 0, 3)[: found.shape[2]]]


def _opencv(data: bytes) -> Samples | None:
    import cv2  # late: it costs more than everything else here

    log = cv2.utils.logging
    before = log.setLogLevel(log.LOG_LEVEL_SILENT)
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    finally:
        log.setLogLevel(before)


def _arranged(found: Samples, page: Any, mode: Mode, colours: int) -> tuple[Samples, Mode]:
    """Colour and alpha only, white as the most, alpha straight, LAB centred."""
    said = [int(kind) for kind in page.extrasamples] or [STRAIGHT]  # as everyone takes it
    alpha = mode in WITH_ALPHA and found.shape[2] > colours and said[0] in (PREMULTIPLIED, STRAIGHT)
    if mode == "LAB":
        found = _centred(found[..., :3])
    samples = normal(np.ascontiguousarray(found[..., : colours + alpha]))
    if int(page.photometric) == 0:
        white = np.iinfo(samples.dtype).max if samples.dtype.kind == "u" else samples.max()
        samples = samples.copy()
        samples[..., :1] = white - samples[..., :1]
    if not alpha:
        return samples, mode
    if said[0] == PREMULTIPLIED:
        samples = _straight(samples)
    return samples, WITH_ALPHA[mode]


def _centred(lab: Samples) -> Samples:
    """a and b are signed in the file and L is not: made unsigned, with zero in the middle."""
    bits = lab.dtype.itemsize * 8
    unsigned = lab.view(f"u{lab.dtype.itemsize}").copy()
    unsigned[..., 1:] ^= 1 << (bits - 1)
    return unsigned


def _straight(samples: Samples) -> Samples:
    full = float(np.iinfo(samples.dtype).max) if samples.dtype.kind == "u" else 1.0
    alpha = samples[..., -1:].astype(np.float32)
    colour = samples[..., :-1] * (full / np.maximum(alpha, full * 1e-6))
    if samples.dtype.kind == "u":
        colour = np.rint(np.minimum(colour, full))
    return np.concatenate((colour.astype(samples.dtype), samples[..., -1:]), axis=2)
