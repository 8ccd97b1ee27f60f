"""The canvas to work on: zoom, pan, paint."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from studio.core.picture import Picture
from studio.session.document import Document
from studio.ui import canvas_paint as paint
from studio.ui.bind import watch
from studio.ui.canvas_drops import CanvasDrops
from studio.ui.canvas_keys import ZOOM_STEP, press_key
from studio.ui.canvas_pen import Pen

_NOTCH = 120.0
_SMALLEST_RING = 3.0


class CanvasView(CanvasDrops):
    """`pen` has the tool in hand and its settings. Places are in device pixels throughout."""

    tool_pressed = Signal()
    """The tool in hand is about to change the mask of what is in sight."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        self.pen = Pen(document)
        self._space = False
        self._grip: QPointF | None = None
        """Where the pointer was when the picture last moved with it; None while not panning."""
        self._waiting: tuple[Picture | None, str] | None = None
        """What to show once the stroke under way is done."""
        self._shift = False
        self._hand: Qt.CursorShape | None = None
        """The cursor of the overlay under the pointer; None while the tool has the pointer."""
        super().__init__(document, parent)
        self.pen.setParent(self)
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas")
        self.setAccessibleDescription(
            "Arrow keys move the picture, plus and minus zoom, B, E and H choose brush, eraser "
            "and hand, square brackets change the brush size."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        watch(document.picture_changed, self, self._tools_follow)
        self.pen.changed.connect(self._tool_changed)
        self.zoom_changed.connect(self._set_cursor)
        self._tool_changed()

    @property
    def paints(self) -> bool:
        """Whether a press of the left button now would paint or erase."""
        return self.pen.paints and not self._space

    def show_picture(self, picture: Picture | None, caption: str = "") -> None:
        """Show this in the place of the document's picture, whatever its resolution; None: back.

        During a stroke the document stays in sight; the change waits for the stroke's end.
        """
        if self.pen.painting:
            self._waiting = (picture, caption)
        else:
            super().show_picture(picture, caption)
            self._set_cursor()

    # Mouse and pen

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._point(event.position())
        button = event.button()
        left = button == Qt.MouseButton.LeftButton
        if left and self._offer(event.modifiers()):
            self._set_cursor()
        elif button == Qt.MouseButton.MiddleButton or (left and not self.paints):
            self._grip = self.pointer
            self._set_cursor()
        elif left:
            self._begin(1.0, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._point(event.position())
        assert self.pointer is not None
        if self.overlays.move(self.pointer, event.modifiers()):
            return
        if self._grip is not None:
            moved = self.pointer - self._grip
            self._grip = self.pointer
            self.pan(moved.x(), moved.y())
        elif self.pen.painting:
            self.pen.move(*self._place())
        else:
            self._hover()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None and event.button() != Qt.MouseButton.RightButton:
            self._grip = None
            self._set_cursor()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._point(event.position())
            assert self.pointer is not None
            if self.overlays.release(self.pointer, event.modifiers()):
                self._hover()
            else:
                self._end()

    def tabletEvent(self, event: QTabletEvent) -> None:
        self._point(event.position())
        kind, left = event.type(), event.button() == Qt.MouseButton.LeftButton
        assert self.pointer is not None
        over = self.overlays.held or self.overlays.hover(self.pointer) is not None
        if kind == QEvent.Type.TabletPress and self.paints and left and not over:
            line = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._begin(event.pressure(), line)
        elif kind == QEvent.Type.TabletMove and self.pen.painting:
            self.pen.move(*self._place(), event.pressure())
        elif kind == QEvent.Type.TabletRelease and self.pen.painting:
            self._end()
        else:
            event.ignore()  # Qt makes a mouse event of it, which pans, or drags an overlay
            return
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._refresh_ring()
        self.pointer = self._hand = None
        self.tell()
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._point(event.position())
        at = event.position() * self.devicePixelRatioF()
        notches = (event.angleDelta().y() or event.angleDelta().x()) / _NOTCH
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.pen.resize(notches)
        elif event.device().type() == QInputDevice.DeviceType.TouchPad:
            delta = event.pixelDelta() * self.devicePixelRatioF()
            self.pan(delta.x(), delta.y())
        else:
            self.zoom_to(self.zoom * ZOOM_STEP**notches, at.x(), at.y())
        event.accept()

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            at = event.position() * self.devicePixelRatioF()
            self.zoom_to(self.zoom * (1 + event.value()), at.x(), at.y())
            return True
        return super().event(event)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Shift:
            self._shift = True
            self.update()
        elif key == Qt.Key.Key_Space and not event.modifiers():
            self._hold_space(True)
        elif not press_key(self, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._hold_space(False)
        elif event.key() == Qt.Key.Key_Shift:
            self._shift = False
            self.update()
        else:
            super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._reached_by_key = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._hold_space(False)
        self._shift = False
        self.update()
        super().focusOutEvent(event)

    # The tool in hand

    def paint_tool(self, painter: QPainter, ratio: float) -> None:
        if self.pointer is None or not self.paints or self._grip is not None:
            return
        if self._hand is not None or self.overlays.held:
            return
        last = self.pen.last
        if self._shift and last and not self.pen.painting:
            paint.draw_path(painter, [QPointF(*self.view.to_screen(*last)), self.pointer], ratio)
        if self._ring >= _SMALLEST_RING * ratio:
            paint.draw_outline(painter, self.pointer, self._ring, ratio)

    @property
    def _ring(self) -> float:
        """Radius of the brush on the screen."""
        return self.pen.size / 2 * self.zoom

    def _point(self, position: QPointF) -> None:
        """The pointer is here, in the widget's own coordinates."""
        self._refresh_ring()
        self.pointer = position * self.devicePixelRatioF()
        self._refresh_ring()
        self.tell()

    def _refresh_ring(self) -> None:
        if self.pointer is None or not self.pen.paints:
            return
        if self._shift:
            self.update()
            return
        ratio = self.devicePixelRatioF()
        reach = self._ring + 3 * ratio
        corner = self.pointer - QPointF(reach, reach)
        ring = QRectF(corner / ratio, QPointF(self.pointer + QPointF(reach, reach)) / ratio)
        self.update(ring.intersected(QRectF(self.rect())).toAlignedRect())

    def _offer(self, modifiers: Qt.KeyboardModifier) -> bool:
        """Whether an overlay takes this press. While Space is held the picture moves instead."""
        assert self.pointer is not None
        return not self._space and self.overlays.press(self.pointer, modifiers)

    def _hover(self) -> None:
        hand = self.overlays.hover(self.pointer) if self.pointer and not self._space else None
        if hand is not self._hand:
            self._hand = hand
            self._set_cursor()
            self._refresh_ring()

    def _place(self) -> tuple[float, float]:
        assert self.pointer is not None
        return self.view.to_picture(self.pointer.x(), self.pointer.y())

    def _begin(self, pressure: float, line: bool) -> None:
        self.tool_pressed.emit()
        if self._other:
            self._waiting = (self._other.picture, self._caption)
            super().show_picture(None)
        self.pen.press(*self._place(), pressure, line=line)

    def _end(self) -> None:
        if self.pen.painting:
            self.pen.release()
        waiting, self._waiting = self._waiting, None
        if waiting:
            self.show_picture(*waiting)

    def _hold_space(self, on: bool) -> None:
        if on != self._space:
            self._space = on
            self._set_cursor()
            self.update()

    def _tools_follow(self) -> None:
        self.pen.measure()
        self._set_cursor()

    def _tool_changed(self) -> None:
        self._set_cursor()
        self.update()

    def _set_cursor(self) -> None:
        shape = Qt.CursorShape
        if self._grip is not None:
            self.setCursor(shape.ClosedHandCursor)
        elif self._hand is not None:
            self.setCursor(self._hand)
        elif self.shown is None:
            self.setCursor(shape.ArrowCursor)
        elif not self.paints:
            self.setCursor(shape.OpenHandCursor)
        else:
            ring = self._ring >= _SMALLEST_RING * self.devicePixelRatioF()
            self.setCursor(shape.BlankCursor if ring else shape.CrossCursor)
