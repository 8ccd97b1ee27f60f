"""Brush and eraser on the canvas."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from studio.session.document import Document
from studio.session.pen import Pen
from studio.ui import canvas_marks as marks
from studio.ui.canvas_gesture import Gesture, Touch
from studio.ui.canvas_view import View

_SMALLEST_RING = 3.0
"""Radius in the widget's pixels below which a cross shows the place better than a ring."""


class Strokes(Gesture):
    """With Shift a stroke begins as a straight line from the end of the one before."""

    def __init__(self, document: Document, pen: Pen, redraw: Callable[[QRectF], None]) -> None:
        super().__init__(document, pen, redraw)
        self.last: tuple[float, float] | None = None
        """Where the last stroke on this picture ended, in pixels of the picture."""

    @property
    def active(self) -> bool:
        return self.document.painting

    def press(self, touch: Touch) -> None:
        self.document.begin_stroke(self.pen.brush)
        if touch.shift and self.last is not None:
            self.document.stroke_to(*self.last, touch.pressure)
        self.move(touch)

    def move(self, touch: Touch) -> None:
        self.hover(touch)
        if self.active:
            self.document.stroke_to(*touch.at, touch.pressure)
            self.last = touch.at

    def release(self, touch: Touch) -> None:
        self.document.end_stroke()
        self.hover(touch)

    def cancel(self) -> None:
        self.document.drop_stroke()

    def stop(self) -> None:
        self.document.end_stroke()

    def mark(self, touch: Touch) -> QRectF:
        reach = self._radius(touch.view) + 3 * touch.ratio
        ring = QRectF(touch.place - QPointF(reach, reach), touch.place + QPointF(reach, reach))
        start = self._line_from(touch)
        if start is not None:
            line = QRectF(start, touch.place).normalized()
            margin = 3 * touch.ratio
            ring = ring.united(line.adjusted(-margin, -margin, margin, margin))
        return ring

    def paint(self, painter: QPainter, view: View, ratio: float) -> None:
        touch = self.touch
        if touch is None:
            return
        start = self._line_from(touch)
        if start is not None:
            marks.draw_path(painter, [start, touch.place], ratio)
        if self._ringed(view, ratio):
            marks.draw_outline(painter, touch.place, self._radius(view), ratio)

    def cursor(self, view: View, ratio: float) -> Qt.CursorShape:
        shape = Qt.CursorShape
        return shape.BlankCursor if self._ringed(view, ratio) else shape.CrossCursor

    def _line_from(self, touch: Touch) -> QPointF | None:
        """Where the straight line would begin that a press would paint."""
        if not touch.shift or self.last is None or self.active:
            return None
        return QPointF(*touch.view.to_screen(*self.last))

    def _radius(self, view: View) -> float:
        return self.pen.size / 2 * view.zoom

    def _ringed(self, view: View, ratio: float) -> bool:
        return self._radius(view) >= _SMALLEST_RING * ratio
