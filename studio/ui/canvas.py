"""The canvas to work on: zoom, pan, paint, select."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from studio.session.document import Document
from studio.ui.canvas_gesture import Touch
from studio.ui.canvas_hands import CanvasHands
from studio.ui.canvas_keys import ZOOM_STEP, press_key
from studio.ui.canvas_view import View

_NOTCH = 120.0
_NONE = Qt.KeyboardModifier.NoModifier
_MODIFIERS = {
    Qt.Key.Key_Shift: Qt.KeyboardModifier.ShiftModifier,
    Qt.Key.Key_Alt: Qt.KeyboardModifier.AltModifier,
}


class CanvasView(CanvasHands):
    """What mouse, pen, wheel and keys mean. Places are in device pixels throughout."""

    view_changed = Signal()
    """The picture is moved or zoomed."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas")
        self.setAccessibleDescription(
            "Arrow keys move the picture, plus and minus zoom, square brackets change the brush "
            "size. B, E, L, R, O, W and H choose brush, eraser, lasso, rectangle, ellipse, colour "
            "wand and hand."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)

    def _look(self, view: View) -> None:
        super()._look(view)
        self.view_changed.emit()

    # Mouse and pen

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press(event, double=False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._press(event, double=True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        touch = self._touch(event.position(), event.modifiers())
        if self.overlays.move(touch.place, touch.modifiers):
            return
        if self._grip is not None:
            moved = touch.place - self._grip
            self._grip = touch.place
            self.pan(moved.x(), moved.y())
        elif self.busy:
            self._go_on(touch)
        else:
            self._hover(touch)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        touch = self._touch(event.position(), event.modifiers())
        if self._grip is not None and event.button() != Qt.MouseButton.RightButton:
            self._grip = None
            self._hover(touch)
        elif event.button() == Qt.MouseButton.LeftButton:
            if self.overlays.release(touch.place, touch.modifiers):
                self._hover(touch)
            else:
                self._end(touch)

    def tabletEvent(self, event: QTabletEvent) -> None:
        touch = self._touch(event.position(), event.modifiers(), event.pressure())
        kind, left = event.type(), event.button() == Qt.MouseButton.LeftButton
        over = self.overlays.held or self.overlays.hover(touch.place) is not None
        if kind == QEvent.Type.TabletPress and self.paints and left and not over:
            self._begin(touch)
        elif kind == QEvent.Type.TabletMove and self.busy:
            self._go_on(touch)
        elif kind == QEvent.Type.TabletRelease and self.busy:
            self._end(touch)
        else:
            event.ignore()  # Qt makes a mouse event of it, which pans, or drags an overlay
            return
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self.pointer = self._over = None
        if self._gesture is not None and not self._gesture.active:
            self._gesture.hover(None)
        self.tell()
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        at = event.position() * self.devicePixelRatioF()
        self.pointer = at
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
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape
            and (self.busy or self.overlays.held)
        ):
            event.accept()  # it breaks off what the pointer does, before it stops a run
            return True
        return super().event(event)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _MODIFIERS:
            self._modify(event.modifiers() | _MODIFIERS[Qt.Key(key)])
        elif key == Qt.Key.Key_Escape and (self.overlays.held or self.busy):
            self._break_off()
        elif self._gesture is not None and self._gesture.active and self._gesture.key(key):
            self._show_waiting()
        elif key == Qt.Key.Key_Space and not event.modifiers():
            self._hold_space(True)
        elif not press_key(self, event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._hold_space(False)
        elif event.key() in _MODIFIERS:
            self._modify(event.modifiers() & ~_MODIFIERS[Qt.Key(event.key())])
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
        self._modify(_NONE)
        self.update()
        super().focusOutEvent(event)

    def _press(self, event: QMouseEvent, double: bool) -> None:
        touch = self._touch(event.position(), event.modifiers())
        button = event.button()
        left = button == Qt.MouseButton.LeftButton
        # While Space is held the picture moves, whatever lies over it.
        if left and not self._space and self.overlays.press(touch.place, touch.modifiers):
            self._set_cursor()
        elif button == Qt.MouseButton.MiddleButton or (left and not self.paints):
            self._grip = touch.place
            self._set_cursor()
            self.update()
        elif left:
            self._begin(touch, double)

    def _modify(self, modifiers: Qt.KeyboardModifier) -> None:
        """Shift or Alt went down or up while the pointer rests."""
        if self.pointer is not None and self._gesture is not None:
            ratio = self.devicePixelRatioF()
            touch = Touch(self.pointer, self.view, ratio, modifiers)
            self._gesture.move(touch) if self.busy else self._gesture.hover(touch)

    def _hold_space(self, on: bool) -> None:
        if on != self._space:
            self._space = on
            self._set_cursor()
            self.update()
