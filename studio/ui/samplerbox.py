"""The sampler and its own parameters, built from their description in `core.samplers`."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.options import Choice, Number, Option, Switch, Value
from studio.core.samplers import SAMPLERS
from studio.session.settings import Settings
from studio.ui.bind import bind, watch
from studio.ui.controls import NumberRow, label, name


def combo_row(text: str, combo: QComboBox) -> QHBoxLayout:
    """A label with a choice at its right."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    words = label(text)
    words.setBuddy(combo)
    row.addWidget(words)
    row.addStretch(1)
    row.addWidget(combo)
    combo.setMinimumWidth(168)
    combo.setMaximumWidth(200)
    return row


def choice(
    settings: Settings, field: str, accessible: str, choices: tuple[tuple[str, str], ...], tip: str
) -> QComboBox:
    """A combo box bound to a field that holds one of several words."""
    combo = QComboBox()
    for word, text in choices:
        combo.addItem(text, word)
    name(combo, field, accessible, tip)
    bind(
        settings,
        field,
        combo,
        combo.currentIndexChanged,
        lambda: str(combo.currentData()),
        lambda word: combo.setCurrentIndex(max(0, combo.findData(word))),
    )
    return combo


class SamplerBox(QWidget):
    """Options that are not set stand at their defaults, and stay unset until they are moved."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        labels = tuple((info.name, info.label) for info in SAMPLERS.values())
        self.combo = choice(settings, "sampler", "Sampler", labels, "")
        self.options: dict[str, QWidget] = {}
        self._writers: dict[str, Callable[[Value], None]] = {}
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(10)
        self._box.addLayout(combo_row("Sampler", self.combo))
        watch(settings.events.sampler, self, self._rebuild)
        watch(settings.events.sampler_options, self, self._show)
        self._rebuild()

    def _rebuild(self, *_: object) -> None:
        for widget in self.options.values():
            self._box.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.options, self._writers = {}, {}
        info = SAMPLERS.get(self.settings.sampler)
        if info is None:
            return
        for option in info.options:
            widget = self._control(option)
            self.options[option.name] = widget
            self._box.addWidget(widget)
        calls = f" Calls the network {info.calls} times a step." if info.calls > 1 else ""
        self.combo.setToolTip(info.help + calls)
        self._show()

    def _control(self, option: Option) -> QWidget:
        object_name = f"option_{option.name}"
        match option:
            case Number(minimum=low, maximum=high):
                row = NumberRow(option.label, object_name, (low, high), decimals=2, tip=option.help)
                row.changed.connect(lambda value: self._set(option, value))
                self._writers[option.name] = lambda value: row.set_value(float(value))
                return row
            case Choice(choices=choices):
                combo = QComboBox()
                for word, text in choices:
                    combo.addItem(text, word)
                name(combo, object_name, option.label, option.help)
                combo.currentIndexChanged.connect(
                    lambda _: self._set(option, str(combo.currentData()))
                )
                self._writers[option.name] = lambda value: combo.setCurrentIndex(
                    combo.findData(value)
                )
                holder = QWidget()
                holder.setLayout(combo_row(option.label, combo))
                return holder
            case Switch():
                box = QCheckBox(option.label)
                name(box, object_name, option.label, option.help)
                box.toggled.connect(lambda on: self._set(option, on))
                self._writers[option.name] = lambda value: box.setChecked(bool(value))
                return box

    def _set(self, option: Option, value: Value) -> None:
        given = self.settings.sampler_options
        if given.get(option.name, option.default) != value:
            self.settings.sampler_options = {**given, option.name: value}

    def _show(self, *_: object) -> None:
        info = SAMPLERS.get(self.settings.sampler)
        for option in info.options if info else ():
            if option.name in self._writers:
                value = self.settings.sampler_options.get(option.name, option.default)
                self._writers[option.name](value)
