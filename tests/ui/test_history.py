from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.library.folders import Folders
from studio.library.library import Entry, Library
from studio.session.session import Session
from studio.ui.history import HistoryView
from studio.ui.history_menu import actions_for, describe
from tests.session.scripted import Scripted, picture


@pytest.fixture
def view(qtbot: QtBot, tmp_path: Path) -> HistoryView:
    library = Library(Folders(tmp_path / "pictures", tmp_path / "data"))
    for number in range(3):
        recipe = Recipe(prompt=f"picture {number}", seed=number, steps=10 + number)
        library.save(picture(50 * number, 64, 64), Record(recipe))
    session = Session(Scripted(), library)
    made = HistoryView(session.past)
    qtbot.addWidget(made)
    made.resize(240, 400)
    made.show()
    session.past.refresh()
    return made


def place(view: HistoryView, row: int) -> QPoint:
    return view.visualRect(view.list.index(row)).center()


def test_newest_first_with_thumbnails_and_words(view: HistoryView) -> None:
    model = view.list
    assert model.rowCount() == 3
    first = model.index(0)
    assert model.data(first, Qt.ItemDataRole.AccessibleTextRole) == "picture 2"
    assert not model.data(first, Qt.ItemDataRole.DecorationRole).isNull()
    assert "seed 2" in model.data(first, Qt.ItemDataRole.ToolTipRole)
    assert not view.empty.isVisible()


def test_an_empty_history_says_what_will_be_there(qtbot: QtBot, tmp_path: Path) -> None:
    library = Library(Folders(tmp_path / "pictures", tmp_path / "data"))
    empty = HistoryView(Session(Scripted(), library).past)
    qtbot.addWidget(empty)
    empty.show()
    assert empty.empty.isVisible()
    library.close()


def test_a_click_shows_and_leaves_the_canvas_alone(view: HistoryView, qtbot: QtBot) -> None:
    session = view.past.session
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place(view, 1))
    shown = session.viewing.shown
    assert shown is not None
    assert (shown.kind, shown.caption) == ("history", "picture 1")
    assert shown.picture.pixels[0, 0, 0] == 50
    assert session.document.picture is None


def test_arrow_keys_look_through_the_history(view: HistoryView, qtbot: QtBot) -> None:
    session = view.past.session
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    view.setCurrentIndex(view.list.index(0))
    qtbot.keyClick(view, Qt.Key.Key_Right)
    shown = session.viewing.shown
    assert shown is not None
    assert shown.caption == "picture 1"
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert session.document.picture is not None
    assert session.document.picture.pixels[0, 0, 0] == 50
    assert session.action == "generate"


def test_delete_goes_on_to_the_next_picture(view: HistoryView, qtbot: QtBot) -> None:
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    view.setCurrentIndex(view.list.index(1))
    path = view.list.entries[1].path
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert not path.exists()
    left = [entry.record.recipe.prompt for entry in view.list.entries]
    assert left == ["picture 2", "picture 0"]
    assert view.list.rowCount() == 2
    assert view.currentIndex().isValid()
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert view.empty.isVisible()


def menu_of(view: HistoryView, *entries: Entry) -> dict[str, QAction]:
    groups = actions_for(view, view.past, entries)
    return {action.text(): action for group in groups for action in group}


def test_the_menu_does_what_it_says(view: HistoryView) -> None:
    session = view.past.session
    entry = view.list.entries[1]
    actions = menu_of(view, entry)
    actions["Use seed"].trigger()
    assert (session.settings.seed, session.settings.random_seed) == (1, False)
    assert session.settings.steps == 20
    actions["Use recipe"].trigger()
    assert (session.settings.steps, session.settings.prompt) == (11, "picture 1")
    actions["Use as source"].trigger()
    assert session.action == "refine"
    actions["Put on the canvas"].trigger()
    assert session.action == "generate"
    actions["Remove from history"].trigger()
    assert [e.record.recipe.seed for e in view.list.entries] == [2, 0]
    assert entry.path.exists()
    assert "Show parent" not in actions


def test_removing_with_the_file_can_be_undone(view: HistoryView) -> None:
    session, said = view.past.session, []
    session.said.connect(said.append)
    first, second, third = view.list.entries
    menu_of(view, second)["Remove with file"].trigger()
    assert not second.path.exists()
    assert view.list.entries == (first, third)
    (offer,) = said[-1].offers
    assert offer.text == "Undo"
    offer.do()
    assert second.path.exists()
    assert [e.path for e in view.list.entries] == [e.path for e in (first, second, third)]
    view.past.remove(first, third)
    said[-1].offers[0].do()
    assert len(view.list.entries) == 3


def test_new_pictures_come_in_at_the_top(view: HistoryView) -> None:
    session = view.past.session
    view.setCurrentIndex(view.list.index(0))
    session.library.save(picture(9), Record(Recipe(prompt="newest")))
    session.past.refresh()
    assert view.list.rowCount() == 4
    assert view.list.entries[0].record.recipe.prompt == "newest"
    assert view.currentIndex().row() == 1


def test_a_file_that_is_gone_is_said(view: HistoryView) -> None:
    session, messages = view.past.session, []
    session.said.connect(lambda message: messages.append(message))
    entry = view.list.entries[0]
    entry.path.unlink()
    session.past.look(entry)
    assert session.viewing.shown is None
    assert len(messages) == 1


def test_a_long_prompt_is_cut_in_the_tooltip(view: HistoryView) -> None:
    from dataclasses import replace

    entry = view.list.entries[0]
    record = Record(Recipe(prompt="word " * 100))
    assert len(describe(replace(entry, record=record)).splitlines()[0]) == 200
