from __future__ import annotations

import pytest
from PySide6.QtCore import QRegularExpression, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from studio.session.message import Message, Offer
from studio.ui import messagebar
from studio.ui.messagebar import MessageBar


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    made = MessageBar()
    qtbot.addWidget(made)
    return made


def test_an_error_stays_until_it_is_dismissed(
    bar: MessageBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messagebar, "INFO_STAYS", 1)
    bar.show_message(Message("It broke.", "Mend it.", "error"))
    qtbot.wait(20)
    assert bar.isVisible()
    assert (bar.text.text(), bar.hint.text()) == ("It broke.", "Mend it.")
    assert bar.accessibleDescription() == "It broke. Mend it."
    bar.dismiss.click()
    assert not bar.isVisible()


def test_good_news_goes_by_itself(
    bar: MessageBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messagebar, "INFO_STAYS", 1)
    bar.show_message(Message("Saved."))
    assert bar.isVisible()
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_an_error_after_good_news_does_not_go_with_it(
    bar: MessageBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messagebar, "INFO_STAYS", 1)
    bar.show_message(Message("Saved."))
    bar.show_message(Message("It broke.", kind="error"))
    qtbot.wait(20)
    assert bar.isVisible()


def test_details_are_shown_when_asked_for_and_can_be_copied(bar: MessageBar) -> None:
    bar.show_message(Message("It broke.", "Mend it.", "error", "line 1\nline 2"))
    assert not bar.details.isVisible()
    bar.more.click()
    assert bar.details.isVisible()
    assert bar.details.toPlainText() == "line 1\nline 2"
    bar.copy.click()
    assert QGuiApplication.clipboard().text() == "It broke.\nMend it.\nline 1\nline 2"


def test_without_details_there_is_nothing_to_show(bar: MessageBar) -> None:
    bar.show_message(Message("No.", kind="warning"))
    assert not bar.more.isVisible()
    assert not bar.copy.isVisible()


def test_text_is_never_taken_for_markup(bar: MessageBar) -> None:
    bar.show_message(Message("There is no file <b>x</b>.", kind="warning"))
    assert bar.text.text() == "There is no file <b>x</b>."
    assert bar.text.textFormat().name == "PlainText"


def test_what_can_be_done_is_a_button_that_takes_the_message_with_it(
    bar: MessageBar, qtbot: QtBot
) -> None:
    done: list[str] = []
    offers = (Offer("Undo", lambda: done.append("undone")), Offer("Again", done.clear))
    bar.show_message(Message("Removed.", offers=offers))
    buttons = bar.findChildren(QPushButton, QRegularExpression("offer_"))
    assert [button.accessibleName() for button in buttons] == ["Undo", "Again"]
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert done == ["undone"]
    assert not bar.isVisible()
    bar.show_message(Message("Saved."))
    assert not any(button.isVisible() for button in buttons)
