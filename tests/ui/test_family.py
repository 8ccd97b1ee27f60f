from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot

from studio.core.events import StepsGone
from studio.core.recipe import Recipe
from studio.core.record import Origin, Record
from studio.core.wishes import Recall
from studio.library.folders import Folders
from studio.library.library import Library
from studio.library.thumbnails import thumbnail
from studio.library.unfinished import Unfinished
from studio.session.message import Message
from studio.session.session import Session
from studio.ui.family import FamilyView
from studio.ui.family_row import KIN, details, title
from studio.ui.history_menu import actions_for
from studio.ui.history_panel import HistoryPanel
from tests.session.scripted import Scripted, picture

Left = Qt.MouseButton.LeftButton
ROOT = Recipe(prompt="a boat at noon", guidance_scale=4.0)


@pytest.fixture
def panel(qtbot: QtBot, tmp_path: Path) -> HistoryPanel:
    """root, of two pictures, with the branches b (and c below it) and d; and a run alone."""
    library = Library(Folders(tmp_path / "pictures", tmp_path / "data"))
    root = Record(ROOT, "root")
    b = Record(replace(ROOT, guidance_scale=7.0), "b", origin=Origin("root", 3, root))
    c = Record(replace(b.recipe, prompt="a boat at night"), "c", origin=Origin("b", 9, b))
    d = Record(ROOT, "d", origin=Origin("root", 5, root))
    second = replace(root, image=1, recipe=replace(ROOT, seed=1))
    alone = Record(Recipe(prompt="a snowy mountain"), "alone")
    for shade, record in enumerate((root, second, b, c, d, alone)):
        library.save(picture(40 * shade, 64, 64), record)
    made = HistoryPanel(Session(Scripted(), library).past)
    qtbot.addWidget(made)
    made.resize(300, 600)
    made.show()
    qtbot.waitExposed(made)
    made.past.refresh()
    made.set_tree(True)
    return made


def runs(tree: FamilyView, parent: QModelIndex | None = None) -> list[object]:
    parent = parent or QModelIndex()
    rows = [tree.kin.index(row, 0, parent) for row in range(tree.kin.rowCount(parent))]
    return [(row.data(KIN).run, runs(tree, row)) for row in rows]


def test_branches_are_below_what_they_came_from(panel: HistoryPanel) -> None:
    wanted = [("alone", []), ("root", [("b", [("c", [])]), ("d", [])])]
    assert runs(panel.tree) == wanted
    kin = {run: panel.tree.place_of(run).data(KIN) for run in ("root", "b", "c", "d")}
    assert len(kin["root"].entries) == 2
    assert title(kin["root"]) == "a boat at noon"
    assert (title(kin["b"]), details(kin["b"])) == (
        "Guidance\u00a04\u00a0→\u00a07",
        "From step 3",
    )
    assert title(kin["c"]) == "Prompt −noon +night"
    assert title(kin["d"]) == "Same settings"
    spoken = panel.tree.place_of("b").data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Guidance\u00a04\u00a0→\u00a07. From step 3"


def test_grid_and_tree_are_two_looks_at_the_same(panel: HistoryPanel, qtbot: QtBot) -> None:
    assert panel.pages.currentWidget() is panel.tree
    qtbot.mouseClick(panel.tree_button, Left)
    assert panel.pages.currentWidget() is panel.grid
    assert panel.grid.list.rowCount() == 6
    assert not panel.is_tree


def test_keys_look_around_the_family(panel: HistoryPanel, qtbot: QtBot) -> None:
    tree, session = panel.tree, panel.past.session
    tree.setFocus()
    tree.setCurrentIndex(tree.place_of("root"))

    def shade() -> int:
        shown = session.viewing.shown
        assert shown is not None
        return int(shown.picture.pixels[0, 0, 0])

    qtbot.keyClick(tree, Qt.Key.Key_Down)
    assert shade() == 80
    qtbot.keyClick(tree, Qt.Key.Key_Right)
    assert shade() == 120
    qtbot.keyClick(tree, Qt.Key.Key_Left)
    assert shade() == 80
    qtbot.keyClick(tree, Qt.Key.Key_Left)
    assert not tree.isExpanded(tree.place_of("b"))
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    assert session.document.picture is not None
    assert session.document.picture.pixels[0, 0, 0] == 80


def test_what_is_folded_stays_so_when_pictures_come(panel: HistoryPanel) -> None:
    tree = panel.tree
    tree.collapse(tree.place_of("b"))
    tree.setCurrentIndex(tree.place_of("d"))
    panel.past.session.library.save(picture(9), Record(Recipe(prompt="new"), "new"))
    panel.past.refresh()
    assert runs(tree)[0] == ("new", [])
    assert not tree.isExpanded(tree.place_of("b"))
    assert tree.isExpanded(tree.place_of("root"))
    assert tree.currentIndex().data(KIN).run == "d"


