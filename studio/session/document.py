"""The picture being worked on and the mask painted over it, with undo."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np
from psygnal import Signal

from studio.core.errors import BadInput
from studio.core.geometry import Box
from studio.core.picture import Mask, Picture, Pixels
from studio.imaging.brush import Brush, Stroke
from studio.session.undo import History, Tiles, changed_tiles

UNDO_BUDGET = 64 * 1024 * 1024
_KEEP_WHOLE = 4 * 1024 * 1024
"""Pictures of fewer bytes are kept whole for undo, so that undo brings back the same object."""


@dataclass
class _Painting:
    """A stroke under way. `before` is filled in tile by tile, as the stroke gets there."""

    stroke: Stroke
    before: Pixels
    kept: Tiles
    changed: bool = False


class Document:
    """One thread's: the window's. Without a picture, painting does nothing."""

    picture_changed = Signal()
    mask_changed = Signal(Box)
    """Something in this box of the mask may have changed."""
    history_changed = Signal()

    def __init__(self, undo_budget: int = UNDO_BUDGET) -> None:
        self._picture: Picture | None = None
        self._name = ""
        self._mask: Pixels | None = None
        self._snapshot: Mask | None = None
        self._painted: bool | None = False
        """Whether any of the mask is set; None when that has to be looked up again."""
        self._painting: _Painting | None = None
        self._history = History(undo_budget)

    @property
    def picture(self) -> Picture | None:
        return self._picture

    @property
    def name(self) -> str:
        return self._name

    @property
    def has_mask(self) -> bool:
        if self._painted is None:
            self._painted = self._mask is not None and bool(self._mask.max())
        return self._painted

    @property
    def mask(self) -> Mask | None:
        """The mask as it is now, not to change any more; None if nothing is painted."""
        if not self.has_mask or self._mask is None:
            return None
        if self._snapshot is None:
            self._snapshot = Mask(self._mask)
        return self._snapshot

    @property
    def live_mask(self) -> Pixels | None:
        """The mask's own pixels, to look at and not to keep; None if never painted on."""
        if self._mask is None:
            return None
        view = self._mask.view()
        view.flags.writeable = False
        return view

    @property
    def painting(self) -> bool:
        return self._painting is not None

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo

    @property
    def undo_bytes(self) -> int:
        """What undo and redo hold in memory."""
        return self._history.bytes

    # Pictures

    def open(self, picture: Picture, name: str) -> None:
        """Work on another picture, without a mask. Undo goes back to the one before, if any."""
        self.end_stroke()
        if self._picture is None:
            self._history.forget_redo()
        else:
            self._history.add(_Everything(self))
        self._become(picture, name, None)
        self.history_changed.emit()

    def replace(
        self, picture: Picture, *, clear_mask: bool = False, name: str | None = None
    ) -> None:
        """Go on with a new version of the picture; one step to undo, with the mask if cleared.

        A mask of another size than the new picture's is always cleared.
        """
        before = self._picture
        if before is None:
            self.open(picture, name or self._name)
            return
        self.end_stroke()
        name = self._name if name is None else name
        alike = before.pixels.shape == picture.pixels.shape
        mask = None if clear_mask or before.size != picture.size else self._mask
        if alike and before.pixels.nbytes >= _KEEP_WHOLE:
            self._history.add(_Patch(self, picture))
        else:
            self._history.add(_Everything(self))
        self._become(picture, name, mask)
        self.history_changed.emit()

    def clear(self) -> None:
        """Take picture and mask away, as one step to undo."""
        self.end_stroke()
        if self._picture is not None:
            self._history.add(_Everything(self))
            self._become(None, "", None)
            self.history_changed.emit()

    # The mask as a whole

    def mask_clear(self) -> None:
        if self.has_mask:
            self._edit_mask(None)

    def mask_invert(self) -> None:
        if self._picture is not None:
            mask = self._mask
            self._edit_mask(255 - mask if mask is not None else self._blank(255))

    def set_mask(self, mask: Mask) -> None:
        """Use this mask. Raises BadInput unless it has the picture's size."""
        if self._picture is None:
            raise BadInput("A mask needs a picture.", "Open the picture it belongs to first.")
        if mask.size != self._picture.size:
            raise BadInput(
                f"The mask is {mask.size} and the picture {self._picture.size}.",
                "Use a mask of the picture's size.",
            )
        self._edit_mask(mask.pixels.copy())

    def _edit_mask(self, pixels: Pixels | None) -> None:
        assert self._picture is not None
        self.end_stroke()
        everything = Box.of(self._picture.size)
        mask = self._ready_mask()
        edit = _MaskEdit(self, Tiles())
        target = pixels if pixels is not None else self._blank(0)
        for box in changed_tiles(mask, target):
            edit.kept.keep(mask, box)
            mask[box.rows, box.columns] = target[box.rows, box.columns]
        if edit.kept.box().empty:
            return
        self._history.add(edit)
        self._mask_touched(edit.kept.box().intersect(everything))
        self.history_changed.emit()

    # Painting

    def begin_stroke(self, brush: Brush) -> None:
        self.end_stroke()
        if self._picture is not None:
            mask = self._ready_mask()
            self._painting = _Painting(
                Stroke(brush, self._picture.size), np.empty_like(mask), Tiles()
            )

    def stroke_to(self, x: float, y: float, pressure: float = 1.0) -> None:
        """Paint on to (x, y), in pixels of the picture; may lie outside it."""
        painting = self._painting
        if painting is None:
            return
        mask = self._ready_mask()
        box = painting.stroke.line_to(x, y, pressure)
        if box.empty:
            return
        for tile in painting.kept.keep(mask, box):
            painting.before[tile.rows, tile.columns] = mask[tile.rows, tile.columns]
        target = mask[box.rows, box.columns]
        painted = painting.stroke.apply(painting.before[box.rows, box.columns], box)
        if np.array_equal(painted, target):
            return
        target[...] = painted
        painting.changed = True
        self._mask_touched(box)

    def end_stroke(self) -> None:
        """The stroke so far becomes one step to undo; nothing if it changed nothing."""
        painting, self._painting = self._painting, None
        if painting is not None and painting.changed:
            self._history.add(_MaskEdit(self, painting.kept))
            self.history_changed.emit()

    # Undo

    def undo(self) -> None:
        self.end_stroke()
        if self._history.undo() is not None:
            self.history_changed.emit()

    def redo(self) -> None:
        self.end_stroke()
        if self._history.redo() is not None:
            self.history_changed.emit()

    # What the edits below use

    def _become(self, picture: Picture | None, name: str, mask: Pixels | None) -> None:
        """Have this picture and mask, and say what changed."""
        shown, masked = picture is not self._picture, mask is not self._mask
        had_mask = self.has_mask
        self._picture, self._name = picture, name
        if masked:
            self._mask, self._snapshot, self._painted = mask, None, None
        if shown:
            self.picture_changed.emit()
        if masked and picture is not None and (had_mask or self.has_mask):
            self.mask_changed.emit(Box.of(picture.size))

    def _mask_touched(self, box: Box) -> None:
        self._snapshot = None
        # a stroke that sets something settles it; anything else is looked up when asked for
        known = self._mask is not None and self._mask[box.rows, box.columns].any()
        self._painted = True if known else None
        self.mask_changed.emit(box)

    def _ready_mask(self) -> Pixels:
        if self._mask is None:
            self._mask = self._blank(0)
        return self._mask

    def _blank(self, value: int) -> Pixels:
        assert self._picture is not None
        shape = (self._picture.size.height, self._picture.size.width)
        # zeros, unlike full, takes no memory and no time until it is painted on
        return np.full(shape, value, np.uint8) if value else np.zeros(shape, np.uint8)


