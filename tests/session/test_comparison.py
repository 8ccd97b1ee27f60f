"""What is compared with what, and which steps belong together."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.events import Finished, Looked, Queued, Result, Started, Stepped
from studio.core.picture import Picture
from studio.core.record import Record
from studio.core.wishes import Look
from studio.session.alignment import nearest
from studio.session.panes import Pane, Still
from studio.session.runs import RunView
from studio.session.session import Session
from tests.session.scripted import Scripted, new_session, picture


@pytest.fixture
def session() -> Session:
    return new_session()


def step(run: str, index: int, steps: int, guided: bool = True) -> Stepped:
    """Step `index` of a cosine schedule: half way is half way, however many steps there are."""
    angle = (1 - index / steps) * math.pi / 2 * 0.98 + 0.01
    small = (picture(index % 200, 16, 16),)
    guidance = (0.2,) if guided else ()
    return Stepped(
        run, index, steps, small, math.cos(angle), math.sin(angle), 0.0, 1.0, (0.1,), guidance
    )


def made(session: Session, steps: int, guided: bool = True) -> RunView:
    """A finished run of so many steps."""
    session.settings.steps = steps
    run = session.generate()
    assert run is not None
    session.receive(Queued(run.id, run.recipe))
    session.receive(Started(run.id, run.recipe, 0, steps))
    for index in range(steps):
        session.receive(step(run.id, index, steps, guided))
    session.receive(ended(run))
    return run


def ended(run: RunView) -> Finished:
    path = Path(f"/pictures/{run.id}.png")
    return Finished(run.id, (Result(picture(200), path, Record(run.recipe, run.id)),), 1.0)


def wishes(session: Session) -> list[Look]:
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    return [wish for wish in backend.wishes if isinstance(wish, Look)]


def test_step_20_of_50_is_at_the_noise_of_step_8_of_20(session: Session) -> None:
    short, long = made(session, 20), made(session, 50)
    session.select_step(20)
    assert session.comparison.start(Pane(short.id))
    place = session.comparison.place
    assert place is not None
    assert (place.run, place.step) == (short.id, 8)
    assert session.comparison.alignment == "Step 20 of 50 ≙ step 8 of 20 · σ 0.80"
    assert session.comparison.hint == (
        "Compared at the same noise level: step 20 of 50 is not step 20 of 20, "
        "and not the end of the 20."
    )
    session.select_step(49)
    assert session.comparison.place is not None
    assert session.comparison.place.step == 20 - 1
    assert session.viewing.run is long


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_no_other_step_is_nearer_in_log_snr(ours: int, theirs: int, data: st.DataObject) -> None:
    levels = {index: step("b", index, theirs) for index in range(theirs)}
    level = step("a", data.draw(st.integers(0, ours - 1)), ours)

    def distance(other: Stepped) -> float:
        return abs(2 * math.log(other.alpha / other.sigma * level.sigma / level.alpha))

    found = nearest(level, levels)
    assert found is not None
    assert distance(levels[found]) <= min(map(distance, levels.values())) + 1e-9


def test_the_ends_of_a_schedule_have_a_place_too() -> None:
    levels = {0: step("b", 0, 2), 1: step("b", 1, 2)}
    assert nearest(replace(levels[0], alpha=0.0, sigma=1.0), levels) == 0
    assert nearest(replace(levels[0], alpha=1.0, sigma=0.0), levels) == 1
    assert nearest(levels[0], {}) is None


def test_a_branch_is_compared_with_its_parent_in_one_call(session: Session) -> None:
    parent = made(session, 10)
    child = session.branch(parent.id, 4)
    assert child is not None
    session.receive(Queued(child.id, child.recipe))
    session.receive(Started(child.id, child.recipe, 0, 10))
    for index in range(10):
        session.receive(step(child.id, index, 10))
    session.receive(ended(child))
    session.viewing.select(None, None)
    assert session.comparison.with_parent(child)
    assert session.viewing.run is child
    sides = session.comparison.sides
    assert sides is not None
    assert sides[1].picture is parent.results[0].picture  # both at their end
    session.select_step(6)
    assert session.comparison.place is not None
    assert (session.comparison.place.run, session.comparison.place.step) == (parent.id, 6)
    assert not session.comparison.with_parent(parent)


def test_two_views_of_one_step(session: Session) -> None:
    run = made(session, 6)
    session.select_step(2)
    session.comparison.start(Pane(run.id, view="noise"))
    sides = session.comparison.sides
    assert sides is not None
    assert [side.place.view for side in sides if side.place] == ["x0", "noise"]
    assert sides[1].caption.startswith("Noise · Step 2")
    session.comparison.show(None)
    session.viewing.show("change")
    sides = session.comparison.sides
    assert sides is not None
    assert [side.place.view for side in sides if side.place] == ["change", "change"]


def test_a_step_can_be_pinned_and_another_scrubbed(session: Session) -> None:
    made(session, 6)
    session.select_step(2)
    assert session.comparison.pin()
    for index in (3, 5):
        session.select_step(index)
        places = [side.place for side in session.comparison.sides or ()]
        assert [place.step for place in places if place] == [index, 2]


def test_both_sides_are_asked_for_quickly_and_resting_at_full_quality(session: Session) -> None:
    run = made(session, 6)
    session.select_step(2)
    session.comparison.start(Pane(run.id, 4))
    assert wishes(session)[-1] == Look(run.id, 4, exact=False, slot="beside")
    session.look()
    assert wishes(session)[-2:] == [Look(run.id, 2), Look(run.id, 4, slot="beside")]
    sharp = picture(9, 64, 64)
    session.receive(Looked(run.id, 4, 0, sharp))
    sides = session.comparison.sides
    assert sides is not None
    assert sides[1].picture is sharp
    assert sides[1].caption == "Prediction · Step 4 · σ 0.50 · full quality"
    assert sides[0].caption.endswith("preview")


def test_when_nothing_is_compared_only_one_side_is_asked_for(session: Session) -> None:
    run = made(session, 6)
    session.select_step(2)
    session.comparison.start(Pane(run.id, 4))
    assert session.comparison.stop()
    assert session.comparison.sides is None
    session.select_step(3)
    assert wishes(session)[-1].slot == "look"
    assert not session.comparison.stop()


def test_sides_can_be_swapped(session: Session) -> None:
    short, long = made(session, 4), made(session, 8)
    session.select_step(4)
    session.comparison.start(Pane(short.id))
    assert session.comparison.can_swap
    session.comparison.swap()
    assert (session.viewing.run, session.viewing.step) == (short, 2)
    assert session.comparison.place is not None
    assert (session.comparison.place.run, session.comparison.place.step) == (long.id, 4)
    assert session.comparison.follows


def test_a_side_can_let_go_of_the_other_and_take_hold_again(session: Session) -> None:
    short, _ = made(session, 4), made(session, 8)
    session.select_step(4)
    comparison = session.comparison
    comparison.start(Pane(short.id))
    comparison.follow(False)
    session.select_step(7)
    assert comparison.place is not None
    assert comparison.place.step == 2
    assert comparison.alignment.startswith("Step 7 of 8 and step 2 of 4")
    assert comparison.hint == ""
    comparison.go(1)
    assert comparison.place.step == 1
    comparison.follow(True)
    assert comparison.place.step == 3


def test_what_is_worth_comparing_with(session: Session) -> None:
    comparison = session.comparison
    assert not comparison.start()
    photo = picture(3)
    session.desk.bring(photo, "photo.jpg")
    assert not comparison.start()  # there is only the photo itself
    run = made(session, 4)
    assert comparison.suggestion() == Still(photo, "Before")  # the result is offered
    session.viewing.accept()
    session.desk.clear()
    session.viewing.select(run, 2)
    assert comparison.suggestion() == Pane(run.id, 3)
    later = made(session, 4)
    session.viewing.select(later, None)
    assert comparison.suggestion() == Pane(run.id)


def test_a_run_without_guidance_shows_its_picture_in_the_place_of_the_parts(
    session: Session,
) -> None:
    plain, guided = made(session, 4, guided=False), made(session, 4)
    session.select_step(2)
    session.viewing.show("prompted")
    session.comparison.start(Pane(plain.id))
    sides = session.comparison.sides
    assert sides is not None
    assert [side.place.view for side in sides if side.place] == ["prompted", "x0"]
    assert session.viewing.run is guided


def test_a_run_that_is_gone_ends_the_comparison_in_peace(session: Session) -> None:
    short, _ = made(session, 4), made(session, 8)
    session.select_step(4)
    session.comparison.start(Pane(short.id))
    del session.queue.runs[short.id]
    assert session.comparison.sides is None
    assert session.comparison.place is None


def test_a_view_needs_a_step_and_takes_the_newest(session: Session) -> None:
    made(session, 4)
    assert session.viewing.place is None
    session.viewing.show("noise")
    shown = session.viewing.shown
    assert shown is not None
    assert shown.place is not None
    assert (shown.place.step, shown.place.view) == (3, "noise")
    assert shown.caption.endswith("…")  # not there yet
    other: Picture = picture(1, 20, 20)
    session.receive(Looked(shown.place.run, 3, 0, other, "noise", False))
    shown = session.viewing.shown
    assert shown is not None
    assert shown.picture is other
    assert shown.caption.endswith("preview")
    session.select_step(2)
    shown = session.viewing.shown
    assert shown is not None
    assert shown.picture is other  # the same view of another step until this one's is there
    assert shown.caption.startswith("Noise · Step 3")  # and it says so


def test_blinking_is_never_fast_enough_to_harm(session: Session) -> None:
    session.comparison.set_rate(12.0)
    assert session.comparison.rate == 2.0
    session.comparison.set_rate(0.0)
    assert session.comparison.rate == 0.5


def test_how_is_remembered_and_damage_is_left_out(session: Session) -> None:
    session.comparison.set_mode("blink")
    session.comparison.set_rate(0.5)
    kept = session.comparison.to_json()
    other = new_session().comparison
    other.from_json(kept)
    assert (other.mode, other.rate) == ("blink", 0.5)
    other.from_json({"mode": "explode", "rate": 50.0})
    other.from_json({"rate": "fast", "mode": None})
    assert (other.mode, other.rate) == ("blink", 0.5)
