"""TIFF pictures with several deep channels (16-bit, float), which Pillow reads badly or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

import numpy as np
from PIL.TiffImagePlugin import PREFIXES, ImageFileDirectory_v2

from studio.core.geometry import Size
from studio.core.picture import Pixels
from studio.imaging.colour import to_8_bit
from studio.imaging.files import DAMAGE, damaged

WIDTH, HEIGHT, BITS, PHOTOMETRIC, CHANNELS = 256, 257, 258, 262, 277
RGB = 2


def read_deep_tiff(stream: BinaryIO, name: str, allow: Callable[[Size], None]) -> Pixels | None:
    """HWC uint8 (RGB or RGBA) of an RGB TIFF deeper than 8 bits, or None for any other file.

    `allow` is called with the size that the header says, before pixels are decoded.
    """
    size = _deep_size(stream)
    stream.seek(0)
    if size is None:
        return None
    allow(size)
    import cv2  # late: it costs more than everything else here

    log = cv2.utils.logging
    before = log.setLogLevel(log.LOG_LEVEL_SILENT)
    try:
        found = cv2.imdecode(np.frombuffer(stream.read(), np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        found = None
    finally:
        log.setLogLevel(before)
    stream.seek(0)
    if found is None or found.ndim != 3 or found.shape[2] not in (3, 4):
        raise damaged(name)
    order = (2, 1, 0, 3)[: found.shape[2]]  # OpenCV has blue first
    if found.shape[2] == 3:
        return to_8_bit(found[..., order])
    colour, alpha = to_8_bit(found[..., order[:3]]), to_8_bit(found[..., 3])
    if alpha.min() == 255:
        return colour
    return np.dstack((colour, alpha))


def _deep_size(stream: BinaryIO) -> Size | None:
    """The size in the header of a deep RGB TIFF; None for other files."""
    start = stream.read(8)
    if start[:4] not in PREFIXES or len(start) < 8:
        return None
    try:
        directory = ImageFileDirectory_v2(start)
        stream.seek(directory.next)
        directory.load(stream)
        deep = max(directory.get(BITS, (1,))) > 8
        if directory.get(PHOTOMETRIC) != RGB or directory.get(CHANNELS, 1) < 3 or not deep:
            return None
        return Size(int(directory[WIDTH]), int(directory[HEIGHT]))
    except DAMAGE:
        return None  # the general reader says what is wrong with it
