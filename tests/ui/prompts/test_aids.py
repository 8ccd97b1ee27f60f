"""The prompt box's colours, counter and names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QColor, QContextMenuEvent, QDesktopServices, QPalette, QTextCursor
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.core.counting import Count, Counted, Name, Named
from studio.core.events import Catalogued
from studio.library.folders import Folders
from studio.session.message import Message
from studio.session.prompting import Prompting
from studio.session.session import Session
from studio.ui.promptbox import PromptBox
from studio.ui.prompts.aids import Aids
from studio.ui.prompts.colouring import LONGEST, Look, looks, place_of
from studio.ui.prompts.inks import DARK, LIGHT, Inks, inks
from studio.ui.theme import DARK as DARK_TONES
from studio.ui.theme import LIGHT as LIGHT_TONES
from studio.ui.theme import palette
from tests.session.scripted import STARTER, new_session


@pytest.fixture
def session() -> Session:
    return new_session()


@pytest.fixture
def box(qtbot: QtBot, session: Session) -> PromptBox:
    prompting = Prompting(session)
    made = PromptBox(session.settings, "prompt", "Prompt", "What?", 4, prompting=prompting)
    qtbot.addWidget(made)
    assert made.aids is not None
    qtbot.addWidget(made.aids.counter)
    made.show()
    made.activateWindow()
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    return made


def aids(box: PromptBox) -> Aids:
    assert box.aids is not None
    return box.aids


def asked(session: Session, kind: type) -> list[Any]:
    backend: Any = session.queue.backend
    return [wish for wish in backend.wishes if isinstance(wish, kind)]


def answer(session: Session, qtbot: QtBot, **values: Any) -> None:
    text = session.settings.prompt
    qtbot.waitUntil(lambda: any(w.prompt == text for w in asked(session, Count)))
    told = {"tokens": 3, "room": 75} | values
    session.receive(Counted(Count(STARTER, "prompt", text, session.settings.seed), **told))


def coloured(box: PromptBox) -> dict[str, tuple[str, str]]:
    """Words with the ink and the ground that they are shown in, "" for the text's own."""
    found = {}
    for each in box.extraSelections():
        style: Any = each.format
        cursor: Any = each.cursor
        ink = style.foreground().color().name() if style.hasProperty(0x821) else ""
        ground = style.background().color().name() if style.hasProperty(0x820) else ""
        found[cursor.selectedText()] = (ink, ground)
    return found


def test_the_grammar_is_coloured_as_it_is_typed(qtbot: QtBot, box: PromptBox) -> None:
    qtbot.keyClicks(box, "a (red:1.2) BREAK {x|y} [fog] <lora:ink>")
    ink = inks(box.palette())
    found = coloured(box)
    assert found["("] == (ink.sign, "")
    assert found["red"] == ("", QColor(ink.glow).name())
    assert found["BREAK"] == (ink.turn, "")
    assert found["|"] == (ink.choice, "")
    assert found["fog"] == (ink.less, "")
    assert found["<lora:ink>"] == (ink.tag, "")
    box.clear()
    assert coloured(box) == {}


def test_colours_follow_the_look(box: PromptBox, session: Session) -> None:
    session.settings.prompt = "(red)"
    for tones, ink in ((DARK_TONES, DARK), (LIGHT_TONES, LIGHT)):
        box.setPalette(palette(tones))
        assert coloured(box)["("] == (ink.sign, "")


def test_letters_beyond_the_first_plane_are_counted_twice_by_qt(
    box: PromptBox, session: Session
) -> None:
    session.settings.prompt = "🌊🌊 (red)"
    assert "red" in coloured(box)
    assert place_of("🌊🌊 (red)", 3) == 5


