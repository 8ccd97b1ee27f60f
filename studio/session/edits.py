"""The kinds of steps that can be undone, each keeping only what it needs for that."""

from __future__ import annotations

import weakref

from studio.core.geometry import Box
from studio.core.picture import Picture
from studio.session.sheet import Sheet
from studio.session.undo import Tiles, changed_tiles


class MaskEdit:
    """A stroke, or another change of the mask."""

    def __init__(self, sheet: Sheet, kept: Tiles) -> None:
        self.sheet = sheet
        self.kept = kept

    @property
    def bytes(self) -> int:
        return self.kept.bytes

    def pack(self, most: int) -> bool:
        return self.kept.pack(most)

    def swap(self) -> None:
        mask, picture = self.sheet.ready_mask(), self.sheet.picture
        assert picture is not None
        self.kept.swap(mask)
        self.sheet.mask_touched(self.kept.box().intersect(Box.of(picture.size)))


class Everything:
    """Picture, name and mask as they were."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._state = sheet.picture, sheet.name, sheet.mask_pixels

    @property
    def bytes(self) -> int:
        picture, _, mask = self._state
        return (picture.pixels.nbytes if picture else 0) + (mask.nbytes if mask is not None else 0)

    def pack(self, most: int) -> bool:
        return False

    def swap(self) -> None:
        sheet, state = self.sheet, self._state
        self._state = sheet.picture, sheet.name, sheet.mask_pixels
        sheet.become(*state)


class Patch:
    """The tiles in which a new version of a large picture differs, and the mask if it went."""

    def __init__(self, sheet: Sheet, picture: Picture) -> None:
        before = sheet.picture
        assert before is not None
        self.sheet = sheet
        self._name, self._mask = sheet.name, sheet.mask_pixels
        self._before = weakref.ref(before)
        self._kept = Tiles()
        for box in changed_tiles(before.pixels, picture.pixels):
            self._kept.keep(before.pixels, box)

    @property
    def bytes(self) -> int:
        return self._kept.bytes + (self._mask.nbytes if self._mask is not None else 0)

    def pack(self, most: int) -> bool:
        return False  # photos hardly get smaller

    def swap(self) -> None:
        sheet, now = self.sheet, self.sheet.picture
        assert now is not None
        # what is known of a picture elsewhere goes by the object, so use it if it still exists
        then = self._before()
        if then is not None:
            self._kept.follow(now.pixels)
        else:
            pixels = now.pixels.copy()
            self._kept.swap(pixels)
            pixels.flags.writeable = False
            then = Picture(pixels)
        self._before = weakref.ref(now)
        name, mask = self._name, self._mask
        self._name, self._mask = sheet.name, sheet.mask_pixels
        sheet.become(then, name, mask)
