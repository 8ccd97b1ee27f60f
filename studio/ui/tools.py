"""The bar over the canvas: tools, brush settings, mask, undo, zoom."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QLabel, QSizePolicy, QSlider, QToolBar, QToolButton, QWidget

from studio.session.document import Document
from studio.session.pen import MAX_SIZE, MIN_SIZE, Tool
from studio.ui.bind import watch
from studio.ui.canvas import CanvasView
from studio.ui.canvas_view import percent
from studio.ui.icons import dress

_SIZE_STEPS = 200
"""Places of the size slider, which goes up by equal factors."""


class ToolBar(QToolBar):
    """Every action is an attribute, so that menus can have it too. None has a shortcut: the canvas
    knows the keys, and the window's menus have those that work everywhere."""

    def __init__(
        self, canvas: CanvasView, document: Document, parent: QWidget | None = None
    ) -> None:
        super().__init__("Tools", parent)
        self.canvas = canvas
        self.document = document
        self.setObjectName("tools")
        self.setAccessibleName("Tools")
        self.setMovable(False)
        self.setIconSize(QSize(18, 18))

        self._tools = QActionGroup(self)
        self.brush = self._tool("brush", Tool.BRUSH, "Brush", "B")
        self.eraser = self._tool("eraser", Tool.ERASER, "Eraser", "E")
        self.hand = self._tool("hand", Tool.HAND, "Hand", "H, or hold Space")
        self.addSeparator()
        self.size_value = self._value()
        self.size_slider = self._slider("brush_size", "Size", _SIZE_STEPS, "[ and ]")
        self.addWidget(self.size_value)
        self.hardness_value = self._value()
        self.hardness_slider = self._slider("brush_hardness", "Hardness", 100, "")
        self.addWidget(self.hardness_value)
        self.addSeparator()
        self.invert = self._action("contrast", "Invert the mask", "", document.mask_invert)
        self.clear_mask = self._action("trash-2", "Clear the mask", "", document.mask_clear)
        self.addSeparator()
        self.undo = self._action("undo-2", "Undo", "Ctrl+Z", document.undo)
        self.redo = self._action("redo-2", "Redo", "Ctrl+Shift+Z", document.redo)
        spring = QWidget()
        spring.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spring)
        self.zoom_value = self._value()
        self.addWidget(self.zoom_value)
        self.fit = self._action("maximize", "Fit in the window", "Ctrl+0", canvas.fit)
        self.actual = self._action("", "Actual pixels", "Ctrl+1", canvas.actual_size)
        self.actual.setIconText("1:1")

        # The style's own arrow for what does not fit is dark on dark.
        rest = self.findChild(QToolButton, "qt_toolbar_ext_button")
        if rest is not None:
            dress(rest, "chevron-down")
            rest.setAccessibleName("More tools")
            rest.setToolTip("More tools")

        self.size_slider.valueChanged.connect(self._set_size)
        self.hardness_slider.valueChanged.connect(self._set_hardness)
        watch(canvas.pen.events, self, self._show_pen)
        canvas.zoom_changed.connect(self._show_zoom)
        for signal in (
            document.picture_changed,
            document.mask_changed,
            document.history_changed,
        ):
            watch(signal, self, self._enable)
        self._show_pen()
        self._show_zoom(canvas.zoom)
        self._enable()

    def _action(self, icon: str, text: str, keys: str, do: Callable[[], object]) -> QAction:
        action = self.addAction(text)
        action.setToolTip(f"{text} ({keys})" if keys else text)
        action.triggered.connect(lambda: do())
        if icon:
            dress(action, icon)
        button = self.widgetForAction(action)
        button.setObjectName("tool_" + text.lower().replace(" ", "_"))
        button.setAccessibleName(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return action

    def _tool(self, icon: str, tool: Tool, text: str, keys: str) -> QAction:
        action = self._action(icon, text, keys, partial(setattr, self.canvas.pen, "tool", tool))
        action.setCheckable(True)
        action.setData(tool)
        self._tools.addAction(action)
        return action

    def _slider(self, name: str, text: str, top: int, keys: str) -> QSlider:
        label = QLabel(text)
        label.setContentsMargins(8, 0, 6, 0)
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, top)
        slider.setPageStep(top // 10)
        slider.setFixedWidth(80)
        slider.setObjectName(name)
        slider.setAccessibleName(f"Brush {text.lower()}")
        slider.setToolTip(f"Brush {text.lower()}" + (f" ({keys})" if keys else ""))
        label.setBuddy(slider)
        self.addWidget(label)
        self.addWidget(slider)
        return slider

    def _value(self) -> QLabel:
        label = QLabel()
        label.setProperty("quiet", True)
        label.setMinimumWidth(label.fontMetrics().horizontalAdvance("2000 px "))
        label.setContentsMargins(6, 0, 0, 0)
        return label

    def _set_size(self, place: int) -> None:
        self.canvas.pen.size = MIN_SIZE * (MAX_SIZE / MIN_SIZE) ** (place / _SIZE_STEPS)

    def _set_hardness(self, percent: int) -> None:
        self.canvas.pen.hardness = percent / 100

    def _show_pen(self, *_: object) -> None:
        pen = self.canvas.pen
        for action in self._tools.actions():
            action.setChecked(action.data() is pen.tool)
        place = math.log(pen.size / MIN_SIZE) / math.log(MAX_SIZE / MIN_SIZE) * _SIZE_STEPS
        # the slider's places are coarser than the sizes: it must not write its own back
        for slider, value in (
            (self.size_slider, round(place)),
            (self.hardness_slider, round(pen.hardness * 100)),
        ):
            with QSignalBlocker(slider):
                slider.setValue(value)
        self.size_value.setText(f"{pen.size:.3g} px" if pen.size < 100 else f"{pen.size:.0f} px")
        self.hardness_value.setText(f"{pen.hardness * 100:.0f} %")

    def _show_zoom(self, zoom: float) -> None:
        self.zoom_value.setText(percent(zoom) if self.document.picture else "")

    def _enable(self, *_: object) -> None:
        picture, masked = self.document.picture is not None, self.document.has_mask
        self.invert.setEnabled(picture)
        self.clear_mask.setEnabled(masked)
        self.undo.setEnabled(self.document.can_undo)
        self.redo.setEnabled(self.document.can_redo)
        self.fit.setEnabled(picture)
        self.actual.setEnabled(picture)
        self._show_zoom(self.canvas.zoom)
