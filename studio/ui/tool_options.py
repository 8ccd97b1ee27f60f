"""The bar over the canvas: the settings of the tool in hand; mask, undo and zoom."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QMenu,
    QToolButton,
    QWidget,
)

from studio.imaging.region import Combine
from studio.session.document import Document
from studio.session.pen import MAX_FEATHER, MAX_SIZE, MIN_SIZE, PAINTING, SELECTING, Tool
from studio.ui.bind import bind, watch
from studio.ui.canvas import CanvasView
from studio.ui.canvas_view import percent
from studio.ui.controls import button, label, name
from studio.ui.icons import dress
from studio.ui.slidefield import SlideField, as_whole

WAYS: tuple[tuple[Combine, str, str, str], ...] = (
    ("replace", "square", "New mask", "What you select becomes the mask"),
    ("add", "squares-unite", "Add to the mask", "Also by holding Shift; X swaps"),
    ("subtract", "squares-subtract", "Take from the mask", "Also by holding Alt; X swaps"),
    ("intersect", "squares-intersect", "Keep what they share", "Also by holding Shift and Alt"),
)
_NARROWEST = 340
ZOOMS = (0.25, 0.5, 2.0, 4.0, 8.0, 16.0)


class OptionBar(QFrame):
    """`extra` is a place for more buttons, between the tool's settings and what is always there."""

    def __init__(
        self,
        canvas: CanvasView,
        document: Document,
        mask_menu: QMenu,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.canvas, self.document, self.pen = canvas, document, canvas.pen
        self.setProperty("strip", True)
        name(self, "tool_options", "Tool settings")
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 4, 4)
        row.setSpacing(4)
        self._parts: list[tuple[tuple[Tool, ...], QWidget]] = []

        self.ways = QButtonGroup(self)
        self.combine: dict[Combine, QToolButton] = {}
        row.addWidget(self._for(SELECTING, self._ways()))
        self.tolerance = self._whole("Tolerance", "tolerance", 255, "", "How alike colours must be")
        row.addWidget(self._for((Tool.WAND,), self.tolerance))
        self.contiguous = button(
            "link-2",
            "contiguous",
            "Contiguous",
            "Contiguous\nOnly what is joined to the place you click, not that colour everywhere",
        )
        self.contiguous.setCheckable(True)
        box = self.contiguous
        bind(self.pen, "contiguous", box, box.toggled, box.isChecked, box.setChecked)
        row.addWidget(self._for((Tool.WAND,), self.contiguous))
        self.feather = self._whole(
            "Feather", "feather", MAX_FEATHER, "px", "How soft the edge of what you select is"
        )
        row.addWidget(self._for(SELECTING, self.feather))
        size = SlideField(
            "Size", "brush_size", (MIN_SIZE, MAX_SIZE), "px", 1.0, True, "Brush size", "[ and ]"
        )
        self.size_field = self._slide("size", size)
        self.hardness = self._percent("Hardness", "hardness", "How sharp the brush's edge is")
        self.opacity = self._percent("Opacity", "opacity", "How much one stroke adds")
        self.pressure = self._pressure()
        for part in (self.size_field, self.hardness, self.opacity, self.pressure):
            row.addWidget(self._for(PAINTING, part))
        hint = label("Drag to move the picture, wheel to zoom", "quiet")
        hint.setMinimumWidth(1)
        row.addWidget(self._for((Tool.HAND,), hint))
        row.addStretch(1)
        self.extra = QHBoxLayout()
        self.extra.setSpacing(4)
        row.addLayout(self.extra)
        self.mask_button = _menu_button("Mask", "mask_menu_button", "Mask", mask_menu)
        row.addWidget(self.mask_button)
        self.undo = button("undo-2", "tool_undo", "Undo", "Undo (Ctrl+Z)")
        self.redo = button("redo-2", "tool_redo", "Redo", "Redo (Ctrl+Shift+Z)")
        for made, do in ((self.undo, document.undo), (self.redo, document.redo)):
            made.clicked.connect(partial(_call, do))
            row.addWidget(made)
        self.zoom = _menu_button("", "zoom_menu_button", "Zoom", self._zooms())
        self.zoom.setMinimumWidth(self.zoom.fontMetrics().horizontalAdvance("000 %") + 28)
        row.addWidget(self.zoom)

        watch(self.pen.events.tool, self, self._show_tool)
        watch(self.pen.events.combine, self, self._show_way)
        canvas.zoom_changed.connect(self._show_zoom)
        for signal in (document.picture_changed, document.mask_changed, document.history_changed):
            watch(signal, self, self._enable)
        self._show_tool()
        self._show_way()
        self._enable()

    # Building

    def _for(self, tools: tuple[Tool, ...], part: QWidget) -> QWidget:
        """A part that is seen while one of these tools is in hand."""
        self._parts.append((tools, part))
        return part

    def _ways(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for way, icon, title, tip in WAYS:
            made = button(icon, f"combine_{way}", title, f"{title}\n{tip}")
            made.setCheckable(True)
            made.clicked.connect(partial(setattr, self.pen, "combine", way))
            self.ways.addButton(made)
            self.combine[way] = made
            row.addWidget(made)
        return holder

    def _percent(self, text: str, field: str, tip: str) -> SlideField:
        low = 0.01 if field == "opacity" else 0.0
        accessible = f"Brush {text.lower()}"
        made = SlideField(text, f"brush_{field}", (low, 1.0), "%", 100, False, accessible, tip)
        return self._slide(field, made)

    def _slide(self, field: str, made: SlideField) -> SlideField:
        bind(self.pen, field, made, made.changed, made.amount, made.set_amount)
        return made

    def _whole(self, text: str, field: str, top: int, unit: str, tip: str) -> SlideField:
        made = SlideField(text, field, (0, top), unit, tip=tip)
        bind(self.pen, field, made, made.changed, partial(as_whole, made), made.set_amount)
        return made

    def _pressure(self) -> QToolButton:
        menu = QMenu(self)
        self.pressure_actions = []
        for field, text in (
            ("pressure_size", "Pressure changes the size"),
            ("pressure_opacity", "Pressure changes the opacity"),
        ):
            action = menu.addAction(text)
            action.setObjectName(f"action_{field}")
            action.setCheckable(True)
            bind(self.pen, field, action, action.toggled, action.isChecked, action.setChecked)
            self.pressure_actions.append(action)
        made = button("pen", "pressure", "Pen pressure", "What a pen's pressure changes")
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        made.setMenu(menu)
        return made

    def _zooms(self) -> QMenu:
        menu, canvas = QMenu(self), self.canvas
        for text, do in (
            ("Fit in the window\tCtrl+0", canvas.fit),
            ("Actual pixels\tCtrl+1", canvas.actual_size),
        ):
            menu.addAction(text).triggered.connect(partial(_call, do))
        menu.addSeparator()
        for zoom in ZOOMS:
            menu.addAction(percent(zoom)).triggered.connect(partial(self._zoom_to, zoom))
        return menu

    # Showing

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_tool()

    def _show_tool(self, *_: object) -> None:
        """Show what belongs to the tool. What finds no room and has keys or a menu goes first."""
        for tools, part in self._parts:
            part.setVisible(self.pen.tool in tools)
        spared = (self.zoom, self.redo, self.undo, self.pressure, self.feather, self.opacity)
        for part in spared[:3]:
            part.show()
        for part in spared:
            # the layout's own minimum, without what is hidden
            self._row.invalidate()
            # Those that are elsewhere as well give way before the names of the others are cut.
            elsewhere = part in spared[:3]
            needed = self._row.sizeHint() if elsewhere else self._row.minimumSize()
            if needed.width() <= self.width():
                break
            part.hide()

    def _show_way(self, *_: object) -> None:
        self.combine[self.pen.combine].setChecked(True)

    def _show_zoom(self, zoom: float) -> None:
        self.zoom.setText(percent(zoom) if self.document.picture else "100 %")

    def _zoom_to(self, zoom: float, *_: object) -> None:
        middle = self.canvas.viewport
        self.canvas.zoom_to(zoom, middle.width / 2, middle.height / 2)

    def _enable(self, *_: object) -> None:
        picture = self.document.picture is not None
        self.undo.setEnabled(self.document.can_undo)
        self.redo.setEnabled(self.document.can_redo)
        self.zoom.setEnabled(picture)
        self.mask_button.setEnabled(picture)
        self._show_zoom(self.canvas.zoom)


def _menu_button(text: str, object_name: str, accessible: str, menu: QMenu) -> QToolButton:
    made = QToolButton()
    made.setText(text)
    made.setProperty("flat", True)
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    made.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow comes after the word
    made.setIconSize(QSize(12, 12))
    dress(made, "chevron-down")
    made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    made.setMenu(menu)
    name(made, object_name, accessible)
    return made


def _call(do: Callable[[], object], *_: object) -> None:
    do()
