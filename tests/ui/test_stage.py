"""The stage: what its parts do to one another."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.session.message import Message
from studio.ui.stage import Stage
from tests.session.scripted import new_session, picture, play


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    made = Stage(new_session())
    qtbot.addWidget(made)
    made.resize(700, 600)
    made.show()
    return made


def test_arrow_keys_on_the_canvas_choose_among_the_results_offered(
    stage: Stage, qtbot: QtBot
) -> None:
    session, canvas = stage.session, stage.canvas
    session.desk.bring(picture(1, 600, 400), "photo.png")
    session.settings.batch = 3
    session.generate()
    results = play(session, "run1")
    lies = canvas.view
    for key, image in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Right, 2)):
        qtbot.keyClick(canvas, key)
        shown = session.viewing.shown
        assert shown is not None
        assert shown.picture is results[image].picture
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    assert session.viewing.offer is not None
    assert session.viewing.offer.image == 1
    assert canvas.view == lies
    session.viewing.accept()
    assert session.document.picture is results[1].picture
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.view != lies


def test_what_went_wrong_with_one_file_is_not_said_of_the_next(stage: Stage) -> None:
    stage.session.say(Message("text.png is not a picture.", kind="error"))
    assert stage.messages.isVisible()
    stage.session.desk.bring(picture(1), "before.png")
    stage._bring(stage.canvas.grab().toImage(), "Pasted picture")
    assert stage.session.document.name == "Pasted picture"
    assert not stage.messages.isVisible()
