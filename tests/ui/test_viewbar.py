from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.session.message import Message
from studio.session.session import Session
from studio.ui.viewbar import ViewBar
from tests.session.scripted import new_session
from tests.session.test_comparison import made


@pytest.fixture
def session() -> Session:
    return new_session()


@pytest.fixture
def bar(session: Session, qtbot: QtBot) -> Iterator[ViewBar]:
    home = QWidget()
    qtbot.addWidget(home)
    box = QVBoxLayout(home)
    bar = ViewBar(session)
    box.addWidget(bar)
    home.field = QLineEdit(home)  # type: ignore[attr-defined]
    box.addWidget(home.field)  # type: ignore[attr-defined]
    home.resize(900, 120)
    home.show()
    yield bar
    home.close()


def chosen(bar: ViewBar) -> list[str]:
    return [view for view, action in bar.views.items() if action.isChecked()]


def test_it_comes_with_the_first_step(bar: ViewBar, session: Session) -> None:
    assert bar.isHidden()
    made(session, 4)
    assert bar.isVisible()
    assert chosen(bar) == []  # the result is looked at, not a step


def test_a_view_is_chosen_by_button_and_by_key_and_shown_in_both_ways(
    bar: ViewBar, session: Session, qtbot: QtBot
) -> None:
    made(session, 4)
    button = bar.widgetForAction(bar.views["noise"])
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.viewing.view == "noise"
    assert session.viewing.step == 3
    assert chosen(bar) == ["noise"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert chosen(bar) == ["noise"]  # pressing it again leaves it chosen
    qtbot.keyClick(bar.parentWidget(), Qt.Key.Key_7)
    assert session.viewing.view == "change"
    session.viewing.show("x")
    assert chosen(bar) == ["x"]
    session.select_step(None)
    assert chosen(bar) == []


def test_keys_typed_into_a_field_stay_there(bar: ViewBar, session: Session, qtbot: QtBot) -> None:
    made(session, 4)
    field = bar.parentWidget().field
    field.setFocus()
    qtbot.keyClicks(field, "2c")
    assert field.text() == "2c"
    assert session.viewing.view == "x0"
    assert not session.comparison.on


def test_views_of_guidance_need_guidance(bar: ViewBar, session: Session) -> None:
    made(session, 4, guided=False)
    session.select_step(1)
    assert not bar.views["prompted"].isEnabled()
    assert "without guidance" in bar.views["guidance"].toolTip()
    assert bar.views["change"].isEnabled()
    made(session, 4)
    session.select_step(1)
    assert bar.views["prompted"].isEnabled()
    assert "without guidance" not in bar.views["guidance"].toolTip()


def test_the_picture_under_the_heat_can_be_taken_away(
    bar: ViewBar, session: Session, qtbot: QtBot
) -> None:
    made(session, 4)
    session.viewing.show("x")
    assert not bar.pure.isVisible()
    session.viewing.show("change")
    assert bar.pure.isVisible()
    qtbot.mouseClick(bar.widgetForAction(bar.pure), Qt.MouseButton.LeftButton)
    assert session.viewing.pure
    session.viewing.show_pure(False)
    assert bar.pure.isChecked()


def test_compare_is_on_and_off_and_says_when_there_is_nothing(
    bar: ViewBar, session: Session, qtbot: QtBot
) -> None:
    said: list[Message] = []
    session.said.connect(said.append)
    bar.compare.trigger()
    assert not bar.compare.isChecked()
    assert "nothing to compare" in said[0].text
    made(session, 4)
    session.select_step(1)
    qtbot.keyClick(bar.parentWidget(), Qt.Key.Key_C)
    assert session.comparison.on
    assert bar.compare.isChecked()
    qtbot.keyClick(bar.parentWidget(), Qt.Key.Key_C)
    assert not session.comparison.on
    assert not bar.compare.isChecked()


def test_everything_has_a_name(bar: ViewBar) -> None:
    for action in (*bar.views.values(), bar.pure, bar.compare):
        shown = bar.widgetForAction(action)
        assert shown.objectName()
        assert shown.accessibleName()
        assert shown.focusPolicy() == Qt.FocusPolicy.TabFocus
