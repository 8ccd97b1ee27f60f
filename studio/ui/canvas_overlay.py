"""What lies over the picture and can be taken hold of before the tool in hand: a divider to wipe
with, edges to drag. Places are in device pixels of the canvas, as everywhere on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from studio.ui.canvas_view import View


class Overlay:
    """One thing over the picture. Does nothing until a method is overridden.

    It asks for its own repainting (`canvas.update`, as cheaply as it can), and finds out where a
    picture lies by `canvas.place_of`.
    """

    def paint(self, painter: QPainter, view: View, ratio: float) -> None:
        """Draw, in device pixels; `ratio` of them are one of the widget's own.

        The painter is clipped to what is repainted now: `painter.clipBoundingRect()`.
        """

    def hover(self, place: QPointF) -> Qt.CursorShape | None:
        """The pointer is here, with no button down: the cursor, if a press would be taken."""
        return None

    def press(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """The left button or the pen went down. True takes it: moves and the release follow."""
        return False

    def move(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The pointer moved while this overlay has it."""

    def release(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The button is up: what was dragged stays where it is."""

    def cancel(self) -> None:
        """The drag was broken off (Esc): put back what was dragged. No release follows."""


class Overlays:
    """The overlays of one canvas: painted first to last, offered the pointer last to first."""

    def __init__(self, repaint: Callable[[], object]) -> None:
        self._repaint = repaint
        self._all: list[Overlay] = []
        self._holder: Overlay | None = None

    def __iter__(self) -> Iterator[Overlay]:
        return iter(self._all)

    @property
    def held(self) -> bool:
        """Whether an overlay has the pointer."""
        return self._holder is not None

    def add(self, overlay: Overlay) -> None:
        """On top of the others."""
        if overlay not in self._all:
            self._all.append(overlay)
            self._repaint()

    def remove(self, overlay: Overlay) -> None:
        """Nothing if it is not there."""
        if overlay in self._all:
            self._all.remove(overlay)
            if overlay is self._holder:
                self._holder = None
            self._repaint()

    def paint(self, painter: QPainter, view: View, ratio: float) -> None:
        for overlay in self._all:
            painter.save()
            overlay.paint(painter, view, ratio)
            painter.restore()

    def hover(self, place: QPointF) -> Qt.CursorShape | None:
        """The cursor that the topmost overlay here asks for."""
        cursors = (overlay.hover(place) for overlay in reversed(self._all))
        return next((cursor for cursor in cursors if cursor is not None), None)

    def press(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """Offer the press around; True if one of them took it."""
        taken = (one for one in reversed(self._all) if one.press(place, modifiers))
        self._holder = next(taken, None)
        return self.held

    def move(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """True if an overlay has the pointer."""
        if self._holder is not None:
            self._holder.move(place, modifiers)
        return self.held

    def release(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """True if an overlay had the pointer, which is free now."""
        holder, self._holder = self._holder, None
        if holder is not None:
            holder.release(place, modifiers)
        return holder is not None

    def cancel(self) -> bool:
        """True if a drag was broken off."""
        holder, self._holder = self._holder, None
        if holder is not None:
            holder.cancel()
        return holder is not None
