"""The picture being worked on and the mask painted over it, with undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from psygnal import Signal

from studio.core.errors import BadInput
from studio.core.geometry import Box
from studio.core.picture import Mask, Picture, Pixels
from studio.imaging.brush import Brush, Stroke
from studio.imaging.region import Combine, Region, combined
from studio.imaging.reshaping import inverted
from studio.session.coat import Coat, Target
from studio.session.edits import Everything, MaskEdit, Patch
from studio.session.sheet import Sheet
from studio.session.undo import History, Tiles, tile_boxes

UNDO_BUDGET = 64 * 1024 * 1024
_KEEP_WHOLE = 4 * 1024 * 1024
"""Pictures of fewer bytes are kept whole for undo, so that undo brings back the same object."""


@dataclass
class _Painting:
    """A stroke under way. `before` is filled in tile by tile, as the stroke gets there."""

    coat: Coat
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
        self._trial: MaskEdit | None = None
        self._history = History(undo_budget)

    @property
    def painting(self) -> bool:
        return self._painting is not None

    @property
    def trying(self) -> bool:
        """Whether what is seen of the mask is a trial that changed it."""
        return self._trial is not None

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo or self.trying

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo

    @property
    def undo_bytes(self) -> int:
        """What undo and redo hold in memory."""
        return self._history.bytes

    def tidy(self) -> bool:
        """Make a little of what undo keeps smaller, in an idle moment; whether there may be more.

        It is made smaller in any case before anything is forgotten.
        """
        return self._history.tidy()

    # Pictures

    def open(self, picture: Picture, name: str) -> None:
        """Work on another picture, without a mask. Undo goes back to the one before, if any."""
        self.settle()
        if self.picture is None:
            self._history.forget_redo()
        else:
            self._history.add(Everything(self))
        self.become(picture, name, {})
        self.history_changed.emit()

    def replace(
        self, picture: Picture, *, clear_mask: bool = False, name: str | None = None
    ) -> None:
        """Go on with a new version of the picture; one step to undo, with the mask if cleared.

        Masks of another size than the new picture's are always cleared.
        """
        before = self.picture
        if before is None:
            self.open(picture, name or self.name)
            return
        self.settle()
        name = self.name if name is None else name
        alike = before.pixels.shape == picture.pixels.shape
        masks = dict(self.masks) if before.size == picture.size else {}
        if clear_mask:
            masks.pop("fill", None)
        if alike and before.pixels.nbytes >= _KEEP_WHOLE:
            self._history.add(Patch(self, picture))
        else:
            self._history.add(Everything(self))
        self.become(picture, name, masks)
        self.history_changed.emit()

    def clear(self) -> None:
        """Take picture and mask away, as one step to undo."""
        self.settle()
        if self.picture is not None:
            self._history.add(Everything(self))
            self.become(None, "", {})
            self.history_changed.emit()

    # The mask as a whole: whichever is painted now

    def aim(self, target: Target) -> None:
        """Paint this from now on."""
        if target != self._target:
            self.settle()
            self._target = target
            self.target_changed.emit()

    def clear_coat(self, target: Target) -> None:
        """Nothing of this is painted any more; one step to undo."""
        self.settle()
        coat = self.coats[target]
        edit = self._write(coat, Region.even(coat.painted, 0))
        if edit is not None:
            self._add(edit)

    def mask_clear(self) -> None:
        self.settle()
        self.apply(Region.even(self.coat.painted, 0))

    def mask_fill(self) -> None:
        """Paint everything."""
        if self.picture is not None:
            self.settle()
            self.apply(Region.even(Box.of(self.picture.size), 255))

    def mask_invert(self) -> None:
        if self.picture is not None:
            self.settle()
            self.apply(inverted(self.ready(self.coat)))

    def set_mask(self, mask: Mask, target: Target = "fill") -> None:
        """Use this mask. Raises BadInput unless it has the picture's size."""
        if self.picture is None:
            raise BadInput("A mask needs a picture.", "Open the picture it belongs to first.")
        if mask.size != self.picture.size:
            raise BadInput(
                f"The mask is {mask.size} and the picture {self.picture.size}.",
                "Use a mask of the picture's size.",
            )
        self.settle()
        edit = self._write(self.coats[target], Region(Box.of(mask.size), mask.pixels))
        if edit is not None:
            self._add(edit)

    def select(self, region: Region, how: Combine) -> None:
        """Combine what a tool selected with the mask; one step to undo."""
        if self.picture is not None:
            self.settle()
            self.apply(combined(self.ready(self.coat), self.coat.painted, region, how))

    def apply(self, region: Region) -> None:
        """Write a part of the mask; one step to undo, none if nothing changes by it."""
        self.end_stroke()
        edit = self._write(self.coat, region)
        if edit is not None:
            self._add(edit)

    def try_out(self, change: Callable[[Pixels, Box], Region]) -> None:
        """Show what `change` makes of the mask (its pixels, and the box that holds what is set).

        Instead of what was tried before; `settle` makes it a step to undo, `give_up` takes it
        back. Whatever else is done to the document settles it first.
        """
        self.end_stroke()
        self.give_up()
        if self.picture is not None:
            mask = self.ready(self.coat)
            self._trial = self._write(self.coat, change(mask, self.coat.painted))

    def settle(self) -> None:
        """What is under way, a stroke or a trial, is done."""
        self.end_stroke()
        trial, self._trial = self._trial, None
        if trial is not None:
            self._add(trial)

    def give_up(self) -> None:
        """Take back what was tried out."""
        trial, self._trial = self._trial, None
        if trial is not None:
            trial.swap()

    def _add(self, edit: MaskEdit) -> None:
        self._history.add(edit)
        self.history_changed.emit()

    def _write(self, coat: Coat, region: Region) -> MaskEdit | None:
        """None if the mask has these pixels already."""
        if region.box.empty:
            return None
        mask, edit = self.ready(coat), MaskEdit(self, coat, Tiles())
        for box in tile_boxes(region.box):
            new = region.within(box).pixels
            target = mask[box.rows, box.columns]
            if not np.array_equal(target, new):
                edit.kept.keep(mask, box)
                target[...] = new
        if edit.kept.box().empty:
            return None
        self.touched(coat, edit.kept.box().intersect(region.box))
        return edit

    # Painting

    def begin_stroke(self, brush: Brush) -> None:
        self.settle()
        if self.picture is not None:
            mask = self.ready(self.coat)
            self._painting = _Painting(
                self.coat, Stroke(brush, self.picture.size), np.empty_like(mask), Tiles()
            )

    def stroke_to(self, x: float, y: float, pressure: float = 1.0) -> None:
        """Paint on to (x, y), in pixels of the picture; may lie outside it."""
        painting = self._painting
        if painting is None:
            return
        mask = self.ready(painting.coat)
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
        self.touched(painting.coat, box, only_added=not painting.stroke.brush.erase)

    def end_stroke(self) -> None:
        """The stroke so far becomes one step to undo; nothing if it changed nothing."""
        painting, self._painting = self._painting, None
        if painting is not None and painting.changed:
            self._add(MaskEdit(self, painting.coat, painting.kept))

    def drop_stroke(self) -> None:
        """The stroke under way never was."""
        painting, self._painting = self._painting, None
        if painting is not None and painting.changed:
            MaskEdit(self, painting.coat, painting.kept).swap()

    # Undo

    def undo(self) -> None:
        self.end_stroke()
        if self._trial is not None:
            self.give_up()
            self.history_changed.emit()
        elif self._history.undo() is not None:
            self.history_changed.emit()

    def redo(self) -> None:
        self.settle()
        if self._history.redo() is not None:
            self.history_changed.emit()
