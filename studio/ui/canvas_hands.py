"""The tool in hand on the canvas: which gesture has the pointer, and what waits for its end."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from studio.core.picture import Picture
from studio.session.document import Document
from studio.session.pen import Pen, Tool
from studio.ui.bind import watch
from studio.ui.canvas_drops import CanvasDrops
from studio.ui.canvas_gesture import Gesture, Touch
from studio.ui.canvas_lasso import Lasso
from studio.ui.canvas_shapes import Shape
from studio.ui.canvas_strokes import Strokes
from studio.ui.canvas_view import View
from studio.ui.canvas_wand import Wand

_IDLE, _BETWEEN = 300, 15
"""Milliseconds after the last change, and between one bit of tidying and the next."""


class CanvasHands(CanvasDrops):
    """`pen` says which tool is in hand; `CanvasView` tells it of the pointer."""

    tool_pressed = Signal()
    """The tool in hand is about to change the mask of what is in sight."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        self.pen = pen = Pen()
        strokes = Strokes(document, pen, self._redraw)
        self._gestures: dict[Tool, Gesture] = {
            Tool.BRUSH: strokes,
            Tool.ERASER: strokes,
            Tool.LASSO: Lasso(document, pen, self._redraw),
            Tool.RECTANGLE: Shape(document, pen, self._redraw, round_=False),
            Tool.ELLIPSE: Shape(document, pen, self._redraw, round_=True),
            Tool.WAND: Wand(document, pen, self._redraw),
        }
        self._strokes = strokes
        self._gesture: Gesture | None = strokes
        """The way of the tool in hand; None for the hand itself."""
        self._space = False
        self._grip: QPointF | None = None
        """Where the pointer was when the picture last moved with it; None while not panning."""
        self._waiting: tuple[Picture | None, str] | None = None
        """What to show once the stroke or selection under way is done."""
        self._over: Qt.CursorShape | None = None
        """The cursor of the overlay under the pointer; None while the tool has the pointer."""
        super().__init__(document, parent)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.timeout.connect(self._tidy)
        watch(document.history_changed, self, self._tidy_soon)
        watch(document.picture_changed, self, self._tools_follow)
        watch(pen.events, self, self._tool_changed)
        self.zoom_changed.connect(self._set_cursor)
        self._tools_follow()
        self._tool_changed()

    @property
    def paints(self) -> bool:
        """Whether a press of the left button now would paint, erase or select."""
        return self._gesture is not None and self.document.picture is not None and not self._space

    @property
    def busy(self) -> bool:
        """Whether a stroke or a selection is under way."""
        return self._gesture is not None and self._gesture.active

    def show_picture(self, picture: Picture | None, caption: str = "") -> None:
        """Show this in the place of the document's picture, whatever its resolution; None: back.

        While a tool is at work the document stays in sight; the change waits for its end.
        """
        if self.busy:
            self._waiting = (picture, caption)
        else:
            super().show_picture(picture, caption)
            self._set_cursor()

    def paint_tool(self, painter: QPainter, ratio: float) -> None:
        gesture = self._gesture
        if gesture is None or self.document.picture is None:
            return
        hidden = self._grip is not None or self._over is not None or self._space
        if gesture.active or not (hidden or self.overlays.held):
            gesture.paint(painter, self.view, ratio)

    def _touch(
        self, position: QPointF, modifiers: Qt.KeyboardModifier, pressure: float = 1.0
    ) -> Touch:
        """The pointer is here, in the widget's own coordinates."""
        ratio = self.devicePixelRatioF()
        self.pointer = position * ratio
        self.tell()
        return Touch(self.pointer, self.view, ratio, modifiers, pressure)

    def _begin(self, touch: Touch, double: bool = False) -> None:
        self.tool_pressed.emit()
        if self._other:
            self._waiting = (self._other.picture, self._caption)
            super().show_picture(None)
        if self._gesture is not None:
            (self._gesture.double if double else self._gesture.press)(touch)
            self._show_waiting()

    def _go_on(self, touch: Touch) -> None:
        if self._gesture is not None:
            self._gesture.move(touch)

    def _end(self, touch: Touch) -> None:
        if self._gesture is not None and self._gesture.active:
            self._gesture.release(touch)
        self._show_waiting()

    def _break_off(self) -> None:
        if not self.overlays.cancel() and self._gesture is not None:
            self._gesture.cancel()
        self._show_waiting()

    def _hover(self, touch: Touch) -> None:
        self._over = None if self._space else self.overlays.hover(touch.place)
        if self._gesture is not None:
            self._gesture.hover(touch)
        self._set_cursor()

    def feel(self) -> None:
        """An overlay has come or gone, perhaps under a pointer that has not moved."""
        if self.pointer is not None:
            self._over = None if self._space else self.overlays.hover(self.pointer)
            self._set_cursor()
            self.update()

    def _show_waiting(self) -> None:
        if not self.busy and self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self.show_picture(*waiting)

    def _tools_follow(self) -> None:
        picture = self.document.picture
        if picture is not None:
            if self._frame != picture.size:
                self._strokes.last = None
            self.pen.measure(picture.size)
        self._stop()
        self._set_cursor()

    def _tool_changed(self, *_: object) -> None:
        gesture = self._gestures.get(self.pen.tool)
        if gesture is not self._gesture:
            self._stop()
            self._gesture = gesture
            if gesture is not None and self.pointer is not None:
                gesture.hover(Touch(self.pointer, self.view, self.devicePixelRatioF()))
        self.overlay_color = QColor(self.pen.veil)
        self.overlay_opacity = self.pen.veil_opacity
        self._set_cursor()
        self.update()

    def _stop(self) -> None:
        if self._gesture is not None and self._gesture.active:
            self._gesture.stop()
        self._show_waiting()

    def _look(self, view: View) -> None:
        super()._look(view)
        gesture = self._gesture
        if gesture is not None and gesture.touch is not None:
            gesture.touch = replace(gesture.touch, view=view)

    def _tidy_soon(self) -> None:
        self._idle.start(_IDLE)

    def _tidy(self) -> None:
        """What undo keeps is made small while the hands rest, a little at a time."""
        if self.busy or self.document.tidy():
            self._idle.start(_BETWEEN)

    def _redraw(self, area: QRectF) -> None:
        """Paint these device pixels again."""
        ratio = self.devicePixelRatioF()
        own = QRectF(area.topLeft() / ratio, area.bottomRight() / ratio)
        if not own.isEmpty():
            self.update(own.adjusted(-1, -1, 1, 1).intersected(QRectF(self.rect())).toAlignedRect())

    def _set_cursor(self, *_: object) -> None:
        shape = Qt.CursorShape
        if self._grip is not None:
            self.setCursor(shape.ClosedHandCursor)
        elif self._over is not None:
            self.setCursor(self._over)
        elif self.shown is None:
            self.setCursor(shape.ArrowCursor)
        elif self._gesture is None or not self.paints:
            self.setCursor(shape.OpenHandCursor)
        else:
            self.setCursor(self._gesture.cursor(self.view, self.devicePixelRatioF()))
