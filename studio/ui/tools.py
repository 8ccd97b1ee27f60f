"""The tools, one under another at the canvas's left edge, and the look of the mask."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from studio.session.pen import Pen, Tool
from studio.ui.bind import watch
from studio.ui.controls import button, name
from studio.ui.icons import true_icon
from studio.ui.veil import VeilMenu

TOOLS: tuple[tuple[Tool, str, str, str, str], ...] = (
    (Tool.BRUSH, "brush", "Brush", "B", "Paint what is to be made anew"),
    (Tool.ERASER, "eraser", "Eraser", "E", "Take paint off again"),
    (Tool.LASSO, "lasso", "Lasso", "L", "Draw around it; or click from corner to corner"),
    (Tool.RECTANGLE, "square-dashed", "Rectangle", "R", "Shift: a square; Alt: from the middle"),
    (Tool.ELLIPSE, "circle-dashed", "Ellipse", "O", "Shift: a circle; Alt: from the middle"),
    (Tool.WAND, "wand", "Colour wand", "W", "Everything of the colour you click"),
    (Tool.HAND, "hand", "Hand", "H", "Move the picture; or hold Space"),
)
_GAPS = (Tool.LASSO, Tool.HAND)
"""A little room before these."""


class ToolStrip(QFrame):
    """One of the buttons is down: the tool in hand, however it was taken."""

    def __init__(self, pen: Pen, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pen = pen
        self.setProperty("strip", True)
        name(self, "tools", "Tools")
        box = QVBoxLayout(self)
        box.setContentsMargins(4, 6, 4, 6)
        box.setSpacing(2)
        self.group = QButtonGroup(self)
        self.buttons: dict[Tool, QToolButton] = {}
        for tool, icon, title, key, what in TOOLS:
            if tool in _GAPS:
                box.addSpacing(8)
            made = button(icon, f"tool_{tool.value}", title, f"{title} ({key})\n{what}")
            made.setIconSize(QSize(20, 20))
            made.setCheckable(True)
            made.clicked.connect(partial(setattr, pen, "tool", tool))
            self.group.addButton(made)
            self.buttons[tool] = made
            box.addWidget(made)
        box.addStretch(1)
        self.veil = QToolButton()
        self.veil.setProperty("flat", True)
        self.veil.setIconSize(QSize(20, 20))
        self.veil.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.veil.setMenu(VeilMenu(pen, self))
        name(self.veil, "veil", "Look of the mask", "How the mask is shown: colour and opacity")
        box.addWidget(self.veil)
        watch(pen.events, self, self._show)
        self._show()

    def _show(self, *_: object) -> None:
        self.buttons[self.pen.tool].setChecked(True)
        self.veil.setIcon(_swatch(self.pen.veil))


def _swatch(color: str) -> QIcon:
    side = 40
    made = QPixmap(side, side)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(QColor(128, 128, 128), 2))
    painter.setBrush(QColor(color))
    painter.drawRoundedRect(4, 4, side - 8, side - 8, 9, 9)
    painter.end()
    return true_icon(made)
