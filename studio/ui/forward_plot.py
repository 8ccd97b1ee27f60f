"""How much picture is left at each time, under every forward process: click or drag to go there."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from studio.core.maths import Hue, Symbol
from studio.core.typeset import Letter
from studio.session.forwarding import LAST
from studio.ui.controls import name
from studio.ui.formula import Ink, compose

HUES: tuple[Hue, ...] = ("noisy", "clean", "fresh", "next")
"""One for each process, here and over its pictures."""
BAR = Symbol("bar", "α", "", 0.0, "bar", "t")
LEFT, RIGHT, TOP, BOTTOM = 44.0, 14.0, 10.0, 22.0


@dataclass(frozen=True)
class Line:
    """`values` at evenly spaced times from 0 to LAST."""

    name: str
    values: tuple[float, ...]


class ForwardPlot(QWidget):
    """ᾱ over t. The slider beside it does the same from the keyboard."""

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "forward_plot", "How much picture is left at each time")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumHeight(110)
        self.lines: tuple[Line, ...] = ()
        self.t = 0

    def sizeHint(self) -> QSize:
        return QSize(600, 130)

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        if lines != self.lines:
            self.lines = lines
            self.update()

    def show_time(self, t: int) -> None:
        if t != self.t:
            self.t = t
            self.update()

    @property
    def area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(LEFT, TOP, -RIGHT, -BOTTOM)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._pick(event.position().x())

    mouseMoveEvent = mousePressEvent

    def _pick(self, x: float) -> None:
        area = self.area
        share = (x - area.left()) / max(1.0, area.width())
        self.picked.emit(round(min(max(share, 0.0), 1.0) * LAST))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = Ink.of(self.palette(), 15)
        self._paint_axes(painter, ink)
        area, x = self.area, self._x(self.t)
        marker = self.palette().color(QPalette.ColorRole.WindowText)
        painter.setPen(QPen(marker, 1))
        painter.drawLine(QPointF(x, area.top() - 4), QPointF(x, area.bottom()))
        for number, line in reversed(list(enumerate(self.lines))):
            color = ink.hues[HUES[number % len(HUES)]]
            last = len(line.values) - 1
            points = [
                QPointF(self._x(i * LAST / last), self._y(value))
                for i, value in enumerate(line.values)
            ]
            painter.setPen(QPen(color, 1.8))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF(points))
            place = self.t / LAST * last
            low = min(int(place), last - 1)
            value = line.values[low] + (line.values[low + 1] - line.values[low]) * (place - low)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Base), 1.5))
            painter.setBrush(color)
            painter.drawEllipse(QPointF(x, self._y(value)), 4, 4)
        painter.end()

    def _paint_axes(self, painter: QPainter, ink: Ink) -> None:
        area, palette = self.area, self.palette()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(area.adjusted(-4, -4, 4, 2), 4, 4)
        grid, muted = QColor(palette.color(QPalette.ColorRole.Mid)), QPalette.ColorRole
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        height = QFontMetricsF(font).height()
        words = palette.color(muted.PlaceholderText)
        for value in (0.0, 0.5, 1.0):
            painter.setPen(QPen(grid, 1))
            painter.drawLine(
                QPointF(area.left(), self._y(value)), QPointF(area.right(), self._y(value))
            )
            painter.setPen(words)
            place = QRectF(0, self._y(value) - height / 2, LEFT - 8, height)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            if value != 0.5:
                painter.drawText(place, right, f"{value:g}")
        for t in range(0, LAST + 1, 250):
            painter.setPen(words)
            place = QRectF(self._x(t) - 40, area.bottom() + 4, 80, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, f"{t}" if t else "t = 0")
        box = compose(Letter(BAR), ink)
        box.draw(painter, LEFT - 10 - box.width, self._y(0.5) + box.ascent / 2)

    def _x(self, t: float) -> float:
        return self.area.left() + t / LAST * self.area.width()

    def _y(self, value: float) -> float:
        return self.area.bottom() - value * self.area.height()