def test_a_prompt_of_a_book_is_not_coloured(box: PromptBox, session: Session) -> None:
    session.settings.prompt = "(red)" * (LONGEST // 5 + 1)
    assert coloured(box) == {}


def test_the_count_is_asked_for_once_the_typing_rests(
    qtbot: QtBot, box: PromptBox, session: Session
) -> None:
    qtbot.keyClicks(box, "sea sky")
    qtbot.waitUntil(lambda: bool(asked(session, Count)))
    assert [wish.prompt for wish in asked(session, Count)] == ["sea sky"]
    answer(session, qtbot, tokens=2)
    counter = aids(box).counter
    assert counter.text() == "2 / 75"
    assert counter.accessibleName() == "Prompt: length"
    assert "2 / 75" in counter.accessibleDescription()
    session.settings.model = "large"
    assert counter.text() == ""


def test_parts_are_counted_and_marked(qtbot: QtBot, box: PromptBox, session: Session) -> None:
    session.settings.prompt = "sea BREAK sky"
    plain = box.grab().toImage()
    answer(session, qtbot, tokens=2, room=150, parts=2, turns=(10,))
    assert aids(box).counter.text() == "2 / 150 · 2 parts"
    cursor = QTextCursor(box.document())
    cursor.setPosition(10)
    place = box.cursorRect(cursor).topLeft() + box.viewport().pos()
    marked = box.grab().toImage()
    scale = marked.devicePixelRatio()
    at = round((place.x() + 1) * scale), round((place.y() + 2) * scale)
    assert plain.pixelColor(*at) != marked.pixelColor(*at)


def test_what_is_not_read_is_struck_out_and_warned_of(
    qtbot: QtBot, box: PromptBox, session: Session
) -> None:
    session.settings.prompt = "sea (sky)"
    answer(session, qtbot, tokens=90, room=75, cut=4)
    counter = aids(box).counter
    assert counter.text() == "90 / 75"
    assert counter.property("warning") is True
    assert coloured(box) == {"(sky)": (inks(box.palette()).unread, "")}
    session.settings.prompt = "sea"
    answer(session, qtbot, tokens=1)
    assert counter.property("warning") is False
    assert counter.property("quiet") is True


def test_a_lora_that_is_not_there_is_underlined(
    qtbot: QtBot, box: PromptBox, session: Session
) -> None:
    session.settings.prompt = "a <lora:gone:1>"
    answer(session, qtbot, unknown=((2, 15),))
    assert coloured(box)["<lora:gone:1>"] == (inks(box.palette()).wrong, "")


def test_an_answer_to_earlier_words_colours_nothing(
    qtbot: QtBot, box: PromptBox, session: Session
) -> None:
    session.settings.prompt = "a boat at sea"
    answer(session, qtbot, cut=2)
    session.settings.prompt = "a boat"
    assert coloured(box) == {}


def test_names_are_proposed_and_enter_takes_one(
    qtbot: QtBot, box: PromptBox, session: Session
) -> None:
    qtbot.keyClicks(box, "a <lora:")
    assert asked(session, Name)
    completion = aids(box).completion
    assert not completion.open
    session.receive(Named(("ink", "oil"), (), ()))
    assert completion.open
    qtbot.keyClicks(completion.popup, "o")
    assert session.settings.prompt == "a <lora:o"
    qtbot.keyClick(completion.popup, Qt.Key.Key_Return)
    assert session.settings.prompt == "a <lora:oil:1>"
    assert not completion.open
    box.undo()
    assert session.settings.prompt.startswith("a <lora:")
    assert "oil" not in session.settings.prompt


def test_escape_and_other_words_close_the_names(
    qtbot: QtBot, box: PromptBox, session: Session
) -> None:
    session.receive(Named((), (), ("colour",)))
    completion = aids(box).completion
    qtbot.keyClicks(box, "__")
    assert completion.open
    qtbot.keyClick(completion.popup, Qt.Key.Key_Escape)
    assert not completion.open
    assert session.settings.prompt == "__"
    qtbot.keyClicks(box, "c")
    assert completion.open
    session.settings.prompt = "something else"
    assert not completion.open


def test_of_a_model_of_classes_their_names_are_proposed(
    qtbot: QtBot, box: PromptBox, session: Session
) -> None:
    able = replace(STARTER.abilities, classes=("goldfish", "golden retriever"))
    session.receive(Catalogued((replace(STARTER, abilities=able),)))
    completion = aids(box).completion
    qtbot.keyClicks(box, "golden")
    assert completion.open
    qtbot.keyClick(completion.popup, Qt.Key.Key_Return)
    assert session.settings.prompt == "golden retriever"
    assert not completion.open


def test_a_negative_prompt_names_no_loras(qtbot: QtBot, session: Session) -> None:
    """There they are words, as the engine reads them."""
    made = PromptBox(
        session.settings, "negative_prompt", "Negative", "", 2, prompting=Prompting(session)
    )
    qtbot.addWidget(made)
    qtbot.addWidget(aids(made).counter)
    made.show()
    made.activateWindow()
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    session.receive(Named(("ink",), (), ("ink",)))
    qtbot.keyClicks(made, "<lora:i")
    assert not aids(made).completion.open
    qtbot.keyClicks(made, "nk:1>")
    assert coloured(made) == {}
    qtbot.keyClicks(made, " __i")
    assert aids(made).completion.open


def test_a_click_takes_a_name(qtbot: QtBot, box: PromptBox, session: Session) -> None:
    session.receive(Named((), ("easynegative",), ()))
    session.settings.prompt = "🌊 "
    qtbot.keyClicks(box, "easy")
    popup = aids(box).completion.popup
    qtbot.mouseClick(
        popup.viewport(),
        Qt.MouseButton.LeftButton,
        pos=popup.visualRect(popup.model().index(0, 0)).center(),
    )
    assert session.settings.prompt == "🌊 easynegative"


def test_the_folder_of_wildcards_is_made_and_opened(
    box: PromptBox, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    said: list[Message] = []
    session.said.connect(said.append)
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    library: Any = session.library
    library.folders = Folders(tmp_path / "pictures", tmp_path / "data")
    place = box.rect().center()
    box.contextMenuEvent(
        QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, box.mapToGlobal(place))
    )
    (menu,) = box.findChildren(QMenu)
    (action,) = (each for each in menu.actions() if each.objectName() == "open_wildcards")
    action.trigger()
    menu.close()
    folder = tmp_path / "data" / "wildcards"
    assert folder.is_dir()
    assert [url.toLocalFile() for url in opened] == [str(folder)]
    folder.rmdir()
    folder.write_bytes(b"")
    action.trigger()
    assert len(opened) == 1
    assert "cannot be made" in said[0].text


@pytest.mark.parametrize(("ink", "field"), [(DARK, DARK_TONES), (LIGHT, LIGHT_TONES)])
def test_every_ink_can_be_read(ink: Inks, field: Any) -> None:
    for name in ("sign", "choice", "tag", "turn", "less", "wrong"):
        assert contrast(QColor(getattr(ink, name)), QColor(field.field)) >= 4.5, name


def contrast(one: QColor, two: QColor) -> float:
    """Of WCAG 2."""
    light, dark = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_looks_are_of_letters() -> None:
    assert looks("a (b)", None)[2:] == [Look("sign"), Look("", 1.1), Look("sign")]
    assert inks(QPalette(QColor("white"))) == LIGHT
