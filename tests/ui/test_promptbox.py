from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.session.settings import Settings
from studio.ui.promptbox import PromptBox

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def box(qtbot: QtBot, settings: Settings, earlier: tuple[str, ...] = ()) -> PromptBox:
    made = PromptBox(settings, "prompt", "Prompt", "What?", 4, lambda: earlier)
    qtbot.addWidget(made)
    return made


def test_both_directions(qtbot: QtBot) -> None:
    settings = Settings(prompt="a")
    prompt = box(qtbot, settings)
    qtbot.keyClicks(prompt, " boat")
    assert settings.prompt == "a boat"
    settings.prompt = "a barn"
    assert prompt.toPlainText() == "a barn"


def test_ctrl_up_weighs_the_word_at_the_cursor_and_undo_takes_it_back(qtbot: QtBot) -> None:
    settings = Settings(prompt="a red barn")
    prompt = box(qtbot, settings)
    qtbot.keyClick(prompt, Qt.Key.Key_Up, CTRL)
    qtbot.keyClick(prompt, Qt.Key.Key_Up, CTRL)
    assert settings.prompt == "a red (barn:1.2)"
    qtbot.keyClick(prompt, Qt.Key.Key_Down, CTRL)
    assert settings.prompt == "a red (barn:1.1)"
    prompt.undo()
    assert settings.prompt == "a red (barn:1.2)"


def test_alt_up_goes_back_and_alt_down_returns_to_the_draft(qtbot: QtBot) -> None:
    settings = Settings(prompt="draft")
    prompt = box(qtbot, settings, ("newest", "oldest"))
    seen = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(prompt, key, ALT)
        seen.append(settings.prompt)
    assert seen == ["newest", "oldest", "oldest", "newest", "draft"]
