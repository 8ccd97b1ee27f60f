"""Comparing with the history and with the run that a branch came from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from studio.core.events import Recalled, StepsGone
from studio.core.recipe import Recipe
from studio.core.record import Origin, Record
from studio.core.wishes import Recall
from studio.session.comparing import compare_entry, compare_entry_with_parent, compare_with_parent
from studio.session.message import Message
from studio.session.panes import Pane, Still
from studio.session.session import Session
from tests.session.scripted import new_session, picture
from tests.session.test_comparison import made, step
from tests.session.test_recall import wishes

PARENT = Record(Recipe(prompt="old", seed=7, steps=10), run="parent")
CHILD = Record(
    replace(PARENT.recipe, prompt="new"), run="child", origin=Origin("parent", 4, PARENT)
)


@pytest.fixture
def session() -> Session:
    return new_session()


@pytest.fixture
def entry(tmp_path: Path) -> Any:
    path = tmp_path / "child.png"
    Image.fromarray(picture(50).pixels).save(path)
    return SimpleNamespace(id=1, path=path, record=CHILD, created=0.0, thumbnail=b"")


@pytest.fixture
def said(session: Session) -> list[Message]:
    messages: list[Message] = []
    session.said.connect(messages.append)
    return messages


def recalled(record: Record) -> Recalled:
    told = tuple(step(record.run, index, 10) for index in range(10))
    return Recalled(record.run, record, 0, 10, plan=None, source=None, mask=None, stepped=told)


def test_with_a_picture_of_the_history_and_its_steps(session: Session, entry: Any) -> None:
    made(session, 20)
    session.select_step(8)
    compare_entry(session, entry)
    assert wishes(session) == [Recall("child")]
    session.receive(recalled(CHILD))
    assert session.comparison.other == Pane("child", image=0)
    assert session.comparison.place is not None
    assert session.comparison.place.step == 4


def test_without_its_steps_with_the_picture_alone(session: Session, entry: Any) -> None:
    made(session, 20)
    session.select_step(8)
    compare_entry(session, entry)
    session.receive(StepsGone("child"))
    assert isinstance(session.comparison.other, Still)
    assert session.comparison.sides is not None
    assert session.comparison.sides[1].caption == "new"


def test_there_must_be_something_to_compare(
    session: Session, entry: Any, said: list[Message]
) -> None:
    compare_entry(session, entry)
    assert not session.comparison.on
    assert said[0].hint


def test_a_picture_with_the_run_it_branched_from(session: Session, entry: Any) -> None:
    compare_entry_with_parent(session, entry)
    session.receive(recalled(CHILD))
    assert wishes(session)[-1] == Recall("parent")
    session.receive(recalled(PARENT))
    assert session.comparison.other == Pane("parent")
    assert session.viewing.run is not None
    assert session.viewing.run.id == "child"
    shown = session.viewing.shown
    assert shown is not None
    assert shown.kind == "history"  # still the picture itself
    session.select_step(6)
    assert session.comparison.alignment == "Step 6 of 10 ≙ step 6 of 10 · σ 0.59"


def test_a_parent_whose_steps_are_gone_is_said_to_be_so(
    session: Session, entry: Any, said: list[Message]
) -> None:
    compare_entry_with_parent(session, entry)
    session.receive(recalled(CHILD))
    session.receive(StepsGone("parent"))
    assert "no longer kept" in said[-1].text
    assert not session.comparison.on


def test_a_parent_that_is_here_is_not_asked_for(session: Session) -> None:
    parent = made(session, 10)
    child = session.branch(parent.id, 4)
    assert child is not None
    compare_with_parent(session, child)
    assert session.comparison.other == Pane(parent.id)
    assert wishes(session) == []
