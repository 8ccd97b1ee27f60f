"""JPEG files: a decoder that gives pixels as they are worked on, and what their headers say.

Pillow keeps RGB in four bytes and packs it afterwards, which takes more than half as long as the
decoding. OpenCV has the same libjpeg-turbo and gives the same bytes packed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from PIL import Image, JpegImagePlugin

from studio.core.picture import Pixels

FRAMES, PROGRESSIVE = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA), (0xC2, 0xCA)
START_OF_SCAN, END = 0xDA, b"\xff\xd9"
MOST_SCANS = 100
"""Progressive pictures have about ten; thousands are made to keep a decoder busy for hours."""
LUMINANCE = np.frombuffer(
    bytes.fromhex(
        "100b0a101828333d0c0c0e131a3a3c370e0d1018283945380e11161d3357503e"
        "12162538446d674d182337405168715c31404e5767797865485c5f6270646763"
    ),
    np.uint8,
)
"""The table of the standard's annex K, for quality 50."""
SAMPLINGS = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0"}


def read_jpeg(data: bytes, image: Image.Image, path: str = "") -> Pixels | None:
    """H×W×3 of a whole colour JPEG; None for any other, which Pillow can do.

    `image` is Pillow's reading of the header, `path` where the same bytes lie on disk, if they do.
    Of a damaged file libjpeg says so on standard error, which OpenCV does not prevent.
    """
    plain = image.mode == "RGB" and image.info.get("adobe_transform", 1) == 1
    ids = [layer[0] for layer in getattr(image, "layer", ())]
    if not plain or ids == [*b"RGB"] or not is_whole(data):
        return None
    import cv2  # late: it costs more than everything else here

    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        # only from a file can OpenCV decode to where the pixels are to stay: a fifth less time
        room = np.empty((image.height, image.width, 3), np.uint8)
        found = cv2.imread(path, room, flags) if path else None
        if found is None:
            found = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None
    if found is None or found.shape != (image.height, image.width, 3):
        return None
    pixels: Pixels = found
    return pixels


def is_whole(data: bytes) -> bool:
    """Whether the end of the picture is there. Metadata may hold ends of its own."""
    start = next((at for at, kind in _segments(data) if kind == START_OF_SCAN), None)
    return start is not None and data.rfind(END, start) >= 0


def too_many_scans(data: bytes) -> bool:
    """Whether a picture of several scans has more than anybody needs."""
    several, channels = False, 0
    for at, kind in _segments(data):
        if kind in FRAMES and at + 9 < len(data):
            several, channels = kind in PROGRESSIVE, data[at + 9]
        elif kind == START_OF_SCAN and at + 4 < len(data):
            several = several or data[at + 4] < channels
            return several and data.count(b"\xff\xda", at) > MOST_SCANS
    return False


def quality_of(image: Image.Image) -> int:
    """The quality, 1…100, whose tables in libjpeg's scale are nearest; 0 if that says nothing."""
    tables = getattr(image, "quantization", {})
    if 0 not in tables or len(tables[0]) != 64:
        return 0
    percent = float(np.mean(np.asarray(tables[0]) / LUMINANCE)) * 100
    quality = 5000 / percent if percent > 100 else 100 - percent / 2
    return min(100, max(1, round(quality)))


def sampling_of(image: Image.Image) -> str:
    """How colour is sampled: "4:4:4", "4:2:2", "4:2:0"; "" for none of these."""
    layers: list[tuple[int, ...]] = getattr(image, "layer", [])
    if len(layers) != 3 or not isinstance(image, JpegImagePlugin.JpegImageFile):
        return ""
    return SAMPLINGS.get((layers[0][1], layers[0][2]), "")


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Where each marker up to the first scan stands, and its kind."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if kind == 0xFF:  # padding
            at += 1
            continue
        yield at, kind
        if kind == START_OF_SCAN:
            return
        (length,) = struct.unpack_from(">H", data, at + 2)
        at += 2 + length
