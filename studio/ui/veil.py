"""How the mask is shown over the picture: its colour, and how much it hides."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QButtonGroup,
    QColorDialog,
    QGridLayout,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
    QWidgetAction,
)

from studio.session.pen import Pen
from studio.ui.bind import bind, watch
from studio.ui.controls import name
from studio.ui.slidefield import SlideField

COLORS = {
    "Pink": "#f02878",
    "Red": "#e5322d",
    "Orange": "#f08a1e",
    "Green": "#2fb551",
    "Cyan": "#17b3c9",
    "Blue": "#3b6ff0",
    "White": "#ffffff",
    "Black": "#000000",
}


class VeilMenu(QMenu):
    """A mask of a colour that the picture has cannot be seen, so there is a choice."""

    def __init__(self, pen: Pen, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pen = pen
        name(self, "veil_menu", "Look of the mask")
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(10, 8, 10, 8)
        self.group = QButtonGroup(self)
        self.colors: dict[str, QToolButton] = {}
        for number, (title, color) in enumerate(COLORS.items()):
            made = QToolButton()
            made.setCheckable(True)
            made.setProperty("swatch", True)
            made.setFixedSize(QSize(30, 26))
            made.setStyleSheet(f"background: {color};")
            name(made, f"veil_{title.lower()}", f"{title} mask", title)
            made.clicked.connect(partial(setattr, pen, "veil", color))
            self.group.addButton(made)
            self.colors[color] = made
            grid.addWidget(made, number // 4, number % 4)
        self.other = QPushButton("Other…")
        name(self.other, "veil_other", "Other colour of the mask")
        self.other.clicked.connect(self._choose)
        grid.addWidget(self.other, 2, 0, 1, 4)
        self.opacity = SlideField(
            "Opacity", "veil_opacity", (0.1, 1.0), "%", 100, accessible="Opacity of the mask"
        )
        grid.addWidget(self.opacity, 3, 0, 1, 4)
        action = QWidgetAction(self)
        action.setDefaultWidget(content)
        self.addAction(action)
        bind(
            pen,
            "veil_opacity",
            self.opacity,
            self.opacity.changed,
            self.opacity.amount,
            self.opacity.set_amount,
        )
        watch(pen.events.veil, self, self._show)
        self._show()

    def _show(self, *_: object) -> None:
        chosen = self.colors.get(self.pen.veil)
        self.group.setExclusive(chosen is not None)
        for made in self.colors.values():
            made.setChecked(made is chosen)

    def _choose(self) -> None:
        self.close()
        dialog = QColorDialog(QColor(self.pen.veil), self.parentWidget())
        dialog.setWindowTitle("Colour of the mask")
        dialog.colorSelected.connect(lambda color: setattr(self.pen, "veil", color.name()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
