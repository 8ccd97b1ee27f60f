"""The lasso: drawn freely, from corner to corner, or both in turn."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

from studio.session.document import Document
from studio.session.pen import Pen
from studio.ui import canvas_marks as marks
from studio.ui.canvas_gesture import Selecting, Touch
from studio.ui.canvas_shapes import covered
from studio.ui.canvas_view import View

_FINE = 2.0
"""Points of a free line are at least so far apart, in device pixels."""
_NEAR = 9.0
"""So near to its beginning, in the widget's pixels, a click closes a polygon."""


class Lasso(Selecting):
    """A drag ends the selection when the button is let go. A click begins a polygon instead: each
    further click adds a corner, a drag a free line, Backspace takes the last one off; Enter, a
    double click or a click on the first corner closes it."""

    def __init__(self, document: Document, pen: Pen, redraw: Callable[[QRectF], None]) -> None:
        super().__init__(document, pen, redraw)
        self._points: list[QPointF] = []
        """In pixels of the picture."""
        self._corners: list[int] = []
        """How many points there were before each click."""
        self._pressed: Touch | None = None
        self._free = False
        """Whether the pointer was dragged since it was pressed."""

    @property
    def active(self) -> bool:
        return bool(self._points)

    @property
    def polygon(self) -> bool:
        """Whether corners are being set, with the button up."""
        return self.active and self._pressed is None

    def press(self, touch: Touch) -> None:
        if not self.active:
            self.begin(touch)
        elif self._closes(touch):
            self.hover(touch)
            self.finish()
            return
        self._pressed, self._free = touch, False
        self._corners.append(len(self._points))
        self._add(touch)
        self.hover(touch)

    def move(self, touch: Touch) -> None:
        pressed = self._pressed
        if pressed is not None:
            self._free = self._free or _apart(touch, pressed.place) > _FINE * touch.ratio
            if self._free and _apart(touch, self._screen(self._points[-1], touch)) >= _FINE:
                self._add(touch)
        self.hover(touch)

    def release(self, touch: Touch) -> None:
        if self._pressed is None:
            return
        self._pressed = None
        if self._free and len(self._corners) == 1:
            self.finish()
        self.hover(touch)

    def double(self, touch: Touch) -> None:
        if self.polygon and len(self._points) > 2:
            self.finish()
        else:
            self.press(touch)

    def key(self, key: int) -> bool:
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish()
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._redraw_all()
            del self._points[self._corners.pop() :]
        else:
            return False
        return True

    def finish(self) -> None:
        """Select what is enclosed; nothing if that is no area."""
        points, picture = self._points, self.document.picture
        self.cancel()
        if picture is not None and len(points) > 2:
            path = QPainterPath()
            path.addPolygon(QPolygonF(points))
            path.closeSubpath()
            # Where the line crosses itself is inside all the same: a slip leaves no hole.
            path.setFillRule(Qt.FillRule.WindingFill)
            self.select(covered(path, picture.size))

    def cancel(self) -> None:
        self._redraw_all()
        self._points, self._corners, self._pressed = [], [], None

    def mark(self, touch: Touch) -> QRectF:
        area = super().mark(touch)
        if self._points:
            line = QRectF(self._screen(self._points[-1], touch), touch.place).normalized()
            margin = 12 * touch.ratio  # the first corner's ring grows when it would close
            area = area.united(line.adjusted(-margin, -margin, margin, margin))
        return area

    def paint(self, painter: QPainter, view: View, ratio: float) -> None:
        if self._points:
            path = [QPointF(*view.to_screen(p.x(), p.y())) for p in self._points]
            if self.touch is not None:
                path.append(self.touch.place)
            marks.draw_path(painter, path, ratio)
            if len(self._corners) > 1 or self.polygon:
                closes = self.touch is not None and self._closes(self.touch)
                marks.draw_outline(painter, path[0], (6 if closes else 3.5) * ratio, ratio)
        super().paint(painter, view, ratio)

    def _add(self, touch: Touch) -> None:
        self._points.append(QPointF(*touch.at))

    def _closes(self, touch: Touch) -> bool:
        near = _apart(touch, self._screen(self._points[0], touch)) <= _NEAR * touch.ratio
        return near and self.polygon and len(self._points) > 2

    def _screen(self, point: QPointF, touch: Touch) -> QPointF:
        return QPointF(*touch.view.to_screen(point.x(), point.y()))

    def _redraw_all(self) -> None:
        touch = self.touch
        if touch is not None and self._points:
            path = QPolygonF([self._screen(point, touch) for point in self._points])
            margin = 12 * touch.ratio
            area = path.boundingRect().adjusted(-margin, -margin, margin, margin)
            self.redraw(area.united(self.mark(touch)))


def _apart(touch: Touch, place: QPointF) -> float:
    """In device pixels, the larger of across and down."""
    moved = touch.place - place
    return max(abs(moved.x()), abs(moved.y()))
