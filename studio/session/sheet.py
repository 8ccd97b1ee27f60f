"""A picture with a mask over it, and who is told when they change. Undo is another matter."""

from __future__ import annotations

import numpy as np
from psygnal import Signal

from studio.core.geometry import Box
from studio.core.picture import Mask, Picture, Pixels
from studio.imaging.region import NOWHERE, extent

_ROWS = 64
"""Rows that are searched at once for something set."""


class Sheet:
    """`become`, `ready_mask` and `mask_touched` are for edits, which know how to take them back."""

    picture_changed = Signal()
    mask_changed = Signal(Box)
    """Something in this box of the mask may have changed."""

    def __init__(self) -> None:
        self.picture: Picture | None = None
        self.name = ""
        self.mask_pixels: Pixels | None = None
        """The mask itself, which goes on changing; None if never painted on."""
        self._snapshot: Mask | None = None
        self._reach = NOWHERE
        """Holds all of the mask that is set: to look for it in the whole of a photo takes long."""
        self._painted: Box | None = NOWHERE
        """The smallest such box; None when that has to be looked up again."""
        self._added = NOWHERE
        """Where something was set, and nothing taken off, since `_painted` was known."""
        self._has_mask: bool | None = False
        self._witness = 0, 0
        """Row and column of a pixel that was set when last looked for."""

    @property
    def has_mask(self) -> bool:
        if self._has_mask is None:
            self._has_mask = self._any_set()
        return self._has_mask

    @property
    def painted(self) -> Box:
        """The smallest box around all of the mask that is set; empty if nothing is."""
        mask = self.mask_pixels
        if mask is None:
            return NOWHERE
        if self._painted is None:
            self._painted = extent(mask, self._reach)
        elif not self._added.empty:
            self._painted = self._painted.union(extent(mask, self._added))
        self._reach, self._added = self._painted, NOWHERE
        return self._painted

    @property
    def mask(self) -> Mask | None:
        """The mask as it is now, not to change any more; None if nothing is painted."""
        if not self.has_mask or self.mask_pixels is None:
            return None
        if self._snapshot is None:
            self._snapshot = Mask(self.mask_pixels)
        return self._snapshot

    @property
    def mask_copy(self) -> Mask | None:
        """`mask`, if it has been asked for since the last change: nothing is copied for this."""
        return self._snapshot if self.has_mask else None

    @property
    def live_mask(self) -> Pixels | None:
        """The mask's own pixels, to look at and not to keep; None if never painted on."""
        if self.mask_pixels is None:
            return None
        view = self.mask_pixels.view()
        view.flags.writeable = False
        return view

    def become(self, picture: Picture | None, name: str, mask: Pixels | None) -> None:
        """Have this picture and mask, and say what changed."""
        shown, masked = picture is not self.picture, mask is not self.mask_pixels
        had_mask = self.has_mask
        self.picture, self.name = picture, name
        if masked:
            self.mask_pixels, self._snapshot = mask, None
            self._reach = NOWHERE if mask is None else _whole(mask)
            self._painted = self._has_mask = None
            self._witness, self._added = (0, 0), NOWHERE
        if shown:
            self.picture_changed.emit()
        if masked and picture is not None and (had_mask or self.has_mask):
            self.mask_changed.emit(Box.of(picture.size))

    def mask_touched(self, box: Box, only_added: bool = False) -> None:
        """The mask's pixels in `box` have been written to; with `only_added` none is less now."""
        assert self.mask_pixels is not None
        self._snapshot = None
        if only_added:
            self._added = self._added.union(box)
        else:
            self._painted = None
        # something set in the box settles it; anything else is looked up when asked for
        if self.mask_pixels[box.rows, box.columns].max(initial=0):
            self._reach = self._reach.union(box)
            self._has_mask = True
        else:
            self._has_mask = None
        self.mask_changed.emit(box)

    def _any_set(self) -> bool:
        mask, reach = self.mask_pixels, self._reach
        if mask is None or reach.empty:
            return False
        if mask[self._witness]:
            return True
        for y in range(reach.y, reach.bottom, _ROWS):
            part = mask[y : min(y + _ROWS, reach.bottom), reach.columns]
            if part.any():
                row, column = divmod(int(part.argmax()), reach.width)
                self._witness = y + row, reach.x + column
                return True
        return False

    def ready_mask(self) -> Pixels:
        """The mask's pixels, to write to. There must be a picture."""
        if self.mask_pixels is None:
            assert self.picture is not None
            # zeros, unlike full, takes no memory and no time until it is painted on
            size = self.picture.size
            self.mask_pixels = np.zeros((size.height, size.width), np.uint8)
            self._reach = self._painted = self._added = NOWHERE
            self._has_mask, self._witness = False, (0, 0)
        return self.mask_pixels


def _whole(mask: Pixels) -> Box:
    return Box(0, 0, mask.shape[1], mask.shape[0])