def test_a_parent_that_was_removed_is_still_shown_as_one(panel: HistoryPanel, qtbot: QtBot) -> None:
    tree = panel.tree
    tree.setFocus()
    tree.setCurrentIndex(tree.place_of("b"))
    qtbot.keyClick(tree, Qt.Key.Key_Delete)
    kin = tree.place_of("b").data(KIN)
    assert kin.entries == ()
    assert details(kin) == "From step 3 · no longer kept"
    assert runs(tree)[1] == ("root", [("b", [("c", [])]), ("d", [])])
    tree.grab()


def test_the_parent_can_be_shown(panel: HistoryPanel) -> None:
    past, said = panel.past, []
    past.session.said.connect(said.append)
    entries = {entry.record.run: entry for entry in past.entries}
    groups = actions_for(panel, past, (entries["c"],))
    actions = {action.text(): action for group in groups for action in group}
    assert "Compare with parent" in actions
    actions["Show parent"].trigger()
    shown = past.session.viewing.shown
    assert shown is not None
    assert shown.picture.pixels[0, 0, 0] == 80
    past.remove(entries["b"])
    past.show_parent(entries["c"])
    assert "no longer kept" in said[-1].text


def test_searching_finds_words_in_any_order_and_case(panel: HistoryPanel, qtbot: QtBot) -> None:
    panel.set_tree(False)
    qtbot.keyClicks(panel.search, "NOON Boat")
    qtbot.waitUntil(lambda: panel.grid.list.rowCount() == 4)
    qtbot.keyClick(panel.search, Qt.Key.Key_Escape)
    assert panel.grid.list.rowCount() == 6
    panel.search.setText("nothing like it")
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert panel.grid.empty.isVisible()
    assert "has these words" in panel.grid.empty.text()


def test_a_search_in_the_tree_keeps_the_way_up(panel: HistoryPanel, qtbot: QtBot) -> None:
    panel.search.setText("night")
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert runs(panel.tree) == [("root", [("b", [("c", [])])])]


def test_rows_and_lines_are_painted(panel: HistoryPanel) -> None:
    tree = panel.tree
    image = tree.viewport().grab().toImage()
    row = tree.visualRect(tree.place_of("b"))
    colors = {image.pixelColor(x, row.center().y()).name() for x in range(row.left())}
    assert len(colors) > 1
    words = {
        image.pixelColor(x, y).name()
        for x in range(row.left() + 70, row.right() - 10)
        for y in range(row.top() + 8, row.bottom() - 8)
    }
    assert len(words) > 5


def test_a_run_that_was_stopped_is_there_with_how_far_it_came_and_is_opened_in_its_steps(
    panel: HistoryPanel, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    root = Record(ROOT, "root")
    alone = Record(Recipe(prompt="a tent"), "stopped")
    branch = Record(replace(ROOT, guidance_scale=9.0), "e", origin=Origin("root", 5, root))
    small = thumbnail(picture(200, 64, 64))
    halted = (
        Unfinished("stopped", alone, 7, 20, 4e9, small),
        Unfinished("e", branch, 9, 20, 3e9, b""),
        Unfinished("root", root, 9, 20, 3e9, b""),  # some of its pictures were saved
    )
    library = panel.past.session.library
    monkeypatch.setattr(library, "unfinished", lambda: halted)
    panel.past.refresh()
    found = runs(panel.tree)
    assert found[0] == ("stopped", [])
    assert ("e", []) in dict(found)["root"]  # type: ignore[call-overload]
    place = panel.tree.place_of("stopped")
    kin = place.data(KIN)
    assert (title(kin), details(kin)) == ("a tent", "stopped after 7 of 20")
    assert details(panel.tree.place_of("e").data(KIN)) == "From step 5 · stopped after 9 of 20"
    assert len(panel.tree.place_of("root").data(KIN).entries) == 2
    said: list[Message] = []
    panel.past.session.said.connect(said.append)
    qtbot.mouseClick(panel.tree.viewport(), Left, pos=panel.tree.visualRect(place).center())
    backend = panel.past.session.queue.backend
    assert isinstance(backend, Scripted)
    assert Recall("stopped") in backend.wishes
    panel.past.session.receive(StepsGone("stopped"))
    assert "no longer kept" in said[-1].text
    assert not panel.tree.grab().isNull()
    panel.past.search("boat")
    assert not panel.tree.place_of("stopped").isValid()
