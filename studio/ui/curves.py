"""The plot under the strip: hover reads it, a click or a drag goes to a step, keys go on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.session.curves import words
from studio.ui.controls import name
from studio.ui.curve_paint import BOTTOM, GUTTER, NUMBERS, TOP, Across, Line, PlotPainter
from studio.ui.strip_keys import is_step_key, step_for
from studio.ui.strip_model import Film

EMPTY = "Nothing to draw yet"
NOTHING = {
    "guidance": "Nothing to draw: this run was not guided",
    "change": "Nothing to draw: changes were not recorded in this run",
}


class CurvePlot(QWidget):
    """Shows `lines` over the steps of `film`, whose selected step it marks."""

    picked = Signal(int)
    pointed_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "curves", "Curves")
        self.film = Film()
        self.lines: tuple[Line, ...] = ()
        self.across = Across(0.0, 1.0)
        self.hovered: int | None = None
        self._layer, self._layer_key = QPixmap(), tuple[Any, ...]()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setBackgroundRole(QPalette.ColorRole.Dark)
        self.setAutoFillBackground(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFont(tabular(self.font()))

    def sizeHint(self) -> QSize:
        return QSize(640, 84)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 64)

    def show_lines(self, film: Film, lines: tuple[Line, ...]) -> None:
        """These lines, the first on the left scale, the second on the right one."""
        self.film, self.lines = film, lines
        self.tell()

    def place(self, across: Across | None) -> None:
        """Where the steps are above; None: they scroll, and here all of them are shown."""
        self.across = across or self._all()
        self.update()

    def show_window(self, left: float, right: float) -> None:
        """All steps, and which of them the strip shows."""
        self.across = self._all((left, right))
        self.update()

    def tell(self) -> None:
        """The step marked may be another."""
        self.setAccessibleDescription(self.reading(self.current))
        self.update()

    @property
    def current(self) -> int | None:
        """The step that is marked: the one looked at, or else the newest while a run goes."""
        film = self.film
        return film.newest if film.selected is None and film.running else film.selected

    @property
    def area(self) -> QRectF:
        """Where the lines are."""
        below = NUMBERS if self.across.window is not None else BOTTOM
        # As wide as the steps, so that the scale on the right is where the lines end.
        right = min(self.width() - GUTTER, self.across.x(self.film.steps - 0.5))
        height = self.height() - TOP - below
        return QRectF(GUTTER, TOP, max(1.0, right - GUTTER), max(1.0, height))

    @property
    def pointed(self) -> int | None:
        """The step whose values are read: the one under the pointer, or else the one marked."""
        return self.current if self.hovered is None else self.hovered

    def reading(self, step: int | None) -> str:
        """The values at a step in words; "" without any."""
        if step is None:
            return ""
        found = ((line.curve, line.curve.at(step)) for line in self.lines)
        values = [words(curve, value) for curve, value in found if value is not None]
        return " · ".join((f"Step {step}", *values))

    def _all(self, window: tuple[float, float] | None = None) -> Across:
        pitch = max(1.0, self.width() - 2 * GUTTER) / max(1, self.film.steps)
        return Across(GUTTER + pitch / 2, pitch, window)

    def _step(self, position: QPointF) -> int | None:
        return self.film.nearest(round(self.across.place(position.x())))

    def _pick(self, step: int | None) -> None:
        if step is not None and step != self.film.selected:
            self.picked.emit(step)

    def _hover(self, step: int | None) -> None:
        if step != self.hovered:
            self.hovered = step
            self.pointed_changed.emit()
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pick(self._step(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        step = self._step(event.position())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._pick(step)
        self._hover(step)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover(self._step(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_step_key(event):
            self._pick(step_for(event, self.film))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        plot = PlotPainter(
            self.area,
            self.across,
            self.lines,
            self.palette(),
            QFontMetricsF(self.font()),
            self.devicePixelRatioF(),
        )
        if any(line.curve.points for line in self.lines):
            read = self.pointed
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            plot.paint_window(painter, self.film.steps)
            painter.drawPixmap(0, 0, self._painted(plot))
            plot.paint_scales(painter, read)
            if self.current is not None and self.current != read:
                plot.paint_cursor(painter, self.current, values=False)
            if read is not None:
                plot.paint_cursor(painter, read, values=True)
        elif self.film.steps:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._nothing())
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _painted(self, plot: PlotPainter) -> QPixmap:
        """The lines, kept until there are others: scrubbing over them must cost next to nothing."""
        marks = [i for i, marks in self.film.marks.items() if any(m.bends for m in marks)]
        across, palette = replace(plot.across, window=None), plot.palette.cacheKey()
        key = (plot.lines, plot.area, across, plot.ratio, palette, marks)
        if key != self._layer_key:
            self._layer = QPixmap(self.size() * plot.ratio)
            self._layer.setDevicePixelRatio(plot.ratio)
            self._layer.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._layer)
            plot.paint_lines(painter, marks)
            painter.end()
            self._layer_key = key
        return self._layer

    def _nothing(self) -> str:
        """Why there is no line."""
        if self.film.running or not self.lines:
            return EMPTY
        return NOTHING.get(self.lines[0].curve.quantity.name, EMPTY)


def tabular(font: QFont) -> QFont:
    """The font with digits of one width, so that numbers that change do not dance."""
    made = QFont(font)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made
