"""What the canvas draws besides pixels: checkerboard, veil, grid, words, frames.

Colours are the palette's, except where they must show on any picture.
"""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPalette, QPen, QPixmap

from studio.ui.canvas_marks import DARK, LIGHT

CHECKS = QColor(204, 204, 204), QColor(154, 154, 154)
HINTS = (
    ("Describe a picture", "on the left, then press Ctrl+Enter"),
    ("Drop a picture here", "or open one with Ctrl+O, or paste with Ctrl+V"),
    ("Paint over a part", "to have just that part made anew"),
)


def draw_checkerboard(painter: QPainter, area: QRectF, target: QRectF, square: int) -> None:
    """Squares of `square` pixels in `area`, which stay with the picture at `target`."""
    tile = QPixmap(2 * square, 2 * square)
    tile.fill(CHECKS[0])
    drawing = QPainter(tile)
    drawing.fillRect(0, 0, square, square, CHECKS[1])
    drawing.fillRect(square, square, square, square, CHECKS[1])
    drawing.end()
    painter.save()
    painter.setBrushOrigin(target.topLeft())
    painter.fillRect(area, QBrush(tile))
    painter.restore()


@lru_cache(maxsize=8)
def stripes(color: int, opacity: float, scale: float) -> QBrush:
    """The colour 0xRRGGBB with fine light stripes, as a whole as opaque as that.

    A plain veil could not be told from a picture of its own colour.
    """
    side = max(4, round(10 * scale))
    tile = QPixmap(side, side)
    veil = QColor(color)
    veil.setAlphaF(opacity)
    tile.fill(veil)
    drawing = QPainter(tile)
    drawing.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    drawing.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceAtop)
    drawing.setPen(QPen(QColor(255, 255, 255, 70), side * 0.2))
    for shift in (-side, 0, side):
        drawing.drawLine(QPointF(shift - 1, side + 1), QPointF(shift + side + 1, -1))
    drawing.end()
    return QBrush(tile)


def draw_grid(painter: QPainter, target: QRectF, seen: QRectF, zoom: float) -> None:
    """A line between any two pixels, dark over light so that it shows on every colour."""
    area = target.intersected(seen)
    if area.isEmpty():
        return
    first_x = math.floor((area.left() - target.left()) / zoom)
    last_x = math.ceil((area.right() - target.left()) / zoom)
    first_y = math.floor((area.top() - target.top()) / zoom)
    last_y = math.ceil((area.bottom() - target.top()) / zoom)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for shade, shift in ((QColor(255, 255, 255, 28), 1.0), (QColor(0, 0, 0, 46), 0.0)):
        painter.setPen(QPen(shade, 1))
        for i in range(first_x, last_x + 1):
            x = target.left() + i * zoom + shift
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        for j in range(first_y, last_y + 1):
            y = target.top() + j * zoom + shift
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
    painter.restore()


def draw_dashed_box(painter: QPainter, box: QRectF, scale: float) -> None:
    """A box in light dashes with dark ones between."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(DARK, max(1.0, scale)))
    painter.drawRect(box)
    pen = QPen(LIGHT, max(1.0, scale))
    pen.setDashPattern([5, 4])
    painter.setPen(pen)
    painter.drawRect(box)
    painter.restore()


def draw_tag(painter: QPainter, box: QRectF, text: str, font: QFont, scale: float) -> QRectF:
    """A few words on dark ground at the upper left of a box, above it where there is room."""
    painter.save()
    small = QFont(font)
    small.setPixelSize(round(11 * scale))
    painter.setFont(small)
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(text) + 12 * scale, metrics.height() + 4 * scale
    above = box.top() - height - 3 * scale
    tag = QRectF(box.left(), above if above > 0 else box.top() + 3 * scale, width, height)
    if above <= 0:
        tag.moveLeft(box.left() + 12 * scale)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 170))
    painter.drawRoundedRect(tag, 3 * scale, 3 * scale)
    painter.setPen(LIGHT)
    painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
    return tag


def draw_pill(painter: QPainter, area: QRectF, text: str, palette: QPalette, font: QFont) -> QRectF:
    """A caption at the lower edge of `area`, on a ground of its own; returns where it is."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setFont(font)
    metrics = painter.fontMetrics()
    width = min(metrics.horizontalAdvance(text) + 24.0, area.width() - 16)
    height = metrics.height() + 10.0
    pill = QRectF(
        area.center().x() - width / 2, area.bottom() - height - 10, max(width, 0.0), height
    )
    ground = QColor(palette.color(QPalette.ColorRole.ToolTipBase))
    ground.setAlpha(232)
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
    painter.setBrush(ground)
    painter.drawRoundedRect(pill, height / 2, height / 2)
    painter.setPen(palette.color(QPalette.ColorRole.ToolTipText))
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(width - 20))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, shown)
    painter.restore()
    return pill


def draw_welcome(painter: QPainter, area: QRectF, palette: QPalette, font: QFont) -> None:
    """What to do on an empty canvas, one way a line, in the middle."""
    painter.save()
    text = palette.color(QPalette.ColorRole.WindowText)
    quiet = palette.color(QPalette.ColorRole.PlaceholderText)
    bold, plain = QFont(font), QFont(font)
    bold.setPointSizeF(font.pointSizeF() * 1.25)
    bold.setWeight(QFont.Weight.DemiBold)
    painter.setFont(bold)
    line = painter.fontMetrics().height()
    painter.setFont(plain)
    block = line + painter.fontMetrics().height() + 22.0
    y = area.center().y() - (block * len(HINTS) - 22.0) / 2
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    for title, how in HINTS:
        for words, style, color in ((title, bold, text), (how, plain, quiet)):
            painter.setFont(style)
            painter.setPen(color)
            room = QRectF(area.left() + 16, y, max(0.0, area.width() - 32), area.height())
            y += painter.boundingRect(room, flags, words).height() + 2
            painter.drawText(room, flags, words)
        y += 20
    painter.restore()


def draw_frame(painter: QPainter, area: QRectF, color: QColor, width: float) -> None:
    """A frame just inside `area`: keyboard focus, or a picture about to be dropped."""
    painter.save()
    pen = QPen(color, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = width / 2
    painter.drawRect(area.adjusted(half, half, -half, -half))
    painter.restore()
