"""The kinds of steps that can be undone, each keeping only what it needs for that."""

from __future__ import annotations

import weakref

from studio.core.geometry import Box
from studio.core.picture import Picture
from studio.session.coat import Coat
from studio.session.sheet import Masks, Sheet
from studio.session.undo import Tiles, changed_tiles


class MaskEdit:
    """A stroke, or another change of a mask."""

    def __init__(self, sheet: Sheet, coat: Coat, kept: Tiles) -> None:
        self.sheet, self.coat = sheet, coat
        self.kept = kept

    @property
    def bytes(self) -> int:
        return self.kept.bytes

    def pack(self, most: int) -> bool:
        return self.kept.pack(most)

    def swap(self) -> None:
        mask, picture = self.sheet.ready(self.coat), self.sheet.picture
        assert picture is not None
        self.kept.swap(mask)
        self.sheet.touched(self.coat, self.kept.box().intersect(Box.of(picture.size)))


class Everything:
    """Picture, name and masks as they were."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._state = sheet.picture, sheet.name, sheet.masks

    @property
    def bytes(self) -> int:
        picture, _, masks = self._state
        return (picture.pixels.nbytes if picture else 0) + _bytes(masks)

    def pack(self, most: int) -> bool:
        return False

    def swap(self) -> None:
        sheet, state = self.sheet, self._state
        self._state = sheet.picture, sheet.name, sheet.masks
        sheet.become(*state)


class Patch:
    """The tiles in which a new version of a large picture differs, and the masks that went."""

    def __init__(self, sheet: Sheet, picture: Picture) -> None:
        before = sheet.picture
        assert before is not None
        self.sheet = sheet
        self._name, self._masks = sheet.name, sheet.masks
        self._before = weakref.ref(before)
        self._kept = Tiles()
        for box in changed_tiles(before.pixels, picture.pixels):
            self._kept.keep(before.pixels, box)

    @property
    def bytes(self) -> int:
        return self._kept.bytes + _bytes(self._masks)

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
        name, masks = self._name, self._masks
        self._name, self._masks = sheet.name, sheet.masks
        sheet.become(then, name, masks)


def _bytes(masks: Masks) -> int:
    return sum(mask.nbytes for mask in masks.values() if mask is not None)
