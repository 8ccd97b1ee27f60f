"""A picture with a mask over it, and who is told when they change. Undo is another matter."""

from __future__ import annotations

import numpy as np
from psygnal import Signal

from studio.core.geometry import Box
from studio.core.picture import Mask, Picture, Pixels


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
        self._painted: bool | None = False
        """Whether any of the mask is set; None when that has to be looked up again."""

    @property
    def has_mask(self) -> bool:
        if self._painted is None:
            self._painted = self.mask_pixels is not None and bool(self.mask_pixels.max())
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
            self.mask_pixels, self._snapshot, self._painted = mask, None, None
        if shown:
            self.picture_changed.emit()
        if masked and picture is not None and (had_mask or self.has_mask):
            self.mask_changed.emit(Box.of(picture.size))

    def mask_touched(self, box: Box) -> None:
        """The mask's pixels in `box` have been written to."""
        self._snapshot = None
        # something set in the box settles it; anything else is looked up when asked for
        known = self.mask_pixels is not None and self.mask_pixels[box.rows, box.columns].max(
            initial=0
        )
        self._painted = True if known else None
        self.mask_changed.emit(box)

    def ready_mask(self) -> Pixels:
        """The mask's pixels, to write to. There must be a picture."""
        if self.mask_pixels is None:
            self.mask_pixels = self.blank(0)
        return self.mask_pixels

    def blank(self, value: int) -> Pixels:
        """A mask of one value, of the picture's size."""
        assert self.picture is not None
        shape = (self.picture.size.height, self.picture.size.width)
        # zeros, unlike full, takes no memory and no time until it is painted on
        return np.full(shape, value, np.uint8) if value else np.zeros(shape, np.uint8)
