"""How much of the picture the next fill sees, and how far it goes beyond the picture's edges."""

from __future__ import annotations

from psygnal import Signal

from studio.core.geometry import Box, Margins, Size
from studio.core.picture import Picture
from studio.core.recipe import MAX_SIDE, NO_MARGINS
from studio.session.document import Document


class Framing:
    """Belongs to the picture on the desk: another picture, or no mask, and it begins anew."""

    changed = Signal()

    def __init__(self, document: Document) -> None:
        self.document = document
        self._picture: Picture | None = None
        self._box: Box | None = None
        self._margins = NO_MARGINS
        self._extending = False
        document.picture_changed.connect(self._picture_changed)
        document.mask_changed.connect(self._mask_changed)

    @property
    def box(self) -> Box | None:
        """The part the model is to see, in pixels of the picture with its margins.

        None: as much as the settings say.
        """
        return self._box

    @box.setter
    def box(self, box: Box | None) -> None:
        if box is not None:
            box = box.intersect(Box.of(self.size))
        if box is not None and box.empty:
            box = None
        if box != self._box:
            self._box = box
            self.changed.emit()

    @property
    def margins(self) -> Margins:
        """How far the next run extends the picture on each side."""
        return self._margins

    @margins.setter
    def margins(self, margins: Margins) -> None:
        picture = self.document.picture
        if picture is None:
            margins = NO_MARGINS
        else:
            wide, high = MAX_SIDE - picture.size.width, MAX_SIDE - picture.size.height
            left, top = (min(max(0, side), MAX_SIDE) for side in (margins.left, margins.top))
            left, top = min(left, max(0, wide)), min(top, max(0, high))
            margins = Margins(
                left,
                top,
                min(max(0, margins.right), max(0, wide - left)),
                min(max(0, margins.bottom), max(0, high - top)),
            )
        if margins != self._margins:
            # A box is of the extended picture, whose corner has moved.
            self._margins, self._box = margins, None
            self.changed.emit()

    @property
    def extending(self) -> bool:
        """Whether the canvas offers its edges to be dragged."""
        return self._extending

    @extending.setter
    def extending(self, on: bool) -> None:
        if on != self._extending:
            self._extending = on
            self.changed.emit()

    @property
    def size(self) -> Size:
        """The picture's, with its margins."""
        picture = self.document.picture
        return self._margins.around(picture.size) if picture else Size(0, 0)

    def _picture_changed(self) -> None:
        picture = self.document.picture
        if picture is not self._picture:
            self._picture = picture
            self._forget(NO_MARGINS)

    def _mask_changed(self, *_: object) -> None:
        if self._box is not None and not self._margins and not self.document.has_mask:
            self._forget(self._margins)

    def _forget(self, margins: Margins) -> None:
        if self._box is not None or margins != self._margins:
            self._box, self._margins = None, margins
            self.changed.emit()
