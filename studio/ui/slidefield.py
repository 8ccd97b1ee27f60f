"""A number in a bar: drag along it, use the wheel or the arrow keys, or click and type."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QSlider

from studio.ui.controls import name

_STEPS = 200
"""Places of a bar that goes up by equal factors."""
_CLICK = 3.0
"""A drag of fewer pixels than this is a click."""
_FINE = 0.1
"""With Shift a drag changes so much less."""


class SlideField(QSlider):
    """Shows its label and its value on itself, and so needs little room.

    `factor` is what the value is multiplied by to be shown (100 for per cent). With `even` the bar
    goes up by equal factors, as sizes should, else by equal steps of `1 / factor`.
    """

    changed = Signal(float)
    label_role = QPalette.ColorRole.PlaceholderText

    def __init__(
        self,
        text: str,
        object_name: str,
        limits: tuple[float, float],
        unit: str = "",
        factor: float = 1.0,
        even: bool = False,
        accessible: str = "",
        tip: str = "",
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.text, self.unit, self.factor = text, unit, factor
        self._limits, self._even = limits, even
        self._amount = limits[0]
        self._grip: tuple[QPointF, float] | None = None
        """Where a drag began, and the place of the bar then."""
        self._dragged = False
        self.setRange(0, _STEPS if even else round((limits[1] - limits[0]) * factor))
        self.setSingleStep(max(1, self.maximum() // 200))
        self.setPageStep(max(1, self.maximum() // 10))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        help_ = "Drag, or click and type"
        name(self, object_name, accessible or text, f"{tip}\n{help_}" if tip else help_)
        self.editor = QLineEdit(self)
        self.editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        name(self.editor, f"{object_name}_editor", f"{accessible or text}, typed")
        self.editor.hide()
        self.editor.installEventFilter(self)
        self.valueChanged.connect(self._slid)

    def amount(self) -> float:
        return self._amount

    def set_amount(self, amount: float) -> None:
        """Within the limits; told by `changed`."""
        amount = min(self._limits[1], max(self._limits[0], amount))
        if amount == self._amount:
            return
        self._amount = amount
        # the bar's places are coarser than the values: it must not write its own back
        blocked = self.blockSignals(True)
        self.setValue(self._place(amount))
        self.blockSignals(blocked)
        self.setAccessibleDescription(self.shown)
        self.update()
        self.changed.emit(amount)

    @property
    def shown(self) -> str:
        """The value in words: "37.5 px", "80 %"."""
        value = self._amount * self.factor
        digits = f"{value:.3g}" if self._even and value < 100 else f"{value:.0f}"
        return f"{digits} {self.unit}".strip()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        widest = f"{self._limits[1] * self.factor:.0f} {self.unit}"
        width = metrics.horizontalAdvance(self.text) + metrics.horizontalAdvance(widest) + 28
        return QSize(max(96, width), metrics.height() + 11)

    def minimumSizeHint(self) -> QSize:
        return QSize(48, self.sizeHint().height())

    def _place(self, amount: float) -> int:
        low, high = self._limits
        if self._even:
            return round(math.log(amount / low) / math.log(high / low) * _STEPS)
        return round((amount - low) * self.factor)

    def _value_at(self, place: float) -> float:
        low, high = self._limits
        if self._even:
            return float(low * (high / low) ** (place / _STEPS))
        return low + round(place) / self.factor

    def _slid(self, place: int) -> None:
        self.set_amount(self._value_at(place))

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip, self._dragged = (event.position(), self._exact()), False
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is None:
            return
        start, place = self._grip
        moved = event.position().x() - start.x()
        if self._dragged or abs(moved) >= _CLICK:
            self._dragged = True
            fine = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            along = moved / max(1, self.width()) * self.maximum() * (_FINE if fine else 1.0)
            self.set_amount(self._value_at(min(self.maximum(), max(0.0, place + along))))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        grip, self._grip = self._grip, None
        if grip is not None and not self._dragged:
            self.edit()

    def _exact(self) -> float:
        """The place of the value itself, between the bar's own."""
        low, high = self._limits
        if self._even:
            return math.log(self._amount / low) / math.log(high / low) * _STEPS
        return (self._amount - low) * self.factor

    # Typing

    def edit(self, text: str = "") -> None:
        """Let a value be typed; `text` is what was typed already."""
        self.editor.setText(text or self.shown.removesuffix(self.unit).strip())
        if not text:
            self.editor.selectAll()
        self.editor.setGeometry(self.rect())
        self.editor.show()
        self.editor.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().isdigit():
            self.edit(event.text())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_F2) and not event.modifiers():
            self.edit()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.KeyPress:
                self._close_editor()
            event.accept()  # or it would stop a run
            return True
        if isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.type() == QEvent.Type.KeyPress:
                self._take()
            return event.type() == QEvent.Type.KeyPress
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            self._take(refocus=False)
        return super().eventFilter(watched, event)

    def _take(self, refocus: bool = True) -> None:
        """Use what was typed, if it begins with a number."""
        number = self.amount_in(self.editor.text())
        if number is not None and not self.editor.isHidden():
            self.set_amount(number)
        self._close_editor(refocus)

    def amount_in(self, text: str) -> float | None:
        """The amount that is typed as `text`; None if it does not begin with a number."""
        number = re.match(r"\s*(\d+(?:[.,]\d*)?)", text)
        return float(number[1].replace(",", ".")) / self.factor if number else None

    def _close_editor(self, refocus: bool = True) -> None:
        self.editor.hide()
        if refocus:
            self.setFocus()

    # Look

    def filled(self, area: QRectF) -> QRectF:
        """The part of the bar that is the value."""
        width = area.width() * self._exact() / max(1, self.maximum())
        return QRectF(area.left(), area.top(), width, area.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        role = QPalette.ColorRole
        colors = self.palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline = QPainterPath()
        outline.addRoundedRect(area, 4, 4)
        painter.fillPath(outline, colors.color(role.Base))
        if self.isEnabled():
            bar = self.filled(area)
            fill = QColor(colors.color(role.Highlight))
            fill.setAlpha(70)
            painter.save()
            painter.setClipRect(bar)
            painter.fillPath(outline, fill)
            painter.restore()
        edge = role.Highlight if self.hasFocus() else role.Mid
        painter.setPen(QPen(colors.color(edge), 1))
        painter.drawPath(outline)
        inside = self.rect().adjusted(7, 0, -7, 0)
        value = self.shown
        right, left = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignLeft
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(colors.color(role.Text))
        painter.drawText(inside, right | middle, value)
        room = inside.width() - self.fontMetrics().horizontalAdvance(value) - 6
        label = self.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, room)
        painter.setPen(colors.color(self.label_role))
        if len(label) > 3 or label == self.text:  # a letter or two say nothing
            painter.drawText(inside, left | middle, label)
        painter.end()


def as_whole(field: SlideField) -> int:
    """The amount of a field whose values are whole numbers."""
    return round(field.amount())
