"""One small picture, as large as its room allows, and lines of maths beside pictures."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.picture import Picture
from studio.core.typeset import Node, text
from studio.ui.controls import name
from studio.ui.formula import Ink, compose
from studio.ui.pixels import to_qimage


class PictureView(QWidget):
    """Keeps the picture's shape. Enlarged, its pixels stay squares: noise is nothing to smooth."""

    def __init__(self, object_name: str, accessible: str, side: int = 168) -> None:
        super().__init__()
        name(self, object_name, accessible)
        self._side = side
        self._image: QImage | None = None
        self.picture: Picture | None = None
        self.note = ""
        """Written over the picture's lower edge."""
        self.setMinimumSize(96, 96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def show_picture(self, picture: Picture | None, note: str = "") -> None:
        if picture is not self.picture:
            self.picture = picture
            self._image = to_qimage(picture) if picture else None
        self.note = note
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        whole = QRectF(self.rect())
        if self._image is None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(QPalette.ColorRole.Base))
            painter.drawRoundedRect(whole, 4, 4)
            painter.end()
            return
        scale = min(whole.width() / self._image.width(), whole.height() / self._image.height())
        width, height = self._image.width() * scale, self._image.height() * scale
        # At the bottom: next to what is written below it.
        place = QRectF((whole.width() - width) / 2, whole.height() - height, width, height)
        shrinks = scale * self.devicePixelRatioF() < 1
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
        painter.drawImage(place, self._image)
        if self.note:
            strip = QRectF(place.left(), place.bottom() - 20, place.width(), 20)
            painter.fillRect(strip, Qt.GlobalColor.black)
            painter.setPen(Qt.GlobalColor.white)
            painter.drawText(strip, Qt.AlignmentFlag.AlignCenter, self.note)
        painter.end()


class MathsLabel(QWidget):
    """One line of maths."""

    def __init__(self, object_name: str, node: Node | None = None, size: float = 16.0) -> None:
        super().__init__()
        self._size, self._node = size, node
        name(self, object_name, text(node) if node else "")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_node(self, node: Node) -> None:
        self._node = node
        self.setAccessibleName(text(node))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        if self._node is None:
            return QSize(10, round(self._size * 1.7))
        box = compose(self._node, Ink.of(self.palette(), self._size))
        return QSize(round(box.width + 2), round(max(box.height + 6, self._size * 1.7)))

    minimumSizeHint = sizeHint

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._node is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = compose(self._node, Ink.of(self.palette(), self._size))
        scale = min(1.0, self.width() / max(1.0, box.width))
        painter.scale(scale, scale)
        room = self.height() / scale
        box.draw(painter, 0, (room - box.height) / 2 + box.ascent)
        painter.end()
