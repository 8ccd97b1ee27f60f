from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from studio.core.adapters import Adapter
from studio.core.events import Catalogued
from studio.core.geometry import Size
from studio.core.model_file import ModelFile, Role
from studio.core.model_info import Abilities, ModelInfo
from studio.session.adapters import Slot
from studio.session.session import Session
from studio.ui.adapters.stack import AdapterBox
from studio.ui.adapters.vae import VaeRow
from tests.session.scripted import new_session

WORDS = ("ink style", "bold lines", "sepia", "paper")
INK = ModelFile(Path("/l/ink.safetensors"), Role.LORA, "sd1", "SD 1", bytes=9 << 20, words=WORDS)
OIL = ModelFile(Path("/l/oil.safetensors"), Role.LORA, "sd1", "SD 1", bytes=9 << 20)
XL = ModelFile(Path("/l/wide.safetensors"), Role.LORA, "sdxl", "SDXL")
SOFT = ModelFile(Path("/l/soft.safetensors"), Role.VAE, "sd", "SD")
DEEP = ModelFile(Path("/l/deep.safetensors"), Role.VAE, "flux", "FLUX.1")
ABLE = Abilities(Size(64, 64), 8, adapters=("sd1",), autoencoder="sd")
SD1 = ModelInfo("sd", "SD", "f", None, ABLE)
NONE = ModelInfo("none", "None", "f", None, Abilities(Size(64, 64), 8))


@pytest.fixture
def session() -> Session:
    made = new_session()
    made.receive(Catalogued((SD1, NONE)))
    made.settings.model = "sd"
    made.collection.files = (INK, OIL, XL, SOFT, DEEP)
    return made


@pytest.fixture
def box(qtbot: QtBot, session: Session) -> AdapterBox:
    made = AdapterBox(session)
    qtbot.addWidget(made)
    made.resize(300, 300)
    made.show()
    return made


def named(box: QWidget, name: str) -> QToolButton:
    found = box.findChild(QToolButton, name)
    assert isinstance(found, QToolButton)
    return found


def test_an_empty_stack_invites(box: AdapterBox, session: Session) -> None:
    assert box.invitation.isVisible()
    session.settings.adapters = (Slot(Adapter("ink")),)
    assert not box.invitation.isVisible()
    session.settings.adapters = ()
    assert box.invitation.isVisible()
    assert box.rows == []


def test_a_weight_in_both_directions(box: AdapterBox, session: Session) -> None:
    session.settings.adapters = (Slot(Adapter("ink", 0.8)), Slot(Adapter("oil")))
    weight = box.rows[0].weight
    assert (weight.shown, weight.text) == ("0.80", "ink")
    QTest.keyClick(weight, Qt.Key.Key_Right)
    assert session.settings.adapters[0].adapter.weight == pytest.approx(0.85)
    QTest.keyClicks(weight, "-")
    QTest.keyClicks(weight.editor, "1.5")
    QTest.keyClick(weight.editor, Qt.Key.Key_Return)
    assert session.settings.adapters == (Slot(Adapter("ink", -1.5)), Slot(Adapter("oil")))
    assert weight.shown == "−1.50"
    box.rows[0].reset.click()
    assert session.settings.adapters[0].adapter.weight == 1.0
    assert not box.rows[0].reset.isEnabled()


def test_a_weight_beyond_the_bar_stays_what_it_is(box: AdapterBox, session: Session) -> None:
    session.settings.adapters = (Slot(Adapter("ink", 3.5)),)
    assert box.rows[0].weight.shown == "3.50"
    assert session.settings.adapters[0].adapter.weight == 3.5


def test_on_and_off_in_both_directions(box: AdapterBox, session: Session) -> None:
    session.settings.adapters = (Slot(Adapter("ink")),)
    row = box.rows[0]
    row.eye.click()
    assert session.settings.adapters == (Slot(Adapter("ink"), on=False),)
    assert not row.weight.isEnabled()
    session.settings.adapters = (Slot(Adapter("ink")),)
    assert row.eye.isChecked()
    QTest.keyClick(row, Qt.Key.Key_Space)
    assert not session.settings.adapters[0].on


