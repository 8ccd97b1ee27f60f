"""Rectangles and ellipses drawn on the canvas, and what of the picture a path covers."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath, QTransform

from studio.core.geometry import Box, Size
from studio.imaging.region import NOWHERE, Region
from studio.session.document import Document
from studio.session.pen import Pen
from studio.ui import canvas_marks as marks
from studio.ui.canvas_gesture import Selecting, Touch
from studio.ui.canvas_view import View
from studio.ui.pixels import coverage

_CLICK = 3.0
"""A drag of less than this many of the widget's pixels is a click."""


class Shape(Selecting):
    """A box of whole pixels, or the ellipse in it. Shift, pressed after it has begun, makes the
    sides equal; Alt draws it from its middle."""

    def __init__(
        self, document: Document, pen: Pen, redraw: Callable[[QRectF], None], round_: bool
    ) -> None:
        super().__init__(document, pen, redraw)
        self.round = round_
        self._anchor: Touch | None = None
        self._held = (False, False)
        """Whether Shift and Alt are still down from when it began, and so mean something else."""

    @property
    def active(self) -> bool:
        return self._anchor is not None

    def press(self, touch: Touch) -> None:
        self.begin(touch)
        self._anchor, self._held = touch, (touch.shift, touch.alt)
        self.hover(touch)

    def move(self, touch: Touch) -> None:
        self._held = (self._held[0] and touch.shift, self._held[1] and touch.alt)
        self.hover(touch)

    def release(self, touch: Touch) -> None:
        self.move(touch)
        anchor, picture = self._anchor, self.document.picture
        if anchor is None:
            return
        box, moved = self._box(touch), touch.place - anchor.place
        self.cancel()
        if picture is not None and max(abs(moved.x()), abs(moved.y())) >= _CLICK * touch.ratio:
            self.select(covered(self._path(box), picture.size))

    def cancel(self) -> None:
        touch = self.touch
        if touch is not None:
            self.redraw(self.mark(touch))
        self._anchor = None

    def mark(self, touch: Touch) -> QRectF:
        area = super().mark(touch)
        if self._anchor is not None:
            margin = 3 * touch.ratio
            shape = _on_screen(self._box(touch), touch.view)
            area = area.united(shape.adjusted(-margin, -margin, margin, margin))
            area = area.united(marks.tag_area(touch.place, touch.ratio))
        return area

    def paint(self, painter: QPainter, view: View, ratio: float) -> None:
        if self._anchor is not None and self.touch is not None:
            box = self._box(self.touch)
            marks.draw_shape(painter, self._path(box), _transform(view), ratio)
            marks.draw_tag(painter, self.touch.place, f"{box.width} × {box.height}", ratio)
        super().paint(painter, view, ratio)

    def _box(self, touch: Touch) -> Box:
        """What is spanned between the anchor and the pointer, in whole pixels."""
        assert self._anchor is not None
        (x0, y0), (x1, y1) = self._anchor.at, touch.at
        dx, dy = x1 - x0, y1 - y0
        if touch.shift and not self._held[0]:
            side = max(abs(dx), abs(dy))
            dx, dy = math.copysign(side, dx), math.copysign(side, dy)
        if touch.alt and not self._held[1]:
            x0, y0, dx, dy = x0 - dx, y0 - dy, 2 * dx, 2 * dy
        left, right = sorted((x0, x0 + dx))
        top, bottom = sorted((y0, y0 + dy))
        box = Box.between(math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))
        if touch.shift and not self._held[0]:
            side = max(box.width, box.height)
            box = Box(box.x, box.y, side, side)
        return box

    def _path(self, box: Box) -> QPainterPath:
        path = QPainterPath()
        area = QRectF(box.x, box.y, box.width, box.height)
        if self.round:
            path.addEllipse(area)
        else:
            path.addRect(area)
        return path


def covered(path: QPainterPath, size: Size) -> Region:
    """How much of each pixel of a picture of `size` lies inside a path, 0..255."""
    around = path.boundingRect()
    box = Box.between(
        math.floor(around.left()),
        math.floor(around.top()),
        math.ceil(around.right()),
        math.ceil(around.bottom()),
    ).intersect(Box.of(size))
    return Region.even(NOWHERE, 0) if box.empty else Region(box, coverage(path, box))


def _on_screen(box: Box, view: View) -> QRectF:
    left, top = view.to_screen(box.x, box.y)
    right, bottom = view.to_screen(box.right, box.bottom)
    return QRectF(QPointF(left, top), QPointF(right, bottom))


def _transform(view: View) -> QTransform:
    return QTransform(view.zoom, 0, 0, view.zoom, view.x, view.y)
