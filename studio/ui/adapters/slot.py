"""One LoRA of the stack: on or off, how much, where, and the words that call it up."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from studio.session.adapters import Slot
from studio.ui.adapters.weight import WeightField
from studio.ui.controls import button, name
from studio.ui.icons import dress

WIDEST = 130
"""Pixels of a word on its button."""
ROOM = 190
"""Pixels for all words; those that find none are in a menu behind the others."""
AROUND = 20
"""Pixels of a button around its word, and between two."""


class Grip(QToolButton):
    """Dragged up and down it moves its row; `dragged` tells where the mouse is, in the window."""

    dragged = Signal(QPointF)

    def __init__(self, object_name: str) -> None:
        super().__init__()
        self.setProperty("bare", True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self.setIconSize(QSize(14, 14))
        dress(self, "grip-vertical")
        name(self, object_name, "Move", "Drag to move, or Alt+Up and Alt+Down")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.dragged.emit(event.globalPosition())


class SlotRow(QFrame):
    """Shows what it is told; what is done with it is told by its signals."""

    weighed = Signal(float)
    switched = Signal(bool)
    removed = Signal()
    stepped = Signal(int)
    dragged = Signal(QPointF)
    said = Signal(str)

    def __init__(self, place: int) -> None:
        super().__init__()
        name(self, f"lora_{place}", "LoRA")
        self.slot: Slot | None = None
        self.grip = Grip(f"lora_{place}_move")
        self.eye = _bare("eye", f"lora_{place}_on", "On", "On or off (Space)")
        self.eye.setCheckable(True)
        self.weight = WeightField("", f"lora_{place}_weight")
        self.reset = _bare("undo-2", f"lora_{place}_reset", "Back to 1", "Weight back to 1")
        self.remove = _bare("x", f"lora_{place}_remove", "Remove", "Remove (Delete)")
        self.problem = QLabel()
        self.problem.setProperty("warning", True)
        self.problem.setWordWrap(True)
        name(self.problem, f"lora_{place}_problem", "Problem")
        self.words = QWidget()
        self._chips = QHBoxLayout(self.words)
        self._chips.setContentsMargins(0, 0, 0, 0)
        self._chips.setSpacing(4)
        self._shown_words: Sequence[str] = ()
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(2)
        for part, stretch in (
            (self.grip, 0),
            (self.eye, 0),
            (self.weight, 1),
            (self.reset, 0),
            (self.remove, 0),
        ):
            top.addWidget(part, stretch)
        below = QVBoxLayout()
        below.setContentsMargins(52, 0, 0, 2)
        below.setSpacing(2)
        below.addWidget(self.problem)
        below.addWidget(self.words)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addLayout(top)
        box.addLayout(below)
        self.weight.changed.connect(self.weighed)
        self.eye.toggled.connect(self._toggled)
        self.reset.clicked.connect(lambda: self.weighed.emit(1.0))
        self.remove.clicked.connect(self.removed)
        self.grip.dragged.connect(self.dragged)

    def show_slot(self, slot: Slot, problem: str, words: Sequence[str], tip: str) -> None:
        self.slot = slot
        self.setAccessibleName(f"LoRA {slot.title}")
        for part, what in ((self.eye, "On"), (self.reset, "Back to 1"), (self.remove, "Remove")):
            part.setAccessibleName(f"{what}: {slot.title}")
        self.weight.set_text(slot.title)
        self.weight.setToolTip(f"{tip}\nDrag, or click and type")
        self.weight.show_amount(slot.adapter.weight)
        self.weight.setEnabled(slot.on)
        self.reset.setEnabled(slot.on and slot.adapter.weight != 1.0)
        if self.eye.isChecked() != slot.on:
            self.eye.setChecked(slot.on)
        dress(self.eye, "eye" if slot.on else "eye-off")
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self._show_words(words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        step = steps.get(Qt.Key(event.key()))
        if step and modifiers == Qt.KeyboardModifier.AltModifier:
            self.stepped.emit(step)
        elif event.key() == Qt.Key.Key_Delete and not modifiers:
            self.removed.emit()
        elif event.key() == Qt.Key.Key_Space and not modifiers:
            self.eye.toggle()
        else:
            super().keyPressEvent(event)

    def _toggled(self, on: bool) -> None:
        if self.slot is not None and self.slot.on != on:
            self.switched.emit(on)

    def _show_words(self, words: Sequence[str]) -> None:
        self.words.setVisible(bool(words))
        if tuple(words) == self._shown_words:
            return
        self._shown_words = tuple(words)
        while (item := self._chips.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        room, shown = ROOM, 0
        for word in words:
            wide = min(WIDEST, self.fontMetrics().horizontalAdvance(word)) + AROUND
            if shown and room < wide + (AROUND + 10 if word != words[-1] else 0):
                break
            self._chips.addWidget(self._chip(word, shown))
            room, shown = room - wide, shown + 1
        if shown < len(words):
            self._chips.addWidget(self._rest(words[shown:]))
        self._chips.addStretch(1)

    def _chip(self, word: str, number: int) -> QToolButton:
        chip = QToolButton()
        chip.setProperty("chip", True)
        # measured as it will be shown: a button that is not yet shown has another font
        metrics = self.fontMetrics()
        chip.setText(metrics.elidedText(word, Qt.TextElideMode.ElideRight, WIDEST))
        name(
            chip,
            f"{self.objectName()}_word_{number}",
            f"Put {word} into the prompt",
            f"Put into the prompt: {word}",
        )
        chip.clicked.connect(lambda: self.said.emit(word))
        return chip

    def _rest(self, words: Sequence[str]) -> QToolButton:
        more = QToolButton()
        more.setProperty("chip", True)
        more.setText(f"+{len(words)}")
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        for word in words:
            action = QAction(word, menu)
            action.triggered.connect(lambda _=False, word=word: self.said.emit(word))
            menu.addAction(action)
        more.setMenu(menu)
        name(more, f"{self.objectName()}_more_words", "More words for the prompt")
        return more


def _bare(icon: str, object_name: str, accessible: str, tip: str) -> QToolButton:
    made = button(icon, object_name, accessible, tip)
    made.setProperty("flat", False)
    made.setProperty("bare", True)
    return made
