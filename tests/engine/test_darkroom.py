"""What is answered beside the engine's thread: at once, during a run, the newest only."""

from __future__ import annotations

import threading
from queue import Queue

import pytest

from studio.core import events
from studio.core.errors import BadInput, CannotOpen
from studio.core.geometry import Size
from studio.core.picture import Picture
from studio.core.recipe import Recipe
from studio.core.request import Request
from studio.core.wishes import VIEWS, Look, Wish
from studio.engine.darkroom import Darkroom
from tests.engine.conftest import Bench

TOY = Recipe(model="toy", prompt="red", size=Size(64, 48), steps=4, seed=7, guidance_scale=3.0)


class Held:
    """Answers that wait until they are let go, and note what they were asked."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self.asked: list[Wish] = []
        self.raises: Exception | None = None

    def answer(self, wish: Wish) -> events.Event:
        self.begun.set()
        assert self.go.wait(10)
        self.asked.append(wish)
        if self.raises:
            raised, self.raises = self.raises, None
            raise raised
        return events.Awake("", wish.run)


@pytest.fixture
def told() -> Queue[events.Event]:
    return Queue()


def test_of_the_wishes_in_a_slot_only_the_newest_counts(told: Queue[events.Event]) -> None:
    room, held = Darkroom(told.put), Held()
    room.open(held)  # type: ignore[arg-type]
    room.ask(Look("a", 0, exact=False))
    assert held.begun.wait(10)
    for index in range(1, 50):
        room.ask(Look("a", index, exact=False))
    room.ask(Look("b", 0, exact=False, slot="b"))
    held.go.set()
    for _ in range(3):
        told.get(timeout=10)
    assert [(wish.run, wish.index) for wish in held.asked] == [("a", 0), ("a", 49), ("b", 0)]
    assert room.close(10)


@pytest.mark.parametrize("error", [BadInput("There is no such step."), CannotOpen("Gone.")])
def test_what_goes_wrong_ends_nothing(told: Queue[events.Event], error: Exception) -> None:
    room, held = Darkroom(told.put), Held()
    held.go.set()
    held.raises = error
    room.open(held)  # type: ignore[arg-type]
    room.ask(Look("first", 0, exact=False))
    if isinstance(error, CannotOpen):
        failed = told.get(timeout=10)
        assert isinstance(failed, events.Failed)
        assert (failed.run, failed.message) == ("", "Gone.")
    else:
        while not held.asked:
            held.begun.wait(0.01)
    room.ask(Look("second", 0, exact=False))
    assert told.get(timeout=10) == events.Awake("", "second")
    assert room.close(10)


def test_closed_before_it_was_opened_it_never_begins(told: Queue[events.Event]) -> None:
    room = Darkroom(told.put)
    assert room.close(1)
    room.open(Held())  # type: ignore[arg-type]
    assert not [t for t in threading.enumerate() if t.name == "studio-darkroom"]


def test_every_view_of_a_kept_step_is_answered(bench: Bench) -> None:
    run = bench.finish(Request(TOY)).run
    for exact in (False, True):
        for view, _, _ in VIEWS:
            bench.engine.ask(Look(run, 2, 0, view, exact=exact))
            looked = bench.until(events.Looked)
            assert isinstance(looked, events.Looked)
            assert (looked.run, looked.index, looked.view, looked.exact) == (run, 2, view, exact)
            assert looked.picture.size == (Size(64, 48) if exact else Size(8, 6))


def test_a_look_is_answered_while_a_run_is_going(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is held in its second step until the answer is there: no timing is involved."""
    from studio.models.toy import Toy

    answered, real, calls = threading.Event(), Toy.predict, []

    def slow(self: Toy, *args: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            assert answered.wait(30)
        return real(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Toy, "predict", slow)
    run = bench.engine.submit(Request(TOY))
    bench.until(events.Stepped, run=run)
    bench.engine.ask(Look(run, 0, 0, "noise", exact=False))
    looked = bench.until(events.Looked, events.Finished)
    assert isinstance(looked, events.Looked)
    assert isinstance(looked.picture, Picture)
    answered.set()
    bench.until(events.Finished, run=run)


def test_a_step_that_is_not_there_is_not_answered(bench: Bench) -> None:
    run = bench.finish(Request(TOY)).run
    bench.engine.ask(Look(run, 99, exact=False))
    bench.engine.ask(Look("gone", 0, exact=False, slot="other"))
    bench.engine.ask(Look(run, 1, exact=False, slot="third"))
    looked = bench.until(events.Looked, events.Failed)
    assert isinstance(looked, events.Looked)
    assert looked.index == 1
