"""Grips on a rectangle's edges and corners: where they are, and what dragging one does."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.core.geometry import Box

GRIP = 9.0
"""Half the length of a grip, in the widget's own pixels."""
SMALLEST = 56.0
"""A rectangle with a shorter side than this has no grips: they would cover it."""
NAMES = ("lt", "t", "rt", "r", "rb", "b", "lb", "l")
CURSORS = {
    "lt": Qt.CursorShape.SizeFDiagCursor,
    "rb": Qt.CursorShape.SizeFDiagCursor,
    "rt": Qt.CursorShape.SizeBDiagCursor,
    "lb": Qt.CursorShape.SizeBDiagCursor,
    "l": Qt.CursorShape.SizeHorCursor,
    "r": Qt.CursorShape.SizeHorCursor,
    "t": Qt.CursorShape.SizeVerCursor,
    "b": Qt.CursorShape.SizeVerCursor,
}


def grips(rect: QRectF, ratio: float) -> dict[str, QPointF]:
    """The middle of each grip by name: l, t, r and b are the edges, two letters a corner."""
    if min(rect.width(), rect.height()) < SMALLEST * ratio:
        return {}
    middle = rect.center()
    across = {"l": rect.left(), "r": rect.right()}
    down = {"t": rect.top(), "b": rect.bottom()}
    return {
        name: QPointF(
            next((across[letter] for letter in name if letter in across), middle.x()),
            next((down[letter] for letter in name if letter in down), middle.y()),
        )
        for name in NAMES
    }


def grip_at(rect: QRectF, place: QPointF, ratio: float) -> str:
    """The name of the grip at that place; "" if there is none."""
    reach = (GRIP + 2) * ratio
    for name, middle in grips(rect, ratio).items():
        away = place - middle
        if abs(away.x()) <= reach and abs(away.y()) <= reach:
            return name
    return ""


def pulled(box: Box, grip: str, dx: float, dy: float) -> Box:
    """The box with the edges of `grip` moved by so many pixels; never turned inside out."""
    left, top, right, bottom = box.x, box.y, box.right, box.bottom
    if "l" in grip:
        left = min(left + round(dx), right - 1)
    if "r" in grip:
        right = max(right + round(dx), left + 1)
    if "t" in grip:
        top = min(top + round(dy), bottom - 1)
    if "b" in grip:
        bottom = max(bottom + round(dy), top + 1)
    return Box.between(left, top, right, bottom)


def draw_grips(painter: QPainter, rect: QRectF, ratio: float, color: QColor) -> None:
    """Bars along the edges and angles at the corners, in light on dark so that they show."""
    length = GRIP * ratio
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for shade, width in ((QColor(0, 0, 0, 170), 5.0), (color, 3.0)):
        pen = QPen(shade, width * ratio)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap if width < 4 else Qt.PenCapStyle.SquareCap)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        for name, middle in grips(rect, ratio).items():
            x, y = middle.x(), middle.y()
            along_x = length if "l" in name else -length
            along_y = length if "t" in name else -length
            if len(name) == 2:
                painter.drawPolyline(
                    [QPointF(x + along_x, y), QPointF(x, y), QPointF(x, y + along_y)]
                )
            elif name in "tb":
                painter.drawLine(QPointF(x - length, y), QPointF(x + length, y))
            else:
                painter.drawLine(QPointF(x, y - length), QPointF(x, y + length))
