"""Undo and redo bounded by bytes, storing only the tiles of a picture or mask that changed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from studio.core.geometry import Box
from studio.core.picture import Pixels

TILE = 128
_AT_ONCE = 32
"""Tiles that are packed at once: a few milliseconds."""
_NEAR = 3
"""Steps on both sides of now that `tidy` leaves quick to undo and redo."""


class Edit(Protocol):
    """One undoable step. `swap` exchanges what it keeps with what is there now, so that the same
    object undoes and redoes."""

    @property
    def bytes(self) -> int: ...

    def swap(self) -> None: ...

    def pack(self, most: int) -> bool:
        """Make at most so many tiles smaller; whether there were any to make smaller."""
        ...


@dataclass
class Tiles:
    """Squares of an H×W or H×W×C uint8 array, kept as they were when `keep` first saw them.

    Quick to keep and to put back; `pack` makes them small, when there is time for that.
    """

    _kept: dict[tuple[int, int], int | bytes | Pixels] = field(default_factory=dict)
    _loose: list[tuple[int, int]] = field(default_factory=list)
    """Those that `pack` can make smaller."""
    _fresh: bool = True
    """Whether anything was kept since `bytes` was last counted."""
    _bytes: int = 0

    @property
    def bytes(self) -> int:
        if self._fresh:
            self._bytes = sum(_weight(packed) for packed in self._kept.values())
            self._fresh = False
        return self._bytes

    def box(self) -> Box:
        """The smallest box of whole tiles around all that is kept."""
        around = Box(0, 0, 0, 0)
        for column, row in self._kept:
            around = around.union(Box(column * TILE, row * TILE, TILE, TILE))
        return around

    def keep(self, pixels: Pixels, box: Box) -> list[Box]:
        """Keep every tile of `pixels` that `box` meets and that is not kept yet; returns those."""
        new = []
        for key in tiles(box):
            if key not in self._kept:
                tile = _tile(pixels, key)
                self._store(key, tile)
                x, y = key[0] * TILE, key[1] * TILE
                new.append(Box(x, y, tile.shape[1], tile.shape[0]))
        return new

    def swap(self, pixels: Pixels) -> None:
        """Put the kept tiles back into `pixels` and keep what they replace."""
        self._loose.clear()
        for key, kept in self._kept.items():
            target = _tile(pixels, key)
            self._store(key, target)
            _unpack(kept, target)

    def follow(self, pixels: Pixels) -> None:
        """Keep the same tiles as they are in `pixels` now."""
        self._loose.clear()
        for key in self._kept:
            self._store(key, _tile(pixels, key))

    def pack(self, most: int) -> bool:
        """Deflate at most so many tiles of a mask; whether there were any left to deflate."""
        some, self._loose = self._loose[:most], self._loose[most:]
        for key in some:
            kept = self._kept[key]
            if isinstance(kept, np.ndarray):
                self._kept[key] = _deflated(kept)
                self._fresh = True
        return bool(some)

    def _store(self, key: tuple[int, int], tile: Pixels) -> None:
        """One number if the tile is even; else a copy, which for a mask can be packed later."""
        first = int(tile.flat[0])
        if tile.min() == first and tile.max() == first:
            self._kept[key] = first
        else:
            self._kept[key] = tile.copy()
            if tile.ndim == 2:
                self._loose.append(key)
        self._fresh = True


class History:
    """What can be undone and redone, at most `budget` bytes of it.

    When there is more, the steps farthest from now are forgotten; the nearest one never is, so
    that the last thing done can always be taken back.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._done: list[Edit] = []
        self._undone: list[Edit] = []

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    @property
    def bytes(self) -> int:
        return sum(edit.bytes for edit in (*self._done, *self._undone))

    def add(self, edit: Edit) -> None:
        """Something new was done: what was undone before is gone."""
        self._undone.clear()
        self._done.append(edit)
        self._trim()

    def undo(self) -> Edit | None:
        return self._move(self._done, self._undone)

    def redo(self) -> Edit | None:
        return self._move(self._undone, self._done)

    def tidy(self) -> bool:
        """Pack a little of what is farthest from now, a few milliseconds' work; whether there may
        be more. What is nearest is left as it is, to be undone at once."""
        return any(edit.pack(_AT_ONCE) for edit in self._far_first(_NEAR))

    def forget_redo(self) -> None:
        self._undone.clear()

    def _move(self, source: list[Edit], target: list[Edit]) -> Edit | None:
        if not source:
            return None
        edit = source.pop()
        edit.swap()
        target.append(edit)
        self._trim()
        return edit

    def _trim(self) -> None:
        """Within the budget: packed first, and forgotten only if that is not enough."""
        total = self.bytes
        for edit in self._far_first(1):
            while total > self.budget and edit.pack(_AT_ONCE):
                total = self.bytes
        for edits in (self._done, self._undone):
            while total > self.budget and len(edits) > 1:
                total -= edits.pop(0).bytes

    def _far_first(self, spared: int) -> Iterator[Edit]:
        """Every step but the nearest few on both sides of now."""
        for edits in (self._done, self._undone):
            yield from edits[: max(0, len(edits) - spared)]


def tiles(box: Box) -> Iterator[tuple[int, int]]:
    """(column, row) of every tile that `box` meets."""
    if box.empty:
        return
    for row in range(box.y // TILE, (box.bottom - 1) // TILE + 1):
        for column in range(box.x // TILE, (box.right - 1) // TILE + 1):
            yield column, row


def tile_boxes(box: Box) -> Iterator[Box]:
    """`box` cut along the edges of the tiles."""
    for column, row in tiles(box):
        yield Box(column * TILE, row * TILE, TILE, TILE).intersect(box)


def changed_tiles(before: Pixels, after: Pixels) -> Iterator[Box]:
    """The tiles in which two arrays of one shape differ."""
    height, width = before.shape[:2]
    for y in range(0, height, TILE):
        bottom = min(y + TILE, height)
        # whole rows lie together in memory: mostly this alone decides, eight bytes at a time
        if _same(before[y:bottom], after[y:bottom]):
            continue
        for x in range(0, width, TILE):
            box = Box.between(x, y, min(x + TILE, width), bottom)
            if (before[box.rows, box.columns] != after[box.rows, box.columns]).any():
                yield box


def _same(one: Pixels, other: Pixels) -> bool:
    if one.flags.c_contiguous and other.flags.c_contiguous and one.nbytes % 8 == 0:
        one, other = one.reshape(-1).view(np.uint64), other.reshape(-1).view(np.uint64)
    return bool((one == other).all())


def _tile(pixels: Pixels, key: tuple[int, int]) -> Pixels:
    x, y = key[0] * TILE, key[1] * TILE
    return pixels[y : y + TILE, x : x + TILE]


def _deflated(tile: Pixels) -> bytes:
    # no checksum and fixed codes: nearly twice as quick, and masks are mostly runs anyway
    deflate = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zlib.Z_FIXED)
    return deflate.compress(tile.tobytes()) + deflate.flush()


def _unpack(packed: int | bytes | Pixels, target: Pixels) -> None:
    if isinstance(packed, bytes):
        pixels = zlib.decompress(packed, -zlib.MAX_WBITS, target.size)
        target[...] = memoryview(pixels).cast("B", target.shape)
    else:
        target[...] = packed


def _weight(packed: int | bytes | Pixels) -> int:
    if isinstance(packed, int):
        return 64
    return (packed.nbytes if not isinstance(packed, bytes) else len(packed)) + 64
