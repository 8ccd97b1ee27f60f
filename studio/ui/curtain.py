"""The picture compared with, over the canvas's own: behind a divider, or all of it for a moment.

While it is there the pointer moves the divider and the picture, and paints nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPalette, QPen

from studio.core.picture import Picture
from studio.session.panes import Mode
from studio.ui import canvas_paint as paint
from studio.ui.canvas import CanvasView
from studio.ui.canvas_layers import PictureLayer
from studio.ui.canvas_overlay import Overlay
from studio.ui.canvas_view import View

REACH = 10.0
"""Logical pixels beside the divider from which it can be taken."""
KNOB = 15.0
STEP, LEAP = 0.02, 0.1
"""How far the arrow keys move the divider, and with Shift, in parts of what is seen."""
_LINE, _EDGE = QColor(255, 255, 255), QColor(0, 0, 0, 110)


class Curtain(Overlay):
    """`share`: how much of the width in sight is A's."""

    def __init__(self, canvas: CanvasView) -> None:
        self.canvas = canvas
        self.mode: Mode = "wipe"
        self.share = 0.5
        self.flipped = False
        """When blinking: whether B is the one in sight."""
        self.captions = ("", "")
        self._layer: PictureLayer | None = None
        self._grip: QPointF | None = None
        self._dragging = False
        self._before = 0.5

    def show(self, mode: Mode, picture: Picture, captions: tuple[str, str]) -> None:
        """Compare with this picture; the captions are A's and B's."""
        if self._layer is None or self._layer.picture is not picture:
            self._layer = PictureLayer(picture)
        self.mode, self.captions = mode, captions
        self.canvas.update()

    def flip(self) -> None:
        """Blink once."""
        self.flipped = not self.flipped
        self.canvas.update()

    def move_to(self, share: float) -> None:
        """Put the divider there."""
        self.share = min(max(share, 0.0), 1.0)
        self.canvas.update()

    def press_key(self, key: int, leap: bool) -> bool:
        """Arrow keys, Home and End move the divider; False for any other key."""
        if self.mode != "wipe":
            return False
        by = LEAP if leap else STEP
        places = {
            Qt.Key.Key_Left: self.share - by,
            Qt.Key.Key_Right: self.share + by,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: 1.0,
        }
        if key not in places:
            return False
        self.move_to(places[Qt.Key(key)])
        return True

    # The pointer

    def hover(self, place: QPointF) -> Qt.CursorShape | None:
        if self._near(place):
            return Qt.CursorShape.SplitHCursor
        return Qt.CursorShape.ClosedHandCursor if self._grip else Qt.CursorShape.OpenHandCursor

    def press(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        self._dragging, self._grip, self._before = self._near(place), place, self.share
        return True

    def move(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        if self._dragging:
            left, width = self._span()
            self.move_to((place.x() - left) / width)
        elif self._grip is not None:
            moved, self._grip = place - self._grip, place
            self.canvas.pan(moved.x(), moved.y())

    def release(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._dragging, self._grip = False, None

    def cancel(self) -> None:
        if self._dragging:
            self.move_to(self._before)
        self._dragging, self._grip = False, None

    def _near(self, place: QPointF) -> bool:
        reach = REACH * self.canvas.devicePixelRatioF()
        return self.mode == "wipe" and abs(place.x() - self._divider) <= reach

    def _span(self) -> tuple[float, float]:
        """Left and width of what is seen of the picture, in device pixels."""
        room = float(self.canvas.viewport.width)
        shown = self.canvas.shown
        if shown is None:
            return 0.0, room
        target = self.canvas.place_of(shown.size)
        left, right = max(0.0, target.left()), min(room, target.right())
        return (left, right - left) if right - left >= 1 else (0.0, room)

    @property
    def _divider(self) -> float:
        left, width = self._span()
        return left + self.share * width

    # Painting

    def paint(self, painter: QPainter, view: View, ratio: float) -> None:
        if self._layer is None or self.mode == "side":
            return
        size = self.canvas.viewport
        whole = QRectF(0, 0, size.width, size.height)
        if self.mode == "wipe":
            x = round(self._divider)
            self._paint_b(painter, QRectF(x, 0, whole.width() - x, whole.height()))
            self._paint_divider(painter, x, whole.height(), ratio)
            halves = [
                QRectF(0, 0, whole.width() / 2, whole.height()),
                QRectF(whole.width() / 2, 0, whole.width() / 2, whole.height()),
            ]
            pills = list(zip(halves, self.captions, strict=True))
        else:
            if self.flipped:
                self._paint_b(painter, whole)
            pills = [(whole, self.captions[self.flipped])]
        painter.setClipping(False)
        painter.scale(ratio, ratio)
        for area, caption in pills:
            logical = QRectF(area.topLeft() / ratio, area.size() / ratio)
            paint.draw_pill(painter, logical, caption, self.canvas.palette(), self.canvas.font())

    def _paint_b(self, painter: QPainter, area: QRectF) -> None:
        assert self._layer is not None
        painter.save()
        painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
        seen = painter.clipBoundingRect()
        # B may be of another shape than A, which must not look out from under it.
        painter.fillRect(seen, self.canvas.palette().color(QPalette.ColorRole.Dark))
        target = self.canvas.place_of(self._layer.picture.size)
        if self._layer.picture.has_alpha:
            square = max(4, round(8 * self.canvas.devicePixelRatioF()))
            paint.draw_checkerboard(painter, target.intersected(seen), target, square)
        self._layer.draw(painter, target, seen, self.canvas.smooth)
        painter.restore()

    def _paint_divider(self, painter: QPainter, x: float, height: float, ratio: float) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for color, width in ((_EDGE, 4.0), (_LINE, 2.0)):
            painter.setPen(QPen(color, width * ratio))
            painter.drawLine(QPointF(x, 0), QPointF(x, height))
        middle = QPointF(x, height / 2)
        painter.setPen(QPen(_EDGE, ratio))
        painter.setBrush(_LINE)
        painter.drawEllipse(middle, KNOB * ratio, KNOB * ratio)
        arrows = QPainterPath()
        for side in (-1, 1):
            arrows.moveTo(middle + QPointF(side * 4, -5) * ratio)
            arrows.lineTo(middle + QPointF(side * 9, 0) * ratio)
            arrows.lineTo(middle + QPointF(side * 4, 5) * ratio)
        pen = QPen(QColor(40, 42, 44), 2 * ratio)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(arrows, pen)
        painter.restore()
