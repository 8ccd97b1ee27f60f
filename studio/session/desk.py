"""The picture that is worked on, and what the next run makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from weakref import WeakKeyDictionary

from psygnal import Signal

from studio.core.original import Original
from studio.core.picture import Picture
from studio.core.record import Record
from studio.session.document import Document
from studio.session.framing import Framing

Action = Literal["generate", "refine", "fill"]


@dataclass(frozen=True)
class Known:
    """Where a picture came from that this program made."""

    path: Path
    record: Record


class Desk:
    """The document, and whether it is a source.

    A picture that the person brought is a source: the next run refines it. A result that is only
    shown is not, or Generate would quietly stop meaning Generate; but painting on either makes
    the next run a fill. The person can say otherwise with `use_source`, and undo remembers.
    """

    changed = Signal()
    """`action` may have changed."""

    def __init__(self) -> None:
        self.document = Document()
        self.framing = Framing(self.document)
        self._known: WeakKeyDictionary[Picture, Known] = WeakKeyDictionary()
        self._sources: WeakKeyDictionary[Picture, bool] = WeakKeyDictionary()
        self._originals: WeakKeyDictionary[Picture, Original | None] = WeakKeyDictionary()
        self._last: tuple[str, Original | None] = ("", None)
        self._use_source = False
        self._masked = False
        self.document.picture_changed.connect(self._picture_changed)
        self.document.mask_changed.connect(self._mask_changed)
        self.framing.changed.connect(self.changed.emit)

    @property
    def use_source(self) -> bool:
        """Whether the next run starts from the picture; a mask says so as well."""
        return self._use_source and self.document.picture is not None

    @use_source.setter
    def use_source(self, on: bool) -> None:
        if self.document.picture is not None:
            self._sources[self.document.picture] = on
        if on != self._use_source:
            self._use_source = on
            self.changed.emit()

    @property
    def action(self) -> Action:
        """What the next run does."""
        if self._region:
            return "fill"
        return "refine" if self.use_source else "generate"

    @property
    def own(self) -> bool:
        """Whether there is something of the person's here that a result must not push aside."""
        return self.use_source or self._region

    @property
    def _region(self) -> bool:
        """Whether something is to be filled: what is painted over, or margins."""
        painted = self.document.has_mask or bool(self.framing.margins)
        return self.document.picture is not None and painted

    def known(self, picture: Picture) -> Known | None:
        """The record of a picture that was made here; None for any other."""
        return self._known.get(picture)

    def remember(self, picture: Picture, known: Known) -> None:
        self._known[picture] = known

    @property
    def original(self) -> Original | None:
        """The file that the document's picture was opened from, however it was edited since."""
        picture = self.document.picture
        return self._originals.get(picture) if picture is not None else None

    def bring(self, picture: Picture, name: str, original: Original | None = None) -> None:
        """Open a picture of the person's, to work on: the next run starts from it."""
        self._sources[picture] = True
        self._originals[picture] = original
        self.document.open(picture, name)
        self.use_source = True

    def place(self, picture: Picture, known: Known) -> None:
        """Put a picture made here on the canvas, to look at and paint on."""
        self.remember(picture, known)
        self._sources[picture] = False
        self._originals[picture] = None
        self.document.open(picture, known.path.name)
        self.use_source = False

    def merge(self, picture: Picture, known: Known) -> None:
        """Take an edited version of the picture; the mask has done its work. One undo step."""
        self.remember(picture, known)
        self._sources[picture] = self._use_source
        self.document.replace(picture, clear_mask=True)

    def clear(self) -> None:
        """Take the picture away."""
        self.document.clear()
        self.use_source = False

    def _picture_changed(self) -> None:
        picture, name = self.document.picture, self.document.name
        if picture is not None:
            if picture not in self._originals:
                # another version of the picture before, whatever made it: a result, or undo
                self._originals[picture] = self._last[1] if name == self._last[0] else None
            self._last = (name, self._originals[picture])
        if picture is None:
            self._use_source = False
        else:
            self._use_source = self._sources.get(picture, self._use_source)
        self.changed.emit()

    def _mask_changed(self, *_: object) -> None:
        # Told of at every move of the brush: what the next run does is another matter.
        if self.document.has_mask != self._masked:
            self._masked = self.document.has_mask
            self.changed.emit()