def test_the_order_is_changed_by_keys_and_by_dragging(box: AdapterBox, session: Session) -> None:
    session.settings.adapters = tuple(Slot(Adapter(name)) for name in ("ink", "oil", "gone"))
    QTest.keyClick(box.rows[0].weight, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [slot.title for slot in session.settings.adapters] == ["oil", "ink", "gone"]
    QTest.keyClick(box.rows[1].weight, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert [slot.title for slot in session.settings.adapters] == ["ink", "oil", "gone"]
    QApplication.processEvents()  # lays the rows out
    grip = box.rows[0].grip
    below = grip.mapFromGlobal(box.rows[2].mapToGlobal(QPoint(5, 20)))
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(grip, left, pos=QPoint(4, 4))
    QTest.mouseMove(grip, QPoint(4, 8))
    QTest.mouseMove(grip, below)
    QTest.mouseRelease(grip, left, pos=below)
    assert [slot.title for slot in session.settings.adapters] == ["oil", "gone", "ink"]


def test_removing_moves_the_focus_on(box: AdapterBox, session: Session) -> None:
    session.settings.adapters = (Slot(Adapter("ink")), Slot(Adapter("oil")))
    box.rows[1].remove.click()
    assert [slot.title for slot in session.settings.adapters] == ["ink"]
    QTest.keyClick(box.rows[0].weight, Qt.Key.Key_Delete)
    assert session.settings.adapters == ()


def test_trigger_words_go_into_the_prompt(box: AdapterBox, session: Session) -> None:
    session.settings.adapters = (Slot(Adapter("ink")),)
    named(box, "lora_0_word_1").click()
    assert session.settings.prompt == "bold lines"
    menu = named(box, "lora_0_more_words").menu()
    assert menu is not None
    last = menu.actions()[-1]
    last.trigger()
    assert session.settings.prompt == f"bold lines, {last.text()}" == "bold lines, paper"


@pytest.mark.parametrize(
    ("lora", "words"), [("gone", "not there"), ("wide", "Made for SDXL."), ("ink", "")]
)
def test_what_is_wrong_is_said_below(
    box: AdapterBox, session: Session, lora: str, words: str
) -> None:
    session.settings.adapters = (Slot(Adapter(lora)),)
    problem = box.rows[0].problem
    assert words in problem.text()
    assert problem.isHidden() == (not words)
    box.rows[0].eye.click()
    assert problem.isHidden()


def test_a_model_that_takes_none_hides_the_stack(box: AdapterBox, session: Session) -> None:
    session.settings.model = "none"
    assert not box.isVisible()
    session.settings.adapters = (Slot(Adapter("ink")),)
    assert box.isVisible()
    assert box.rows[0].problem.text() == "None takes none. Left out."
    assert not box.add.isEnabled()


def test_adding_from_the_list(box: AdapterBox, session: Session) -> None:
    box.add.click()
    picker = box.picker
    assert picker.isVisible()
    titles = [row if isinstance(row, str) else row.title for row in picker.list.list.shown]
    assert titles == ["For this model", "ink", "oil", "For other models", "wide"]
    QTest.keyClicks(picker.search, "wid")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    assert picker.said.text() == "wide cannot be added: Made for SDXL."
    assert picker.isVisible()
    picker.search.setText("l/")
    QTest.keyClick(picker.search, Qt.Key.Key_Down)
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    assert not picker.isVisible()
    assert session.settings.adapters == (Slot(Adapter("oil")),)
    picker.search.setText("nothing like it")
    assert picker.said.text() == "Nothing has these words."


def test_without_any_the_list_says_where_to_put_them(box: AdapterBox, session: Session) -> None:
    session.collection.files = ()
    box.add.click()
    assert "There are no LoRAs yet" in box.picker.said.text()
    session.collection.files = (INK,)
    session.collection.changed.emit()
    assert [row for row in box.picker.list.list.shown if not isinstance(row, str)]
    box.picker.hide()


def test_the_autoencoder_in_both_directions(qtbot: QtBot, session: Session) -> None:
    row = VaeRow(session)
    qtbot.addWidget(row)
    combo = row.combo
    assert [combo.itemText(i) for i in range(combo.count())] == ["Model's own", "soft", "deep"]
    combo.setCurrentIndex(1)
    combo.activated.emit(1)
    assert session.settings.vae == "soft"
    session.settings.vae = ""
    assert combo.currentIndex() == 0
    session.settings.vae = "gone"
    assert combo.currentText() == "gone"
    deep = combo.model().index(2, 0)
    assert not deep.flags() & Qt.ItemFlag.ItemIsEnabled
    session.collection.files = (replace(INK),)
    session.settings.vae = ""
    session.collection.changed.emit()
    assert not row.isVisibleTo(row.parentWidget())


def test_every_control_has_a_name(box: AdapterBox, session: Session) -> None:
    session.settings.adapters = (Slot(Adapter("ink")),)
    for control in box.findChildren(QToolButton):
        if control.isVisible():
            assert control.accessibleName()
