"""The rows of thumbnails: painted as far as they are seen, scrubbed with mouse or keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from studio.ui.strip_keys import is_step_key, step_for
from studio.ui.strip_model import Film, Layout
from studio.ui.strip_paint import NUMBERS, FilmPainter
from studio.ui.strip_rows import RowLabels
from studio.ui.strip_thumbs import Thumbnails

TOP = 5.0
EMPTY = "Every step's picture appears here, from noise to the result"
ROW_LABELS = 26


class FilmView(QAbstractScrollArea):
    """Tells what was picked or asked for; whether that is then selected is said with `show_film`
    and `Film.selected`."""

    picked = Signal(int)
    image_picked = Signal(int)
    """A picture of the batch."""
    menu_wanted = Signal(int, QPoint)
    """A step and a place on the screen."""
    play_wanted = Signal()
    moved = Signal()
    """The thumbnails are in other places than before."""

    def __init__(self, film: Film, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.film = film
        self.thumbs = Thumbnails()
        self._gutter = 0
        self.rows = RowLabels(self)
        self.rows.picked.connect(self.image_picked)
        self.setObjectName("strip_film")
        self.setAccessibleName("Steps")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setBackgroundRole(QPalette.ColorRole.Dark)
        self.setAutoFillBackground(True)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Dark)
        self.viewport().setAutoFillBackground(True)

    def sizeHint(self) -> QSize:
        return QSize(640, 116)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 72)

    @property
    def layout_now(self) -> Layout:
        room = self.viewport().height() - self._around
        film = self.film
        return Layout.of(film.steps, film.aspect, self.viewport().width(), room, film.batch)

    @property
    def first_top(self) -> float:
        """Where the first row begins in the viewport."""
        room = self.viewport().height() - self.fontMetrics().height() - NUMBERS
        return max(TOP, (room - self.layout_now.tall) / 2)

    def set_gutters(self, width: int) -> None:
        """Room kept free on both sides, for the scales of the curves below; 0 without curves."""
        self._gutter = width
        self.refresh()

    def show_film(self, film: Film) -> None:
        """Another run's steps."""
        self.film = film
        self.thumbs.clear()
        self.refresh()

    def refresh(self) -> None:
        """The number or shape of the thumbnails may have changed."""
        left = max(self._gutter, ROW_LABELS if self.film.batch > 1 else 0)
        margins = self.viewportMargins()
        if (margins.left(), margins.right()) != (left, self._gutter):
            self.setViewportMargins(left, 0, self._gutter, 0)  # comes back through resizeEvent
        self._limit()
        layout, width = self.layout_now, self.viewport().width()
        bar = self.horizontalScrollBar()
        bar.setRange(0, max(0, round(layout.total - width)))
        bar.setPageStep(width)
        bar.setSingleStep(round(layout.pitch))
        self.rows.setGeometry(0, 0, left, self.viewport().height())
        self.rows.show_rows(self.film, layout, self.first_top)
        self.viewport().update()
        self.moved.emit()

    def _limit(self) -> None:
        """What the thumbnails cannot use, the curves below can."""
        film, width = self.film, self.viewport().width()
        if not self._gutter or not film.steps:
            self.setMaximumHeight(16777215)  # Qt's own QWIDGETSIZE_MAX
            return
        bar = self.horizontalScrollBar()
        room = Layout.enough(film.steps, film.aspect, width, film.batch) + self._around
        scrolls = Layout.of(film.steps, film.aspect, width, room).total > width
        self.setMaximumHeight(round(room) + (bar.sizeHint().height() if scrolls else 0))

    @property
    def _around(self) -> float:
        return 2 * TOP + NUMBERS + self.fontMetrics().height()

    def renew(self, index: int) -> None:
        """This step has other pictures."""
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
        """Where this step's thumbnails are in the viewport, with the space around and below."""
        layout = self.layout_now
        left = layout.centre(index) - layout.pitch / 2 - self.horizontalScrollBar().value()
        return QRectF(left, 0, layout.pitch, self.viewport().height())

    # Hands

    def _index(self, position: QPointF) -> int | None:
        x = position.x() + self.horizontalScrollBar().value()
        return self.film.nearest(self.layout_now.index_at(x))

    def _pick(self, index: int | None) -> None:
        if index is not None and index != self.film.selected:
            self.picked.emit(index)

    def _pick_row(self, y: float) -> None:
        row = self.layout_now.row_at(y - self.first_top)
        if self.layout_now.rows > 1 and row != self.film.image:
            self.image_picked.emit(row)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pick_row(event.position().y())
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
        rows = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = Qt.Key(event.key())
        if is_step_key(event):
            self._pick(step_for(event, self.film))
        elif plain:
            super().keyPressEvent(event)
        elif key in rows and self.film.batch > 1:
            image = min(max(self.film.image + rows[key], 0), self.film.batch - 1)
            if image != self.film.image:
                self.image_picked.emit(image)
        elif key == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.play_wanted.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            position = QPointF(self.viewport().mapFromGlobal(event.globalPos()))
            index, place = self._index(position), event.globalPos()
            self._pick_row(position.y())
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
            text = self.tip(self.layout_now.index_at(x)) if self.film.steps else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)

    def tip(self, index: int) -> str:
        """What there is to say about a step."""
        film = self.film
        lines = [film.texts.get(index, "")]
        if film.inherited(index):
            lines.append("Taken over from the run that this one branched from")
        elif index < film.first:
            lines = [f"Step {index}: skipped, since the run starts from a picture"]
        lines += [mark.text for mark in film.marks.get(index, ())]
        return "\n".join(line for line in lines if line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()
        film = self.film
        index = film.newest if film.selected is None and film.running else film.selected
        if index is not None:
            self.reveal(index)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()
        self.moved.emit()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        if self.film.steps == 0:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, EMPTY)
        else:
            FilmPainter(
                self.film,
                self.layout_now,
                self.thumbs,
                self.palette(),
                QFontMetricsF(self.font()),
                self.devicePixelRatioF(),
                -self.horizontalScrollBar().value(),
                self.first_top,
            ).paint(painter, QRectF(event.rect()))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.drawRect(QRectF(self.viewport().rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
