from __future__ import annotations

import gc
import weakref

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from studio.session.settings import Settings
from studio.ui.bind import bind, watch


def bound(qtbot: QtBot, settings: Settings) -> QLineEdit:
    line = QLineEdit()
    qtbot.addWidget(line)
    bind(settings, "prompt", line, line.textChanged, line.text, line.setText)
    return line


def test_both_directions(qtbot: QtBot) -> None:
    settings = Settings(prompt="a boat")
    line = bound(qtbot, settings)
    assert line.text() == "a boat"
    qtbot.keyClicks(line, "s")
    assert settings.prompt == "a boats"
    settings.prompt = "a barn"
    assert line.text() == "a barn"


def test_typing_in_the_middle_leaves_the_cursor_there(qtbot: QtBot) -> None:
    line = bound(qtbot, Settings(prompt="a boat"))
    line.setCursorPosition(2)
    qtbot.keyClicks(line, "red ")
    assert (line.text(), line.cursorPosition()) == ("a red boat", 6)


def test_a_control_that_is_gone_is_left_alone(qtbot: QtBot) -> None:
    settings = Settings()
    line = QLineEdit()
    bind(settings, "prompt", line, line.textChanged, line.text, line.setText)
    line.deleteLater()
    qtbot.waitUntil(lambda: not isValid(line))
    settings.prompt = "still works"
    assert len(settings.events.prompt) == 0


def test_watching_does_not_keep_the_watcher(qtbot: QtBot) -> None:
    class Watcher(QObject):
        def look(self, _prompt: str) -> None: ...

    settings = Settings()
    watcher = Watcher()
    gone = weakref.ref(watcher)
    watch(settings.events.prompt, watcher, watcher.look)
    del watcher
    gc.collect()
    assert gone() is None
    settings.prompt = "still works"
