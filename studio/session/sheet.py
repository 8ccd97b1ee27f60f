"""A picture with masks over it, and who is told when they change. Undo is another matter."""

from __future__ import annotations

from collections.abc import Mapping

from psygnal import Signal

from studio.core.geometry import Box
from studio.core.material import marked
from studio.core.picture import Mask, Picture, Pixels
from studio.session.coat import TARGETS, Coat, Target

Masks = Mapping[Target, Pixels | None]
"""The pixels of what is painted; of those that are left out there is none."""


class Sheet:
    """`become`, `ready` and `touched` are for edits, which know how to take them back.

    `mask…`, `has_mask` and `painted` are of what is to be filled, whatever is being painted.
    """

    picture_changed = Signal()
    mask_changed = Signal(Box)
    """Something in this box of the mask may have changed."""
    material_changed = Signal(Box)
    """Something may have changed in this box of where a fill may take from, or may not."""
    target_changed = Signal()

    def __init__(self) -> None:
        self.picture: Picture | None = None
        self.name = ""
        self.coats: dict[Target, Coat] = {target: Coat() for target in TARGETS}
        self._target: Target = "fill"
        self._material: tuple[Mask | None, Mask | None, Mask | None] = (None, None, None)

    @property
    def target(self) -> Target:
        """What is painted now."""
        return self._target

    @property
    def coat(self) -> Coat:
        """What is painted on now."""
        return self.coats[self._target]

    @property
    def has_mask(self) -> bool:
        return self.coats["fill"].any

    @property
    def painted(self) -> Box:
        """The smallest box around all of the mask that is set; empty if nothing is."""
        return self.coats["fill"].painted

    @property
    def mask(self) -> Mask | None:
        """The mask as it is now, not to change any more; None if nothing is painted."""
        return self.coats["fill"].mask

    @property
    def live_mask(self) -> Pixels | None:
        """The mask's own pixels, to look at and not to keep; None if never painted on."""
        return self.coats["fill"].live

    @property
    def material(self) -> Mask | None:
        """Where a fill may take from (see `studio.core.material`); None if nothing says."""
        here, never = self.coats["from"].mask, self.coats["not_from"].mask
        if (here, never) != self._material[:2]:
            self._material = here, never, marked(here, never)
        return self._material[2]

    @property
    def masks(self) -> Masks:
        return {target: coat.pixels for target, coat in self.coats.items()}

    def become(self, picture: Picture | None, name: str, masks: Masks) -> None:
        """Have this picture and these masks, and say what changed."""
        shown = picture is not self.picture
        changed = [
            target
            for target, coat in self.coats.items()
            if masks.get(target) is not coat.pixels and self._replaced(target, masks.get(target))
        ]
        self.picture, self.name = picture, name
        if shown:
            self.picture_changed.emit()
        for target in changed:
            if picture is not None:
                self._signal(target, Box.of(picture.size))

    def touched(self, coat: Coat, box: Box, only_added: bool = False) -> None:
        """Pixels in `box` have been written to; with `only_added` none is less now."""
        coat.touched(box, only_added)
        self._signal(next(target for target in TARGETS if self.coats[target] is coat), box)

    def ready(self, coat: Coat) -> Pixels:
        """The pixels to write to. There must be a picture."""
        assert self.picture is not None
        return coat.ready(self.picture.size)

    def _replaced(self, target: Target, pixels: Pixels | None) -> bool:
        """Whether that can be seen."""
        coat = self.coats[target]
        before = coat.any
        coat.become(pixels)
        return before or coat.any

    def _signal(self, target: Target, box: Box) -> None:
        (self.mask_changed if target == "fill" else self.material_changed).emit(box)
