"""The row of thumbnails: painted as far as it is seen, scrubbed with mouse or keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from studio.ui.pixels import to_qimage
from studio.ui.strip_model import Film, Layout

_KEPT = 400
"""Scaled thumbnails kept ready."""
_TOP = 5.0
_NUMBERS = 4.0


class FilmView(QAbstractScrollArea):
    """Tells what was picked or asked for; whether that is then selected is said with `show_film`
    and `Film.selected`."""

    picked = Signal(int)
    menu_wanted = Signal(int, QPoint)
    """A step and a place on the screen."""
    play_wanted = Signal()

    def __init__(self, film: Film, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.film = film
        self._scaled: dict[int, QPixmap] = {}
        self._scaled_size = QSize()
        self.setObjectName("strip_film")
        self.setAccessibleName("Steps")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Dark)
        self.viewport().setAutoFillBackground(True)

    def sizeHint(self) -> QSize:
        return QSize(640, 116)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 72)

    @property
    def layout_now(self) -> Layout:
        room = self.viewport().height() - 2 * _TOP - _NUMBERS - self.fontMetrics().height()
        return Layout.of(self.film.steps, self.film.aspect, self.viewport().width(), room)

    def show_film(self, film: Film) -> None:
        """Another run's steps."""
        self.film = film
        self._scaled.clear()
        self.refresh()

    def refresh(self) -> None:
        """The number or shape of the thumbnails may have changed."""
        width = self.viewport().width()
        bar = self.horizontalScrollBar()
        bar.setRange(0, max(0, round(self.layout_now.total - width)))
        bar.setPageStep(width)
        bar.setSingleStep(round(self.layout_now.pitch))
        self.viewport().update()

    def renew(self, index: int) -> None:
        """This step has another picture."""
        self._scaled.pop(index, None)
        self.viewport().update(self.cell(index).toAlignedRect())

    def reveal(self, index: int) -> None:
        """Scroll just so far that this step, and some of the next one, is seen."""
        layout, bar = self.layout_now, self.horizontalScrollBar()
        spare = min(layout.pitch / 2, self.viewport().width() / 4)
        left = layout.left(index) - spare
        right = layout.left(index) + layout.width + spare
        if left < bar.value():
            bar.setValue(round(left))
        elif right > bar.value() + self.viewport().width():
            bar.setValue(round(right - self.viewport().width()))

    def cell(self, index: int) -> QRectF:
        """Where this step's thumbnail is in the viewport, with the space around and below it."""
        left = self.layout_now.left(index) - self.horizontalScrollBar().value()
        return QRectF(left - 2, 0, self.layout_now.width + 4, self.viewport().height())

    # Hands

    def _index(self, position: QPointF) -> int | None:
        x = position.x() + self.horizontalScrollBar().value()
        return self.film.nearest(self.layout_now.index_at(x))

    def _pick(self, index: int | None) -> None:
        if index is not None and index != self.film.selected:
            self.picked.emit(index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pick(self._index(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._pick(self._index(event.position()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta().x() or event.angleDelta().y()
        bar = self.horizontalScrollBar()
        bar.setValue(round(bar.value() - delta / 120 * self.layout_now.pitch * 2))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {
            Qt.Key.Key_Left: lambda: self.film.neighbour(-1),
            Qt.Key.Key_Right: lambda: self.film.neighbour(1),
            Qt.Key.Key_Home: lambda: self.film.oldest,
            Qt.Key.Key_End: lambda: self.film.newest,
        }
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        find = keys.get(Qt.Key(event.key()))
        if plain:
            super().keyPressEvent(event)
        elif find:
            self._pick(find())
        elif event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.play_wanted.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            index = self._index(QPointF(self.viewport().mapFromGlobal(event.globalPos())))
            place = event.globalPos()
        else:
            index = self.film.selected
            if index is None:
                return
            place = self.viewport().mapToGlobal(self.cell(index).center().toPoint())
        if index is not None:
            self._pick(index)
            self.menu_wanted.emit(index, place)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            x = event.pos().x() + self.horizontalScrollBar().value()
            index = self.layout_now.index_at(x)
            text = self.film.texts.get(index, "")
            if not text and index < self.film.first:
                text = f"Step {index}: skipped, since the run starts from a picture"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()
        film = self.film
        index = film.newest if film.selected is None and film.running else film.selected
        if index is not None:
            self.reveal(index)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if self.film.steps == 0:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            words = "Every step's picture appears here, from noise to the result"
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, words)
        else:
            self._paint_steps(painter, QRectF(event.rect()))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.drawRect(QRectF(self.viewport().rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_steps(self, painter: QPainter, dirty: QRectF) -> None:
        layout, scrolled = self.layout_now, self.horizontalScrollBar().value()
        labels = self.fontMetrics().horizontalAdvance(f" {self.film.steps} ")
        every = layout.label_every(labels)
        height = self.fontMetrics().height()
        room = self.viewport().height() - height - _NUMBERS
        top = max(_TOP, (room - layout.height) / 2)
        for index in layout.between(dirty.left() + scrolled, dirty.right() + scrolled):
            left = layout.left(index) - scrolled
            self._paint_step(painter, index, QRectF(left, top, layout.width, layout.height))
            if index % every == 0 or index == self.film.selected:
                middle = left + layout.width / 2
                below = QRectF(middle - labels, top + layout.height + _NUMBERS, 2 * labels, height)
                self._paint_number(painter, index, every, below)

    def _paint_step(self, painter: QPainter, index: int, place: QRectF) -> None:
        palette, film = self.palette(), self.film
        line = palette.color(QPalette.ColorRole.PlaceholderText)
        line.setAlpha(90)
        if index in film.pictures:
            painter.drawPixmap(place.topLeft(), self._thumbnail(index, place))
        elif index < film.first:
            painter.save()
            painter.setClipRect(place, Qt.ClipOperation.IntersectClip)
            painter.setPen(QPen(line, 1))
            shift = -place.height()
            while shift < place.width():
                start = QPointF(place.left() + shift, place.bottom())
                painter.drawLine(start, start + QPointF(place.height(), -place.height()))
                shift += 7
            painter.restore()
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(line, 1))
            painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        if index == film.selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            pen = QPen(palette.color(QPalette.ColorRole.Highlight), 3)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(place.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_number(self, painter: QPainter, index: int, every: int, below: QRectF) -> None:
        role = QPalette.ColorRole.PlaceholderText
        if index == self.film.selected:
            role = QPalette.ColorRole.WindowText
        elif self.film.selected is not None and every > 1:
            # the selected step always has its number: make room for it
            near = abs(index - self.film.selected) * self.layout_now.pitch
            if near < below.width() / 2:
                return
        painter.setPen(self.palette().color(role))
        painter.drawText(
            below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, f"{index}"
        )

    def _thumbnail(self, index: int, place: QRectF) -> QPixmap:
        ratio = self.devicePixelRatioF()
        size = (place.size() * ratio).toSize().expandedTo(QSize(1, 1))
        if size != self._scaled_size:
            self._scaled.clear()
            self._scaled_size = size
        ready = self._scaled.get(index)
        if ready is None:
            image = to_qimage(self.film.pictures[index]).scaled(
                size,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            ready = QPixmap.fromImage(image)
            ready.setDevicePixelRatio(ratio)
            while len(self._scaled) >= _KEPT:
                del self._scaled[next(iter(self._scaled))]
            self._scaled[index] = ready
        return ready
