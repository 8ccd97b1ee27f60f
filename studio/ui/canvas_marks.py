"""What the canvas draws for the tools: rings, lines, shapes and signs that show on any picture."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPolygonF, QTransform

LIGHT, DARK = QColor(255, 255, 255, 235), QColor(0, 0, 0, 150)


def draw_outline(painter: QPainter, center: QPointF, radius: float, scale: float) -> None:
    """The brush's edge: a light ring in a dark one, visible on anything."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(DARK, 3 * scale))
    painter.drawEllipse(center, radius, radius)
    painter.setPen(QPen(LIGHT, 1.25 * scale))
    painter.drawEllipse(center, radius, radius)
    painter.restore()


def draw_path(painter: QPainter, points: list[QPointF], scale: float) -> None:
    """A straight line about to be painted."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for color, width in ((DARK, 3 * scale), (LIGHT, 1.25 * scale)):
        painter.setPen(QPen(color, width))
        painter.drawPolyline(QPolygonF(points))
    painter.restore()


def draw_shape(painter: QPainter, path: QPainterPath, to_screen: QTransform, scale: float) -> None:
    """A shape under way: light dashes over dark."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    outline = to_screen.map(path)
    painter.setPen(QPen(DARK, 3 * scale))
    painter.drawPath(outline)
    pen = QPen(LIGHT, 1.25 * scale)
    pen.setDashPattern([5, 4])
    painter.setPen(pen)
    painter.drawPath(outline)
    painter.restore()


def badge_area(pointer: QPointF, scale: float) -> QRectF:
    """Where `draw_badge` draws."""
    return QRectF(pointer.x() + 7 * scale, pointer.y() + 7 * scale, 14 * scale, 14 * scale)


def draw_badge(painter: QPainter, pointer: QPointF, sign: str, scale: float) -> None:
    """ "+", "-" or "×" beside the pointer."""
    area = badge_area(pointer, scale)
    middle, arm = area.center(), 3.5 * scale
    turn = arm * 0.75 if sign == "×" else 0.0
    lines = {
        "+": ((-arm, 0.0, arm, 0.0), (0.0, -arm, 0.0, arm)),
        "-": ((-arm, 0.0, arm, 0.0),),
        "×": ((-turn, -turn, turn, turn), (-turn, turn, turn, -turn)),
    }[sign]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for color, width in ((DARK, 3.5 * scale), (LIGHT, 1.5 * scale)):
        painter.setPen(QPen(color, width))
        for x0, y0, x1, y1 in lines:
            painter.drawLine(middle + QPointF(x0, y0), middle + QPointF(x1, y1))
    painter.restore()


def tag_area(pointer: QPointF, scale: float) -> QRectF:
    """Where `draw_tag` draws, at most."""
    return QRectF(pointer.x() + 6 * scale, pointer.y() + 22 * scale, 130 * scale, 26 * scale)


def draw_tag(painter: QPainter, pointer: QPointF, text: str, scale: float) -> None:
    """A few words beside the pointer, which show on any picture."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    font = QFont(painter.font())
    font.setPixelSize(round(12 * scale))
    painter.setFont(font)
    area = tag_area(pointer, scale).adjusted(2 * scale, 2 * scale, -2 * scale, -2 * scale)
    area.setWidth(min(area.width(), painter.fontMetrics().horizontalAdvance(text) + 14 * scale))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 170))
    painter.drawRoundedRect(area, 4 * scale, 4 * scale)
    painter.setPen(LIGHT)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
