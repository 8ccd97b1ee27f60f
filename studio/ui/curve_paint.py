"""What the curves look like: two lines over one row of steps, each with a scale at its side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPalette, QPen, QPolygonF

from studio.session.curves import Curve, Point, short
from studio.ui.ticks import Scale, tick_text

GUTTER = 52
"""Width on each side for the scales."""
TOP, BOTTOM, NUMBERS = 9.0, 9.0, 16.0
DOTTED = 9.0
"""Pixels from step to step from which each has a dot."""
ROLES = (QPalette.ColorRole.Highlight, QPalette.ColorRole.LinkVisited)


@dataclass(frozen=True)
class Line:
    """A curve, and the same of a run compared with it, at its places here."""

    curve: Curve
    other: tuple[Point, ...] = ()

    @cached_property
    def scale(self) -> Scale:
        values = [value for _, value in (*self.curve.points, *self.other)]
        if self.curve.quantity.whole:
            values.append(1.0)
        return Scale.of(values, self.curve.quantity.zero, self.curve.log)


@dataclass(frozen=True)
class Across:
    """Where steps are: the middle of step 0, and the way to the next. `window`: the part that the
    strip shows, when it shows not all."""

    left: float
    pitch: float
    window: tuple[float, float] | None = None

    def x(self, place: float) -> float:
        return self.left + place * self.pitch

    def place(self, x: float) -> float:
        return (x - self.left) / self.pitch


@dataclass(frozen=True)
class PlotPainter:
    """Paints into `area`, in logical pixels; the scales are beside it."""

    area: QRectF
    across: Across
    lines: tuple[Line, ...]
    palette: QPalette
    metrics: QFontMetricsF
    ratio: float

    def paint_lines(self, painter: QPainter, marks: Iterable[int]) -> None:
        """All that stays the same while steps are scrubbed."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self._paint_grid(painter)
        self._paint_marks(painter, marks)
        painter.setClipRect(self.area.adjusted(-6, -6, 6, 6))
        for number in reversed(range(len(self.lines))):
            line, scale = self.lines[number], self.lines[number].scale
            self._paint_line(painter, self._points(line.other, scale), number, thin=True)
            self._paint_line(painter, self._points(line.curve.points, scale), number)

    def paint_scales(self, painter: QPainter, cursor: int | None) -> None:
        """`cursor`: the step whose values will be written over them."""
        for number, line in enumerate(self.lines):
            self._paint_scale(painter, line, number, cursor)

    def paint_cursor(self, painter: QPainter, place: int, values: bool) -> None:
        """A line at a step; what the curves have there is written into their scales."""
        x = self._crisp(self.across.x(place))
        painter.setPen(QPen(self._color(QPalette.ColorRole.WindowText, 210 if values else 90), 1))
        painter.drawLine(QPointF(x, self.area.top() - 4), QPointF(x, self.area.bottom() + 2))
        for number, line in enumerate(self.lines):
            value = line.curve.at(place)
            if value is None:
                continue
            spot = QPointF(self.across.x(place), self._y(value, line.scale))
            painter.setPen(QPen(self.palette.color(QPalette.ColorRole.Dark), 2))
            painter.setBrush(self._color(ROLES[number]))
            painter.drawEllipse(spot, 4.5, 4.5)
            if values:
                self._paint_tag(painter, short(value), spot.y(), number)

    def paint_window(self, painter: QPainter, steps: int) -> None:
        """The part of a long run that the strip shows, and numbers, since it has not them all."""
        if self.across.window is None:
            return
        left, right = (self.across.x(place) for place in self.across.window)
        band = self._color(QPalette.ColorRole.Highlight, 34)
        painter.fillRect(
            QRectF(left, self.area.top() - 4, max(3.0, right - left), self.area.height() + 8), band
        )
        painter.setPen(self._color(QPalette.ColorRole.PlaceholderText))
        for tick in Scale.of((0, steps - 1), True, most=9).ticks:
            if tick <= steps - 1:
                x = self.across.x(tick)
                place = QRectF(x - 40, self.area.bottom() + 3, 80, NUMBERS)
                painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, f"{tick:g}")

    def _paint_grid(self, painter: QPainter) -> None:
        painter.setPen(QPen(self._color(QPalette.ColorRole.PlaceholderText, 46), 1))
        if not self.lines:
            return
        scale = self.lines[0].scale
        for tick in scale.ticks:
            y = self._crisp(self._y(tick, scale))
            painter.drawLine(QPointF(self.area.left(), y), QPointF(self.area.right(), y))

    def _paint_marks(self, painter: QPainter, marks: Iterable[int]) -> None:
        """Where the run was changed: there the curves may bend."""
        pen = QPen(self._color(QPalette.ColorRole.PlaceholderText, 120), 1, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        for index in marks:
            x = self._crisp(self.across.x(index - 0.5))
            painter.drawLine(QPointF(x, self.area.top() - 4), QPointF(x, self.area.bottom()))

    def _paint_line(
        self, painter: QPainter, points: Sequence[QPointF], number: int, thin: bool = False
    ) -> None:
        if not points:
            return
        color = self._color(ROLES[number], 170 if thin else 255)
        if number == 0 and not thin and len(points) > 1:
            scale = self.lines[0].scale
            ground = self._y(min(max(0.0, scale.low), scale.high), scale)
            under = QPolygonF(points)
            under.append(QPointF(points[-1].x(), ground))
            under.append(QPointF(points[0].x(), ground))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._color(ROLES[0], 26))
            painter.drawPolygon(under)
        pen = QPen(color, 1 if thin else 1.75)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(points)
        if not thin and (self.across.pitch >= DOTTED or len(points) == 1):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            for point in points:
                painter.drawEllipse(point, 2.25, 2.25)

    def _paint_scale(self, painter: QPainter, line: Line, number: int, cursor: int | None) -> None:
        painter.setPen(self._color(QPalette.ColorRole.PlaceholderText))
        height, scale = self.metrics.height(), line.scale
        value = line.curve.at(cursor) if cursor is not None else None
        taken = [] if value is None else [self._y(value, scale)]
        for tick in scale.ticks:
            y = self._y(tick, scale)
            if all(abs(y - other) >= height for other in taken):
                painter.drawText(self._side(y, number), _aligned(number), tick_text(tick, scale))
                taken.append(y)

    def _paint_tag(self, painter: QPainter, text: str, y: float, number: int) -> None:
        """A value, written over its scale."""
        side = self._side(y, number)
        width = min(self.metrics.horizontalAdvance(text) + 7, GUTTER - 3)
        left = side.right() - width + 3 if number == 0 else side.left() - 3
        tag = QRectF(left, side.top() - 1, width, side.height() + 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._color(ROLES[number]))
        painter.drawRoundedRect(tag, 3, 3)
        painter.setPen(_on(self._color(ROLES[number])))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)

    def _points(self, points: Sequence[Point], scale: Scale) -> list[QPointF]:
        return [QPointF(self.across.x(place), self._y(value, scale)) for place, value in points]

    def _y(self, value: float, scale: Scale) -> float:
        return self.area.bottom() - scale.part(value) * self.area.height()

    def _side(self, y: float, number: int) -> QRectF:
        """Where a word beside the area is, at the height y."""
        height = self.metrics.height()
        left = self.area.left() - GUTTER if number == 0 else self.area.right()
        return QRectF(left + 6, y - height / 2, GUTTER - 12, height)

    def _crisp(self, place: float) -> float:
        """The middle of a device pixel, so that a line of one pixel is one pixel."""
        return (round(place * self.ratio) + 0.5) / self.ratio

    def _color(self, role: QPalette.ColorRole, alpha: int = 255) -> QColor:
        color = QColor(self.palette.color(role))
        color.setAlpha(alpha)
        return color


def _aligned(number: int) -> Qt.AlignmentFlag:
    across = Qt.AlignmentFlag.AlignRight if number == 0 else Qt.AlignmentFlag.AlignLeft
    return across | Qt.AlignmentFlag.AlignVCenter


def _on(color: QColor) -> QColor:
    """Black or white, whichever can be read on that colour."""
    linear = [part**2.2 for part in (color.redF(), color.greenF(), color.blueF())]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return QColor("#000000" if light > 0.3 else "#ffffff")
