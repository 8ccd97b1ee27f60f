"""What is painted over a picture: a mask that goes on changing, and where there is any of it."""

from __future__ import annotations

from typing import Literal

import numpy as np

from studio.core.geometry import Box, Size
from studio.core.picture import Mask, Pixels
from studio.imaging.region import NOWHERE, extent

Target = Literal["fill", "from", "not_from"]
"""What is painted: what is to be filled, where to take from for that, where not to."""
TARGETS: tuple[Target, ...] = ("fill", "from", "not_from")
_ROWS = 64
"""Rows that are searched at once for something set."""


class Coat:
    """`ready`, `become` and `touched` are for those who paint, and know how to take it back."""

    def __init__(self) -> None:
        self.pixels: Pixels | None = None
        """The mask itself; None if never painted on."""
        self._snapshot: Mask | None = None
        self._reach = NOWHERE
        """Holds all of the mask that is set: to look for it in the whole of a photo takes long."""
        self._painted: Box | None = NOWHERE
        """The smallest such box; None when that has to be looked up again."""
        self._added = NOWHERE
        """Where something was set, and nothing taken off, since `_painted` was known."""
        self._any: bool | None = False
        self._witness = 0, 0
        """Row and column of a pixel that was set when last looked for."""

    @property
    def any(self) -> bool:
        """Whether anything is painted."""
        if self._any is None:
            self._any = self._any_set()
        return self._any

    @property
    def painted(self) -> Box:
        """The smallest box around all of the mask that is set; empty if nothing is."""
        mask = self.pixels
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
        if not self.any or self.pixels is None:
            return None
        if self._snapshot is None:
            self._snapshot = Mask(self.pixels)
        return self._snapshot

    @property
    def copied(self) -> Mask | None:
        """`mask`, if it has been asked for since the last change: nothing is copied for this."""
        return self._snapshot if self.any else None

    @property
    def live(self) -> Pixels | None:
        """The mask's own pixels, to look at and not to keep; None if never painted on."""
        if self.pixels is None:
            return None
        view = self.pixels.view()
        view.flags.writeable = False
        return view

    def ready(self, size: Size) -> Pixels:
        """The mask's pixels, to write to, for a picture of this size."""
        if self.pixels is None:
            # zeros, unlike full, takes no memory and no time until it is painted on
            self.pixels = np.zeros((size.height, size.width), np.uint8)
            self._reach = self._painted = self._added = NOWHERE
            self._any, self._witness = False, (0, 0)
        return self.pixels

    def become(self, pixels: Pixels | None) -> None:
        """Go on with these pixels."""
        if pixels is self.pixels:
            return
        self.pixels, self._snapshot = pixels, None
        self._reach = NOWHERE if pixels is None else Box(0, 0, pixels.shape[1], pixels.shape[0])
        self._painted = self._any = None
        self._witness, self._added = (0, 0), NOWHERE

    def touched(self, box: Box, only_added: bool = False) -> None:
        """The pixels in `box` have been written to; with `only_added` none is less now."""
        assert self.pixels is not None
        self._snapshot = None
        if only_added:
            self._added = self._added.union(box)
        else:
            self._painted = None
        # something set in the box settles it; anything else is looked up when asked for
        if self.pixels[box.rows, box.columns].max(initial=0):
            self._reach = self._reach.union(box)
            self._any = True
        else:
            self._any = None

    def _any_set(self) -> bool:
        mask, reach = self.pixels, self._reach
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
