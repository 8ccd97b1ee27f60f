"""The preferences: a box that builds itself from what `session.preferences` describes.

What is changed holds at once, so there is nothing to accept.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from studio.core.options import Choice, Number, Option, Switch, Value
from studio.session.preferences import PAGES, Preferred
from studio.ui.bind import watch
from studio.ui.controls import label, name

WIDTH = 460
FIELD = 120


class PreferencesBox(QDialog):
    """One row a setting: its name, its control, and below what it means."""

    def __init__(self, preferred: Preferred, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preferred = preferred
        self.setWindowTitle("Preferences")
        name(self, "preferences", "Preferences")
        self.controls: dict[str, QWidget] = {}
        self._writers: dict[str, Callable[[Value], None]] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for heading, options in PAGES:
            if grid.rowCount() > 1:
                grid.setRowMinimumHeight(grid.rowCount(), 10)
            grid.addWidget(label(heading, "heading"), grid.rowCount(), 0, 1, 2)
            for option in options:
                self._add(grid, option)
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.RestoreDefaults | kinds.Close)
        defaults = buttons.button(kinds.RestoreDefaults)
        for made in (defaults, buttons.button(kinds.Close)):
            made.setAutoDefault(False)  # Enter in a field takes its number, and nothing else.
        name(defaults, "preferences_defaults", "Restore defaults")
        defaults.clicked.connect(preferred.reset)
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 14)
        box.addLayout(grid)
        box.addSpacing(10)
        box.addStretch(1)
        box.addWidget(buttons)
        self.setMinimumWidth(WIDTH)
        watch(preferred.changed, self, self._show)
        self._show()

    def _add(self, grid: QGridLayout, option: Option) -> None:
        control = self.controls[option.name] = self._control(option)
        name(control, f"preference_{option.name}", option.label, option.help)
        row = grid.rowCount()
        if isinstance(option, Switch):
            grid.addWidget(control, row, 0, 1, 2)
        else:
            text = label(option.label)
            text.setBuddy(control)
            grid.addWidget(text, row, 0)
            grid.addWidget(control, row, 1, Qt.AlignmentFlag.AlignRight)
        if option.help:
            grid.addWidget(_note(option.help), row + 1, 0, 1, 2)
        grid.setRowMinimumHeight(row + 2, 8)

    def _control(self, option: Option) -> QWidget:
        match option:
            case Number():
                field = _field(option)
                field.valueChanged.connect(lambda value: self.preferred.set(option.name, value))
                self._writers[option.name] = lambda value: field.setValue(float(value))
                return field
            case Choice(choices=choices):
                combo = QComboBox()
                for word, text in choices:
                    combo.addItem(text, word)
                combo.currentIndexChanged.connect(
                    lambda _: self.preferred.set(option.name, str(combo.currentData()))
                )
                self._writers[option.name] = lambda value: combo.setCurrentIndex(
                    combo.findData(value)
                )
                return combo
            case Switch():
                box = QCheckBox(option.label)
                box.toggled.connect(lambda on: self.preferred.set(option.name, on))
                self._writers[option.name] = lambda value: box.setChecked(bool(value))
                return box

    def _show(self, *_: object) -> None:
        for setting, write in self._writers.items():
            write(getattr(self.preferred.now, setting))


def _field(option: Number) -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    made.setDecimals(0 if option.step >= 1 else 2)
    made.setRange(option.minimum, option.maximum)
    made.setSingleStep(option.step)
    if option.unit:
        made.setSuffix(f" {option.unit}")
    # A number half typed is no wish: it is taken at Enter, or when the field is left.
    made.setKeyboardTracking(False)
    made.setAlignment(Qt.AlignmentFlag.AlignRight)
    made.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.UpDownArrows)
    made.setFixedWidth(FIELD)
    return made


def _note(text: str) -> QLabel:
    note = label(text, "quiet")
    note.setWordWrap(True)
    return note