class _MaskEdit:
    """A stroke, or another change of the mask."""

    def __init__(self, document: Document, kept: Tiles) -> None:
        self.document = document
        self.kept = kept

    @property
    def bytes(self) -> int:
        return self.kept.bytes

    def swap(self) -> None:
        mask, picture = self.document._ready_mask(), self.document.picture
        assert picture is not None
        self.kept.swap(mask)
        self.document._mask_touched(self.kept.box().intersect(Box.of(picture.size)))


class _Everything:
    """Picture, name and mask as they were."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._state = document._picture, document._name, document._mask

    @property
    def bytes(self) -> int:
        picture, _, mask = self._state
        return (picture.pixels.nbytes if picture else 0) + (mask.nbytes if mask is not None else 0)

    def swap(self) -> None:
        document, state = self.document, self._state
        self._state = document._picture, document._name, document._mask
        document._become(*state)


class _Patch:
    """The tiles in which a new version of a large picture differs, and the mask if it went."""

    def __init__(self, document: Document, picture: Picture) -> None:
        before = document._picture
        assert before is not None
        self.document = document
        self._name, self._mask = document._name, document._mask
        self._before = weakref.ref(before)
        self._kept = Tiles()
        for box in changed_tiles(before.pixels, picture.pixels):
            self._kept.keep(before.pixels, box)

    @property
    def bytes(self) -> int:
        return self._kept.bytes + (self._mask.nbytes if self._mask is not None else 0)

    def swap(self) -> None:
        document, now = self.document, self.document._picture
        assert now is not None
        pixels = now.pixels.copy()
        self._kept.swap(pixels)
        pixels.flags.writeable = False
        # what is known of a picture elsewhere goes by the object, so use it if it still exists
        then = self._before() or Picture(pixels)
        self._before = weakref.ref(now)
        name, mask = self._name, self._mask
        self._name, self._mask = document._name, document._mask
        document._become(then, name, mask)
