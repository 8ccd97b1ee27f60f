"""What the strip looks like: thumbnails in rows, numbers below them, and what happened there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPalette, QPen, QPixmap

from studio.ui import icons
from studio.ui.strip_model import Film, Layout
from studio.ui.strip_thumbs import Thumbnails

NUMBERS = 5.0
"""Between the thumbnails and their numbers."""
GLYPH = 12
GLYPHS = {"start": "git-branch", "edit": "pencil", "branch": "git-fork"}


@dataclass(frozen=True)
class FilmPainter:
    """Paints one film; `left` and `top` say where its first thumbnail's cell begins."""

    film: Film
    layout: Layout
    thumbs: Thumbnails
    palette: QPalette
    metrics: QFontMetricsF
    ratio: float
    left: float
    top: float

    def paint(self, painter: QPainter, dirty: QRectF) -> None:
        """All steps of which something is in `dirty`."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        shown = self.layout.between(dirty.left() - self.left, dirty.right() - self.left)
        for index in shown:
            for row in range(self.layout.rows):
                self._paint_picture(painter, index, row)
        self._paint_inherited(painter, shown)
        widest = self.metrics.horizontalAdvance(f" {self.film.steps} ")
        every = self.layout.label_every(widest)
        for index in shown:
            self._paint_below(painter, index, every, widest)

    def place(self, index: int, row: int) -> QRectF:
        """Where a thumbnail is."""
        # on whole device pixels, or the picture would be blurred by a fraction of one
        left = round((self.left + self.layout.left(index)) * self.ratio) / self.ratio
        top = round((self.top + row * (self.layout.height + 4)) * self.ratio) / self.ratio
        return QRectF(left, top, self.layout.width, self.layout.height)

    def _paint_picture(self, painter: QPainter, index: int, row: int) -> None:
        film, place = self.film, self.place(index, row)
        image = row if self.layout.rows > 1 else film.image
        picture = film.picture(index, image)
        if picture is not None:
            made = self.thumbs.get(index, image, picture, place.size(), self.ratio)
            painter.setOpacity(0.62 if film.inherited(index) else 1.0)
            painter.drawPixmap(place.topLeft(), made)
            painter.setOpacity(1.0)
        elif index < film.first:
            self._hatch(painter, place)
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._color(QPalette.ColorRole.PlaceholderText, 70), 1))
            painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        if index == film.selected:
            self._frame(painter, place, image == film.image)

    def _frame(self, painter: QPainter, place: QRectF, chosen: bool) -> None:
        """Around the step looked at: strong on the picture looked at, thin on the others."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        color = self._color(QPalette.ColorRole.Highlight)
        pen = QPen(color, 3 if chosen else 1.5)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(place.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _hatch(self, painter: QPainter, place: QRectF) -> None:
        painter.save()
        painter.setClipRect(place, Qt.ClipOperation.IntersectClip)
        painter.setPen(QPen(self._color(QPalette.ColorRole.PlaceholderText, 90), 1))
        shift = -place.height()
        while shift < place.width():
            start = QPointF(place.left() + shift, place.bottom())
            painter.drawLine(start, start + QPointF(place.height(), -place.height()))
            shift += 7
        painter.restore()

    def _paint_inherited(self, painter: QPainter, shown: range) -> None:
        """One quiet line under all steps that another run has taken."""
        taken = [index for index in shown if self.film.inherited(index)]
        if not taken:
            return
        y = self.top + self.layout.tall + 3
        painter.setPen(QPen(self._color(QPalette.ColorRole.PlaceholderText, 150), 2))
        painter.drawLine(
            QPointF(self.place(taken[0], 0).left(), y), QPointF(self.place(taken[-1], 0).right(), y)
        )

    def _paint_below(self, painter: QPainter, index: int, every: int, widest: float) -> None:
        film = self.film
        selected = index == film.selected
        marks = film.marks.get(index, ())
        middle = self.left + self.layout.centre(index)
        top = self.top + self.layout.tall + NUMBERS
        numbered = selected or (index % every == 0 and self._has_room(index, every, widest))
        text = f"{index}" if numbered else ""
        glyphs = list(dict.fromkeys(GLYPHS[mark.kind] for mark in marks))[:2]
        width = self.metrics.horizontalAdvance(text) + len(glyphs) * (GLYPH + 2)
        if glyphs and width > self.layout.pitch + 6:  # what happened says more than the number
            text = ""
            width = len(glyphs) * (GLYPH + 2)
        x = middle - width / 2
        role = QPalette.ColorRole.WindowText if selected else QPalette.ColorRole.PlaceholderText
        for glyph in glyphs:
            color = self._color(QPalette.ColorRole.Highlight if not selected else role)
            made = _glyph(glyph, round(GLYPH * self.ratio), color.name())
            made.setDevicePixelRatio(self.ratio)
            y = top + (self.metrics.height() - GLYPH) / 2
            painter.drawPixmap(QPointF(x, y), made)
            x += GLYPH + 2
        painter.setPen(self._color(role))
        below = QRectF(x, top, widest * 2, self.metrics.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, text)

    def _has_room(self, index: int, every: int, widest: float) -> bool:
        """The selected step always has its number: the others make room for it."""
        if self.film.selected is None or every == 1:
            return True
        return abs(index - self.film.selected) * self.layout.pitch >= widest

    def _color(self, role: QPalette.ColorRole, alpha: int = 255) -> QColor:
        color = QColor(self.palette.color(role))
        color.setAlpha(alpha)
        return color


@lru_cache(maxsize=64)
def _glyph(name: str, size: int, color: str) -> QPixmap:
    return icons.pixmap(name, size, QColor(color))
