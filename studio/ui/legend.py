"""Beside a heat map: what its colours stand for."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QWidget

from studio.core.picture import Picture
from studio.core.wishes import View as StepView
from studio.ui.canvas_overlay import Overlay
from studio.ui.canvas_view import View
from studio.ui.pixels import to_qimage

LENGTH, WIDTH, INSET = 150.0, 12.0, 12.0
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Places on the scale, a factor of √10 apart."""
TITLES: dict[StepView, str] = {"guidance": "‖with − without‖", "change": "‖now − before‖"}


class Legend(Overlay):
    """The scale that ends at `scale`, in the unit of the latents, at one side of the canvas."""

    def __init__(self, canvas: QWidget, left: bool = False) -> None:
        self.canvas, self.left = canvas, left
        self.scale, self.title = 0.0, ""

    def show(self, view: StepView, scale: float) -> None:
        self.scale, self.title = scale, TITLES.get(view, "")

    def paint(self, painter: QPainter, view: View, ratio: float) -> None:
        if not self.scale:
            return
        from studio.imaging.heat import value_at  # nobody needs it before the first map

        painter.setClipping(False)
        painter.scale(ratio, ratio)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setFont(self.canvas.font())
        palette, metrics = self.canvas.palette(), painter.fontMetrics()
        labels = [value_text(value_at(place, self.scale)) for place in TICKS]
        room = max(metrics.horizontalAdvance(label) for label in labels)
        wide = max(WIDTH + 10 + room, metrics.horizontalAdvance(self.title)) + 2 * INSET
        high = LENGTH + 2 * INSET + 2 * metrics.height()
        x = INSET if self.left else self.canvas.width() - wide - INSET
        panel = QRectF(x, INSET, wide, high)
        ground = QColor(palette.color(QPalette.ColorRole.ToolTipBase))
        ground.setAlpha(244)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(panel, 8, 8)
        painter.setPen(palette.color(QPalette.ColorRole.ToolTipText))
        head = QRectF(panel.left(), panel.top() + 6, wide, metrics.height() + 2)
        painter.drawText(head, Qt.AlignmentFlag.AlignCenter, self.title)
        bar = QRectF(panel.left() + INSET, head.bottom() + 14, WIDTH, LENGTH)
        _draw_scale(painter, bar)
        for place, label in zip(TICKS, labels, strict=True):
            y = bar.bottom() - place * LENGTH
            painter.drawLine(QPointF(bar.right(), y), QPointF(bar.right() + 4, y))
            box = QRectF(bar.right() + 8, y - metrics.height(), room + 4, 2 * metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, label)


def _draw_scale(painter: QPainter, bar: QRectF) -> None:
    from studio.imaging.heat import scale_colours

    colours = Picture(scale_colours()[::-1, None].copy())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(bar, to_qimage(colours))


def value_text(value: float) -> str:
    """Two digits that matter: "0.0042", "0.42", "4.2", "42"."""
    digits = max(0, 1 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:.{digits}f}"
