"""What the keys do while the canvas has the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from studio.session.pen import Tool

if TYPE_CHECKING:
    from studio.ui.canvas import CanvasView

ZOOM_STEP = 1.25
PAN_STEP = 48
"""Logical pixels for one press of an arrow key."""

_TOOLS = {
    Qt.Key.Key_B: Tool.BRUSH,
    Qt.Key.Key_E: Tool.ERASER,
    Qt.Key.Key_L: Tool.LASSO,
    Qt.Key.Key_R: Tool.RECTANGLE,
    Qt.Key.Key_O: Tool.ELLIPSE,
    Qt.Key.Key_W: Tool.WAND,
    Qt.Key.Key_H: Tool.HAND,
}
_ARROWS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_ZOOMS = {
    Qt.Key.Key_Plus: ZOOM_STEP,
    Qt.Key.Key_Equal: ZOOM_STEP,
    Qt.Key.Key_Minus: 1 / ZOOM_STEP,
}
_SIZES = {Qt.Key.Key_BracketLeft: -1, Qt.Key.Key_BracketRight: 1}


def press_key(canvas: CanvasView, event: QKeyEvent) -> bool:
    """Do what the key says; False if it says nothing to the canvas."""
    key, modifiers = event.key(), event.modifiers()
    control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
    if modifiers & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier):
        return False
    if key in _ZOOMS:
        middle = canvas.viewport
        canvas.zoom_to(canvas.zoom * _ZOOMS[Qt.Key(key)], middle.width / 2, middle.height / 2)
    elif control and key == Qt.Key.Key_0:
        canvas.fit()
    elif control and key == Qt.Key.Key_1:
        canvas.actual_size()
    elif control:
        return False
    elif key in _ARROWS:
        step = PAN_STEP * canvas.devicePixelRatioF()
        dx, dy = _ARROWS[Qt.Key(key)]
        canvas.pan(dx * step, dy * step)
    elif key in _TOOLS:
        canvas.pen.tool = _TOOLS[Qt.Key(key)]
    elif key == Qt.Key.Key_X:
        canvas.pen.swap()
    elif key in _SIZES:
        canvas.pen.resize(_SIZES[Qt.Key(key)])
    else:
        return False
    return True
