from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from studio.core.events import Plan, Recalled, Started, StepsGone, Stopped
from studio.core.geometry import Box, Size
from studio.core.recipe import Recipe
from studio.core.record import Asset, Record
from studio.core.wishes import Recall
from studio.session.message import Message
from studio.session.session import Session
from tests.session.scripted import Scripted, mask_for, new_session, picture, play, stepped


@pytest.fixture
def session() -> Session:
    return new_session()


@pytest.fixture
def entry(tmp_path: Path) -> Any:
    """A picture of the history: the second of a batch of two."""
    path = tmp_path / "old.png"
    Image.fromarray(picture(50).pixels).save(path)
    record = Record(Recipe(prompt="old", seed=8), run="last-week", image=1)
    return SimpleNamespace(id=1, path=path, record=record, created=0.0, thumbnail=b"")


def wishes(session: Session) -> list[Recall]:
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    return [wish for wish in backend.wishes if isinstance(wish, Recall)]


def recalled(run: str, taken: int = 4, steps: int = 4, **more: Any) -> Recalled:
    take = more.pop("take", -1)
    record = Record(Recipe(prompt="old", seed=7, batch=2, take=take), run=run)
    told = tuple(stepped(run, index, steps, 2) for index in range(taken))
    values: dict[str, Any] = {"plan": None, "source": None, "mask": None, **more}
    return Recalled(run, record, 0, steps, stepped=told, **values)  # type: ignore[arg-type]


def test_an_older_picture_brings_its_steps_along(session: Session, entry: Any) -> None:
    session.past.look(entry)
    assert wishes(session) == [Recall("last-week")]
    session.receive(recalled("last-week"))
    run = session.viewing.run
    assert run is not None
    assert (run.id, run.state, run.recipe.batch, run.image) == ("last-week", "finished", 2, 1)
    assert sorted(run.previews) == [0, 1, 2, 3]
    assert run.levels[2].sigma == 1.5
    assert session.viewing.shown is not None
    assert session.viewing.shown.kind == "history"  # still the picture itself
    session.select_step(2)
    shown = session.viewing.shown
    assert (shown.kind, shown.picture.pixels[0, 0, 0]) == ("step", 21)
    session.past.look(entry)
    assert len(wishes(session)) == 1  # it is here now


def test_it_can_be_branched_from(session: Session, entry: Any) -> None:
    session.past.look(entry)
    session.receive(recalled("last-week"))
    made = session.branch("last-week", 2)
    assert made is not None
    assert sorted(made.previews) == [0, 1]
    assert made.recipe.seed == 7


def test_a_stopped_run_and_a_fill_come_back_as_what_they_are(session: Session, entry: Any) -> None:
    source = picture(100, 32, 32)
    plan = Plan(Box(0, 0, 16, 16), Size(16, 16), 2)
    session.past.look(entry)
    session.receive(recalled("last-week", taken=2, source=source, mask=mask_for(source), plan=plan))
    run = session.viewing.run
    assert run is not None
    assert (run.state, run.edits, run.plan) == ("stopped", True, plan)
    shown = run.preview(1, 0)
    assert shown is not None
    assert shown.size == source.size  # seen at its place in the picture


def test_a_run_that_ended_at_the_step_it_was_to_take_is_over(session: Session, entry: Any) -> None:
    session.past.look(entry)
    session.receive(recalled("last-week", taken=2, take=1))
    assert session.viewing.run is not None
    assert session.viewing.run.state == "finished"


def test_who_looks_elsewhere_meanwhile_is_not_disturbed(session: Session, entry: Any) -> None:
    session.past.look(entry)
    session.generate()
    session.receive(Started("run1", Recipe(), 0, 4))
    session.receive(recalled("last-week"))
    assert session.viewing.run is session.queue.runs["run1"]


def test_a_picture_without_steps_shows_none(session: Session, entry: Any) -> None:
    session.generate()
    play(session, "run1")
    session.past.look(entry)
    session.receive(StepsGone("last-week"))
    assert session.viewing.run is None
    session.past.look(entry)
    session.generate()
    session.receive(Started("run2", Recipe(), 0, 4))
    session.past.look(entry)
    session.receive(StepsGone("last-week"))
    assert session.viewing.run is session.queue.runs["run2"]  # that one still goes


def test_steps_that_are_gone_are_made_again_when_that_is_wanted(
    session: Session, entry: Any
) -> None:
    said: list[Message] = []
    session.said.connect(said.append)
    session.past.show_steps(entry)
    session.receive(StepsGone("last-week"))
    (offer,) = said[0].offers
    offer.do()
    offer.do()
    assert [wish.again for wish in wishes(session)] == [False, True]
    run = session.queue.runs["last-week"]
    assert run.active
    session.receive(Started("last-week", Recipe(batch=2), 0, 4))
    session.receive(stepped("last-week", 0, 4, 2))
    assert (session.viewing.run, run.state) == (run, "running")
    session.receive(recalled("last-week"))
    assert (run.state, session.viewing.step) == ("finished", 3)


def test_making_them_again_can_be_cancelled_and_begun_anew(session: Session, entry: Any) -> None:
    session.recalls.again(entry.record, lambda run: None)
    assert session.queue.cancel()
    assert session.queue.backend.cancelled == ["last-week"]  # type: ignore[attr-defined]
    session.receive(Stopped("last-week"))
    assert not session.queue.active
    session.recalls.again(entry.record, lambda run: None)
    assert len(wishes(session)) == 2


def test_a_picture_of_an_unknown_run_says_so(session: Session, entry: Any) -> None:
    said: list[Message] = []
    session.said.connect(said.append)
    entry.record = Record(Recipe(), source=Asset("00"))
    session.past.show_steps(entry)
    assert wishes(session) == []
    assert "not known" in said[0].text
