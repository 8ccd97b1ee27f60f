from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.core.edits import Edit
from studio.core.events import Started
from studio.core.recipe import Recipe
from studio.core.record import Origin, Record
from studio.library.library import Entry
from studio.session.marks import marks
from studio.session.runs import RunView
from tests.session.scripted import stepped

RECIPE = Recipe(steps=4, guidance_scale=4.0)


def parent_and_child() -> tuple[RunView, RunView]:
    parent, child = RunView("p", RECIPE), RunView("c", replace(RECIPE, guidance_scale=7.0))
    parent.fold(Started("p", RECIPE, 0, 4))
    for index in range(4):
        parent.fold(stepped("p", index))
    child.inherit(parent, 2)
    return parent, child


def test_parent_and_branch_both_show_where_they_part() -> None:
    parent, child = parent_and_child()
    runs = {"p": parent, "c": child}
    (start,) = marks(child, runs, ())[2]
    assert (start.kind, start.bends) == ("start", True)
    assert start.text.endswith("guidance 4 → 7")
    (fork,) = marks(parent, runs, ())[2]
    assert (fork.kind, fork.bends) == ("branch", False)
    assert fork.text.endswith("guidance 4 → 7")


def test_branches_made_in_earlier_sittings_are_known_from_the_history() -> None:
    parent, child = parent_and_child()
    record = Record(child.recipe, "c", origin=Origin("p", 3, Record(RECIPE, "p")))
    kept = Entry(1, Path("c.png"), 0.0, record, b"")
    assert sorted(marks(parent, {"p": parent}, [kept])) == [3]
    # A run of this sitting is told of once, and with its own step.
    assert sorted(marks(parent, {"p": parent, "c": child}, [kept])) == [2]
    assert marks(RunView("x", RECIPE), {}, [kept]) == {}


def test_a_run_from_a_picture_is_no_branch() -> None:
    run = RunView("r", RECIPE)
    run.fold(Started("r", RECIPE, 2, 4))
    run.fold(stepped("r", 2))
    assert marks(run, {"r": run}, ()) == {}


def test_edits_are_marked_where_they_took_effect() -> None:
    run = RunView("r", replace(RECIPE, edits=(Edit(1, {"prompt": "a boat"}),)))
    found = marks(run, {}, ())
    assert [mark.kind for mark in found[1]] == ["edit"]
    assert "a boat" in found[1][0].text


def test_a_branch_recalled_without_its_parent_is_known_from_the_history() -> None:
    _, child = parent_and_child()
    record = Record(child.recipe, "c", origin=Origin("p", 2, Record(RECIPE, "p")))
    kept = Entry(1, Path("c.png"), 0.0, record, b"")
    (start,) = marks(child, {"c": child}, [kept])[2]
    assert start.text.endswith("guidance 4 → 7")
    (unknown,) = marks(child, {"c": child}, [])[2]
    assert unknown.text.endswith("an earlier run")
