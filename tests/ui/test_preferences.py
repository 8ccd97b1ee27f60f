from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialogButtonBox, QDoubleSpinBox
from pytestqt.qtbot import QtBot

from studio.core.options import Choice, Number, Switch
from studio.session.preferences import OPTIONS, Preferences, Preferred
from studio.ui.preferences import PreferencesBox


@pytest.fixture
def box(qtbot: QtBot) -> PreferencesBox:
    made = PreferencesBox(Preferred())
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize("setting", OPTIONS)
def test_each_setting_in_both_directions(box: PreferencesBox, setting: str) -> None:
    option, control, preferred = OPTIONS[setting], box.controls[setting], box.preferred
    assert control.accessibleName() == option.label
    match option, control:
        case Number(), QDoubleSpinBox():
            control.setValue(option.minimum + option.step)
            assert getattr(preferred.now, setting) == option.minimum + option.step
            preferred.set(setting, option.maximum)
            assert control.value() == option.maximum
        case Choice(), QComboBox():
            for word, _ in option.choices:
                control.setCurrentIndex(control.findData(word))
                assert getattr(preferred.now, setting) == word
            preferred.set(setting, option.default)
            assert control.currentData() == option.default
        case Switch(), QCheckBox():
            control.setChecked(not option.default)
            assert getattr(preferred.now, setting) is not option.default
            preferred.set(setting, option.default)
            assert control.isChecked() is option.default
        case _:
            pytest.fail(f"{setting} has a {type(control).__name__}")


def test_a_number_half_typed_is_not_taken(qtbot: QtBot, box: PreferencesBox) -> None:
    field = box.controls["step_memory"]
    assert isinstance(field, QDoubleSpinBox)
    field.selectAll()
    qtbot.keyClicks(field, "1024")
    assert box.preferred.now.step_memory == 512.0
    box.show()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert box.isVisible()
    assert box.preferred.now.step_memory == 1024.0


def test_the_defaults_come_back(qtbot: QtBot, box: PreferencesBox) -> None:
    box.preferred.set("step_disk", 3.0)
    kinds = box.findChild(QDialogButtonBox)
    assert kinds is not None
    defaults = kinds.button(QDialogButtonBox.StandardButton.RestoreDefaults)
    qtbot.mouseClick(defaults, Qt.MouseButton.LeftButton)
    assert box.preferred.now == Preferences()
