from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.ui.controls import ElidedLabel, NumberRow, Section


def row(qtbot: QtBot, decimals: int = 0) -> NumberRow:
    made = NumberRow("Steps", "steps", (1, 100), (1, 1000), decimals)
    qtbot.addWidget(made)
    return made


def test_slider_moves_the_field(qtbot: QtBot) -> None:
    steps = row(qtbot)
    with qtbot.waitSignal(steps.changed) as told:
        steps.slider.setValue(40)
    assert (told.args, steps.whole()) == ([40.0], 40)


def test_typing_moves_the_slider_and_goes_beyond_it(qtbot: QtBot) -> None:
    steps = row(qtbot)
    steps.field.selectAll()
    qtbot.keyClicks(steps.field, "250")
    assert (steps.whole(), steps.slider.value()) == (250, 100)
    steps.set_value(30)
    assert steps.slider.value() == 30


@pytest.mark.parametrize("value", [1.25, 7.01, 99.99])
def test_decimals_survive_the_slider(qtbot: QtBot, value: float) -> None:
    number = row(qtbot, 2)
    number.set_value(value)
    assert number.value() == value
    assert number.slider.value() == round(value * 100)


def test_the_keyboard_moves_the_slider(qtbot: QtBot) -> None:
    steps = row(qtbot)
    steps.set_value(10)
    qtbot.keyClick(steps.slider, Qt.Key.Key_Right)
    assert steps.whole() == 11


def test_a_section_folds_from_the_keyboard(qtbot: QtBot) -> None:
    more = Section("More", "more")
    qtbot.addWidget(more)
    assert not more.is_open
    qtbot.keyClick(more.head, Qt.Key.Key_Space)
    assert more.is_open


def test_a_label_without_room_for_its_words_shows_the_brief_ones(qtbot: QtBot) -> None:
    shown, brief = ElidedLabel(), ElidedLabel()
    for label in (shown, brief):
        qtbot.addWidget(label)
        label.resize(60, 20)
    shown.setText("Step 20 of 50 goes with step 8 of 20")
    shown.brief = "20/50"
    brief.setText("20/50")
    assert shown.grab().toImage() == brief.grab().toImage()
    shown.resize(600, 20)
    brief.resize(600, 20)
    assert shown.grab().toImage() != brief.grab().toImage()
