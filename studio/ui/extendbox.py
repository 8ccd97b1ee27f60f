"""Adding to the picture on each side."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QToolButton

from studio.core.geometry import Margins, Size
from studio.core.recipe import MAX_SIDE, NO_MARGINS
from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.controls import Section, button, label, name, whole_field

SIDES = ("left", "top", "right", "bottom")
SHAPES = (
    ("Square", 1, 1),
    ("Landscape 4:3", 4, 3),
    ("Landscape 3:2", 3, 2),
    ("Wide 16:9", 16, 9),
    ("Panorama 2:1", 2, 1),
    ("Portrait 3:4", 3, 4),
    ("Portrait 9:16", 9, 16),
)
PART = 0.25


class ExtendBox(Section):
    """Open, it lets the canvas's edges be dragged. Hidden while there is no picture."""

    def __init__(self, session: Session) -> None:
        super().__init__("Extend", "extend")
        self.session = session
        self.framing = session.desk.framing
        self.fields = {
            side: whole_field(f"extend_{side}", f"Add on the {side}", 0, MAX_SIDE, "In pixels")
            for side in SIDES
        }
        self.shapes = button("chevron-down", "extend_shapes", "Extend to a shape")
        self.shapes.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self)
        self.shapes.setMenu(self.menu)
        for text, across, down in SHAPES:
            action = self.menu.addAction(text)
            action.triggered.connect(lambda _=False, a=across, d=down: self._shape(a, d))
        self.menu.addSeparator()
        self.menu.addAction("A quarter to each side").triggered.connect(lambda: self._quarter())
        self.none = button("x", "extend_none", "No margins", "Leave the picture's edges (Esc)")
        self.total = label("", "quiet")
        name(self.total, "extend_size", "Size with margins")
        grid = QGridLayout()
        grid.setSpacing(6)
        for side, row, column in (
            ("top", 0, 1),
            ("left", 1, 0),
            ("right", 1, 2),
            ("bottom", 2, 1),
        ):
            self.fields[side].setFixedWidth(64)
            grid.addWidget(self.fields[side], row, column)
        grid.addWidget(self.total, 1, 1)
        grid.setColumnStretch(3, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(label("Drag the edges, or type pixels", "quiet"), 1)
        buttons.addWidget(self.shapes)
        buttons.addWidget(self.none)
        self.rows.addLayout(grid)
        self.rows.addLayout(buttons)
        for field in self.fields.values():
            field.valueChanged.connect(self._typed)
        self.none.clicked.connect(self._clear)
        self.head.clicked.connect(self._folded)
        watch(self.framing.changed, self, self._show)
        watch(session.document.picture_changed, self, self._show)
        self._show()

    def _typed(self, *_: object) -> None:
        self.framing.margins = Margins(*(self.fields[side].value() for side in SIDES))

    def _folded(self) -> None:
        self.framing.extending = self.is_open

    def _clear(self) -> None:
        self.framing.margins = NO_MARGINS

    def _shape(self, across: int, down: int) -> None:
        """The smallest margins, alike on opposite sides, that give the picture that shape."""
        picture = self.session.document.picture
        if picture is None:
            return
        size = picture.size
        width = max(size.width, round(size.height * across / down))
        height = max(size.height, round(size.width * down / across))
        self._centre(Size(width, height))

    def _quarter(self) -> None:
        picture = self.session.document.picture
        if picture is not None:
            more = round(picture.size.width * PART)
            self.framing.margins = Margins(more, 0, more, 0)

    def _centre(self, size: Size) -> None:
        picture = self.session.document.picture
        assert picture is not None
        x, y = size.width - picture.size.width, size.height - picture.size.height
        self.framing.margins = Margins(x // 2, y // 2, x - x // 2, y - y // 2)

    def _show(self) -> None:
        self.setVisible(self.session.document.picture is not None)
        if self.is_open != self.framing.extending:
            self.set_open(self.framing.extending)
        for side in SIDES:
            field = self.fields[side]
            field.blockSignals(True)
            field.setValue(getattr(self.framing.margins, side))
            field.blockSignals(False)
        size = self.framing.size
        self.total.setText(f"{size.width} × {size.height}")
        self.none.setEnabled(bool(self.framing.margins))
