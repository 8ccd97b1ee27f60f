"""Large PNGs in strips that are compressed alone, so that an edit costs what it changes.

A photo whose 400 × 400 pixels were filled is saved again by compressing those rows; all others
are taken over from when the photo itself was kept. Several cores compress side by side.
"""

from __future__ import annotations

import os
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np

from studio.core.picture import Mask, Picture, Pixels

LARGE = 2 * 2**20
"""From so many pixels on a picture is worth it."""

STRIP = 2**20
"""About how many bytes of pixels go into one strip."""

LEVEL = 1
SUB = 1
"""PNG's filter that looks at nothing but the pixel to the left: strips stay independent."""

TRIED = 4
"""How many pictures of the same size are looked into for strips that are the same."""

MODULO = 65521
COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}
"""PNG's colour types by channels."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Strip:
    """Deflated rows, ended on a byte; `adler` and `size` are of what they are inflated to."""

    data: bytes
    adler: int
    size: int


Strips = tuple[Strip, ...]
_known: WeakKeyDictionary[Picture | Mask, Strips] = WeakKeyDictionary()
_lock = Lock()


def png_chunks(pixels: Pixels, owner: Picture | Mask | None = None) -> list[bytes]:
    """Signature, IHDR, IDATs and IEND of H×W or H×W×C pixels, to be written one after the other.

    `owner`, whose pixels they are, is remembered as long as it lives, for edits of it.
    """
    height, width = pixels.shape[:2]
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    strips = _strips(np.ascontiguousarray(pixels).reshape(height, -1), channels, owner)
    if owner is not None:
        with _lock:
            _known[owner] = strips
    header = struct.pack(">IIBBBBB", width, height, 8, COLOURS[channels], 0, 0, 0)
    adler = 1
    pieces = [SIGNATURE, chunk(b"IHDR", header), chunk(b"IDAT", b"\x78\x01")]
    for strip in strips:
        adler = combined(adler, strip.adler, strip.size)
        pieces.append(chunk(b"IDAT", strip.data))
    # A last, empty block ends the stream.
    pieces += [chunk(b"IDAT", b"\x03\x00" + struct.pack(">I", adler)), chunk(b"IEND", b"")]
    return pieces


def chunk(name: bytes, data: bytes) -> bytes:
    """A PNG chunk: length, name, data, checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def combined(one: int, other: int, size: int) -> int:
    """Adler-32 of two runs of bytes from that of each and the size of the second (RFC 1950)."""
    rest = size % MODULO
    low, high = one & 0xFFFF, one >> 16
    total_high = high + (other >> 16) + rest * low - rest
    total_low = low + (other & 0xFFFF) - 1
    return (total_high % MODULO) << 16 | total_low % MODULO


def _strips(rows: Pixels, channels: int, owner: Picture | Mask | None) -> Strips:
    count = max(1, STRIP // rows.shape[1])
    places = [slice(top, top + count) for top in range(0, rows.shape[0], count)]
    earlier = _alike(rows.shape, owner)

    def made(number: int) -> Strip:
        place = places[number]
        for before, strips in earlier:
            if np.array_equal(before[place], rows[place]):
                return strips[number]
        return _strip(rows[place], channels)

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1), "studio-png") as pool:
        return tuple(pool.map(made, range(len(places))))


def _alike(shape: tuple[int, ...], owner: Picture | Mask | None) -> list[tuple[Pixels, Strips]]:
    """The rows and strips of pictures of that shape that were written before, newest first."""
    with _lock:
        known = list(_known.items())[::-1]
    known.sort(key=lambda pair: pair[0] is not owner)
    found = [
        (item.pixels.reshape(shape), strips)
        for item, strips in known
        if item.pixels.shape[0] == shape[0] and item.pixels.size == shape[0] * shape[1]
    ]
    return found[:TRIED]


def _strip(rows: Pixels, channels: int) -> Strip:
    filtered = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = SUB
    filtered[:, 1 : 1 + channels] = rows[:, :channels]
    np.subtract(rows[:, channels:], rows[:, :-channels], out=filtered[:, 1 + channels :])
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    data = deflate.compress(filtered.data) + deflate.flush(zlib.Z_FULL_FLUSH)
    return Strip(data, zlib.adler32(filtered.data), filtered.size)
