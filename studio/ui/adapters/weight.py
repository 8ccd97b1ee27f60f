"""A LoRA's weight in a bar that grows from its middle: to the right for more, left for against."""

from __future__ import annotations

import re

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPalette

from studio.ui.slidefield import SlideField

FURTHEST = 2.0
"""The bar's ends."""
_PLACES = 20
"""Places of the bar for a weight of one: steps of 0.05."""


class WeightField(SlideField):
    """From −2 to 2. One that was set elsewhere may be beyond them."""

    label_role = QPalette.ColorRole.Text

    def __init__(self, text: str, object_name: str) -> None:
        super().__init__(text, object_name, (-FURTHEST, FURTHEST), factor=_PLACES)
        self.setSingleStep(1)
        self.setPageStep(4)

    @property
    def shown(self) -> str:
        return f"{self._amount:.2f}".replace("-", "−")

    def set_text(self, text: str) -> None:
        """The LoRA's name."""
        self.text = text
        self.setAccessibleName(f"Weight of {text}")
        self.editor.setAccessibleName(f"Weight of {text}, typed")
        self.update()

    def show_amount(self, weight: float) -> None:
        """A weight that was set elsewhere; one beyond the bar's ends stays what it is."""
        if weight == self._amount:
            return
        self._amount = weight
        blocked = self.blockSignals(True)
        self.setValue(self._place(min(FURTHEST, max(-FURTHEST, weight))))
        self.blockSignals(blocked)
        self.setAccessibleDescription(self.shown)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()  # moves the row
        elif event.text() in ("-", "−", ".", ","):
            self.edit(event.text())
        else:
            super().keyPressEvent(event)

    def amount_in(self, text: str) -> float | None:
        match = re.match(r"\s*([-−+]?(?:\d+(?:[.,]\d*)?|[.,]\d+))", text)
        return float(match[1].replace(",", ".").replace("−", "-")) if match else None

    def filled(self, area: QRectF) -> QRectF:
        middle = area.center().x()
        end = area.left() + area.width() * self._exact() / max(1, self.maximum())
        left, right = sorted((middle, min(max(end, area.left()), area.right())))
        return QRectF(left, area.top(), right - left, area.height())
