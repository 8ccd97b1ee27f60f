"""The picture being worked on and the mask painted over it, with undo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from psygnal import Signal

from studio.core.errors import BadInput
from studio.core.geometry import Box
from studio.core.picture import Mask, Picture, Pixels
from studio.imaging.brush import Brush, Stroke
from studio.session.edits import Everything, MaskEdit, Patch
from studio.session.sheet import Sheet
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


class Document(Sheet):
    """One thread's: the window's. Without a picture, painting does nothing."""

    history_changed = Signal()

    def __init__(self, undo_budget: int = UNDO_BUDGET) -> None:
        super().__init__()
        self._painting: _Painting | None = None
        self._history = History(undo_budget)

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
        if self.picture is None:
            self._history.forget_redo()
        else:
            self._history.add(Everything(self))
        self.become(picture, name, None)
        self.history_changed.emit()

    def replace(
        self, picture: Picture, *, clear_mask: bool = False, name: str | None = None
    ) -> None:
        """Go on with a new version of the picture; one step to undo, with the mask if cleared.

        A mask of another size than the new picture's is always cleared.
        """
        before = self.picture
        if before is None:
            self.open(picture, name or self.name)
            return
        self.end_stroke()
        name = self.name if name is None else name
        alike = before.pixels.shape == picture.pixels.shape
        mask = None if clear_mask or before.size != picture.size else self.mask_pixels
        if alike and before.pixels.nbytes >= _KEEP_WHOLE:
            self._history.add(Patch(self, picture))
        else:
            self._history.add(Everything(self))
        self.become(picture, name, mask)
        self.history_changed.emit()

    def clear(self) -> None:
        """Take picture and mask away, as one step to undo."""
        self.end_stroke()
        if self.picture is not None:
            self._history.add(Everything(self))
            self.become(None, "", None)
            self.history_changed.emit()

    # The mask as a whole

    def mask_clear(self) -> None:
        if self.has_mask:
            self._edit_mask(None)

    def mask_invert(self) -> None:
        if self.picture is not None:
            mask = self.mask_pixels
            self._edit_mask(255 - mask if mask is not None else self.blank(255))

    def set_mask(self, mask: Mask) -> None:
        """Use this mask. Raises BadInput unless it has the picture's size."""
        if self.picture is None:
            raise BadInput("A mask needs a picture.", "Open the picture it belongs to first.")
        if mask.size != self.picture.size:
            raise BadInput(
                f"The mask is {mask.size} and the picture {self.picture.size}.",
                "Use a mask of the picture's size.",
            )
        self._edit_mask(mask.pixels.copy())

    def _edit_mask(self, pixels: Pixels | None) -> None:
        assert self.picture is not None
        self.end_stroke()
        everything = Box.of(self.picture.size)
        mask = self.ready_mask()
        edit = MaskEdit(self, Tiles())
        target = pixels if pixels is not None else self.blank(0)
        for box in changed_tiles(mask, target):
            edit.kept.keep(mask, box)
            mask[box.rows, box.columns] = target[box.rows, box.columns]
        if edit.kept.box().empty:
            return
        self._history.add(edit)
        self.mask_touched(edit.kept.box().intersect(everything))
        self.history_changed.emit()

    # Painting

    def begin_stroke(self, brush: Brush) -> None:
        self.end_stroke()
        if self.picture is not None:
            mask = self.ready_mask()
            self._painting = _Painting(
                Stroke(brush, self.picture.size), np.empty_like(mask), Tiles()
            )

    def stroke_to(self, x: float, y: float, pressure: float = 1.0) -> None:
        """Paint on to (x, y), in pixels of the picture; may lie outside it."""
        painting = self._painting
        if painting is None:
            return
        mask = self.ready_mask()
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
        self.mask_touched(box)

    def end_stroke(self) -> None:
        """The stroke so far becomes one step to undo; nothing if it changed nothing."""
        painting, self._painting = self._painting, None
        if painting is not None and painting.changed:
            self._history.add(MaskEdit(self, painting.kept))
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
