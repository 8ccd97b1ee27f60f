"""The controls the panel is made of: numbers with a slider, folding sections, small buttons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.ui.icons import dress


def name(widget: QWidget, object_name: str, accessible: str, tip: str = "") -> None:
    """Give a control the names that tests and screen readers find it by, and its tooltip."""
    widget.setObjectName(object_name)
    widget.setAccessibleName(accessible)
    if tip:
        widget.setToolTip(tip)


def button(icon: str, object_name: str, accessible: str, tip: str = "") -> QToolButton:
    """A flat button that is only an icon; its name is its tooltip unless there is a better one."""
    made = QToolButton()
    made.setProperty("flat", True)
    made.setIconSize(QSize(16, 16))
    dress(made, icon)
    name(made, object_name, accessible, tip or accessible)
    return made


def label(text: str, kind: str = "") -> QLabel:
    """A label; `kind` is "quiet" or "heading" for the theme."""
    made = QLabel(text)
    if kind:
        made.setProperty(kind, True)
    return made


class ElidedLabel(QLabel):
    """One line that asks for little room: without enough for all of it, it shows `brief`, if that
    is given, or ends in …"""

    brief = ""

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().averageCharWidth() * 4, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics, words = self.fontMetrics(), self.text()
        if self.brief and metrics.horizontalAdvance(words) > self.width():
            words = self.brief
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.width())
        self.style().drawItemText(
            painter,
            self.rect(),
            int(self.alignment()),
            self.palette(),
            True,
            words,
            self.foregroundRole(),
        )
        painter.end()


class NumberRow(QWidget):
    """A label, a slider and a field for one number. The field takes more than the slider shows.

    `slide` is the slider's range, `limit` the field's; `decimals` 0 makes whole numbers.
    """

    changed = Signal(float)

    def __init__(
        self,
        text: str,
        object_name: str,
        slide: tuple[float, float],
        limit: tuple[float, float] | None = None,
        decimals: int = 0,
        tip: str = "",
    ) -> None:
        super().__init__()
        self._scale = 10**decimals
        self.text = label(text)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(slide[0] * self._scale), round(slide[1] * self._scale))
        self.slider.setPageStep(max(1, (self.slider.maximum() - self.slider.minimum()) // 10))
        self.field = _field(decimals)
        self.field.setRange(*(limit or slide))
        name(self.field, object_name, text)
        name(self.slider, f"{object_name}_slider", f"{text} slider")
        self.set_tip(tip)
        self.text.setBuddy(self.field)
        top = self._top = QHBoxLayout()
        top.addWidget(self.text, 1)
        top.addWidget(self.field)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addLayout(top)
        box.addWidget(self.slider)
        self.slider.setValue(round(self.field.value() * self._scale))
        self.slider.valueChanged.connect(self._slid)
        self.field.valueChanged.connect(self._typed)

    def set_tip(self, tip: str) -> None:
        for part in (self.field, self.slider, self.text):
            part.setToolTip(tip)

    def add(self, widget: QWidget) -> None:
        """Something small between the label and the field."""
        self._top.insertWidget(1, widget)

    def value(self) -> float:
        return self.field.value()

    def whole(self) -> int:
        return round(self.field.value())

    def set_value(self, value: float) -> None:
        self.field.setValue(value)

    def _slid(self, position: int) -> None:
        # The slider stops at its end while the field may be beyond it.
        if position != self._position():
            self.field.setValue(position / self._scale)

    def _typed(self, value: float) -> None:
        self.slider.setValue(self._position())
        self.changed.emit(value)

    def _position(self) -> int:
        wanted: int = round(self.field.value() * self._scale)
        return min(max(wanted, self.slider.minimum()), self.slider.maximum())


def _field(decimals: int) -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    made.setDecimals(decimals)
    made.setSingleStep(10.0**-decimals if decimals < 2 else 0.05)
    made.setKeyboardTracking(True)
    made.setAlignment(Qt.AlignmentFlag.AlignRight)
    made.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    made.setFixedWidth(72)
    return made


def whole_field(object_name: str, accessible: str, low: int, high: int, tip: str = "") -> QSpinBox:
    """A field for a whole number."""
    made = QSpinBox()
    made.setRange(low, high)
    made.setAlignment(Qt.AlignmentFlag.AlignRight)
    made.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    name(made, object_name, accessible, tip)
    return made


class Section(QWidget):
    """A heading that folds what is below it."""

    def __init__(self, title: str, object_name: str, opened: bool = False) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self.head = QToolButton()
        self.head.setProperty("flat", True)
        self.head.setText(title)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setIconSize(QSize(14, 14))
        self.head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        name(self.head, f"{object_name}_fold", title)
        self.body = QWidget()
        self.rows = QVBoxLayout(self.body)
        self.rows.setContentsMargins(0, 4, 0, 4)
        self.rows.setSpacing(10)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.head)
        box.addWidget(self.body)
        self.head.clicked.connect(lambda: self.set_open(not self.is_open))
        self.set_open(opened)

    @property
    def is_open(self) -> bool:
        return not self.body.isHidden()

    def set_open(self, opened: bool) -> None:
        self.body.setVisible(opened)
        dress(self.head, "chevron-down" if opened else "chevron-right")
