"""What one tool does with the pointer on the canvas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from studio.imaging.region import Combine, Region
from studio.session.document import Document
from studio.session.pen import Pen
from studio.ui import canvas_marks as marks
from studio.ui.canvas_view import View

_BADGES: dict[Combine, str] = {"replace": "", "add": "+", "subtract": "-", "intersect": "×"}


@dataclass(frozen=True)
class Touch:
    """The pointer at `place`, in device pixels of the canvas; `ratio` of them are one of its own.
    `view` is how the picture lies there. `pressure` 0..1; a mouse presses fully."""

    place: QPointF
    view: View
    ratio: float
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    pressure: float = 1.0

    @property
    def at(self) -> tuple[float, float]:
        """In pixels of the picture; may lie outside it."""
        return self.view.to_picture(self.place.x(), self.place.y())

    @property
    def shift(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.ShiftModifier)

    @property
    def alt(self) -> bool:
        return bool(self.modifiers & Qt.KeyboardModifier.AltModifier)


class Gesture:
    """`press`, `move` and `release` come in this order; between them `hover` follows the pointer.

    `redraw` is given the device pixels that `paint` will draw differently.
    """

    def __init__(self, document: Document, pen: Pen, redraw: Callable[[QRectF], None]) -> None:
        self.document = document
        self.pen = pen
        self.redraw = redraw
        self.touch: Touch | None = None
        """Where the pointer is; None while it is elsewhere."""

    @property
    def active(self) -> bool:
        """Whether it has begun something that a release, a key or `cancel` will end."""
        return False

    def hover(self, touch: Touch | None) -> None:
        """The pointer is here now; None: it has left."""
        if self.touch is not None:
            self.redraw(self.mark(self.touch))
        self.touch = touch
        if touch is not None:
            self.redraw(self.mark(touch))

    def press(self, touch: Touch) -> None:
        """The button or the pen went down."""

    def move(self, touch: Touch) -> None:
        """The pointer moved while active."""

    def release(self, touch: Touch) -> None:
        """The button is up."""

    def double(self, touch: Touch) -> None:
        """A second press right after the first, in its place."""
        self.press(touch)

    def key(self, key: int) -> bool:
        """Whether this key, pressed while active, meant something."""
        return False

    def cancel(self) -> None:
        """As if it had not begun."""

    def stop(self) -> None:
        """Another tool was taken up, or the picture changed."""
        self.cancel()

    def mark(self, touch: Touch) -> QRectF:
        """The device pixels of what is drawn for the pointer there."""
        return QRectF()

    def paint(self, painter: QPainter, view: View, ratio: float) -> None:
        """Draw what is under way and what goes with the pointer, in device pixels."""

    def cursor(self, view: View, ratio: float) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor


class Selecting(Gesture):
    """Ends in a region that is combined with the mask. Shift adds, Alt takes away, both together
    keep only what is in it, if held when it begins; without them the pen says which."""

    how: Combine = "add"

    def begin(self, touch: Touch) -> None:
        self.how = self._meant(touch)

    def select(self, region: Region) -> None:
        from studio.imaging.reshaping import softened

        picture = self.document.picture
        if picture is not None:
            region = softened(region, self.pen.feather, picture.size)
            self.document.select(region, self.how)

    def mark(self, touch: Touch) -> QRectF:
        return marks.badge_area(touch.place, touch.ratio)

    def paint(self, painter: QPainter, view: View, ratio: float) -> None:
        if self.touch is not None:
            how = self.how if self.active else self._meant(self.touch)
            if _BADGES[how]:
                marks.draw_badge(painter, self.touch.place, _BADGES[how], ratio)

    def _meant(self, touch: Touch) -> Combine:
        if touch.shift and touch.alt:
            return "intersect"
        return "subtract" if touch.alt else "add" if touch.shift else self.pen.combine
