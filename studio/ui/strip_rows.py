"""Beside the rows of thumbnails: which picture of the batch each one is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from studio.ui.controls import name
from studio.ui.strip_model import GAP, Film, Layout

BADGE = 18.0


class RowLabels(QWidget):
    """A number a row, from 1; a click picks it. Nothing for a single picture."""

    picked = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        name(self, "strip_rows", "Pictures of the batch", "Up and Down choose the picture")
        self.setBackgroundRole(QPalette.ColorRole.Dark)
        self._film, self._layout, self._top = Film(), Layout.of(0, 1.0, 1.0, 1.0), 0.0

    def show_rows(self, film: Film, layout: Layout, top: float) -> None:
        """These rows, the first one beginning at `top`."""
        self._film, self._layout, self._top = film, layout, top
        self.setVisible(film.batch > 1)
        self.setAccessibleDescription(f"Picture {film.image + 1} of {film.batch}")
        self.update()

    @property
    def images(self) -> range:
        """The pictures that have a row."""
        film = self._film
        rows = self._layout.rows
        return range(film.batch) if rows > 1 else range(film.image, film.image + 1)

    def place(self, row: int) -> QRectF:
        middle = self._top + row * (self._layout.height + GAP) + self._layout.height / 2
        return QRectF(self.width() - BADGE - 4, middle - BADGE / 2, BADGE, BADGE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._layout.row_at(event.position().y() - self._top)
        if self._layout.rows > 1:
            self.picked.emit(row)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        palette = self.palette()
        for row, image in enumerate(self.images):
            chosen = image == self._film.image
            if chosen and self._layout.rows > 1:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
                painter.drawRoundedRect(self.place(row), 5, 5)
                painter.setPen(palette.color(QPalette.ColorRole.HighlightedText))
            else:
                painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(self.place(row), Qt.AlignmentFlag.AlignCenter, f"{image + 1}")
        painter.end()
