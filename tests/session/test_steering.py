"""Changing runs on their way, and going on from their steps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.core.edits import Edit
from studio.core.errors import BadInput
from studio.core.events import Edited, Queued, Started, Stopped
from studio.core.request import Fork
from studio.session.message import Message
from studio.session.session import Session
from studio.session.steering import Choices
from tests.session.scripted import Scripted, asked, mask_for, new_session, picture, play, stepped


@pytest.fixture
def session() -> Session:
    session = new_session()
    session.settings.prompt = "noon"
    session.settings.random_seed = False
    return session


def going(session: Session, steps: int = 2) -> None:
    """A run of four steps that has taken some of them."""
    session.generate()
    recipe = session.queue.runs["run1"].recipe
    session.receive(Queued("run1", recipe))
    session.receive(Started("run1", recipe, 0, 4))
    for index in range(steps):
        session.receive(stepped("run1", index))


def edits(session: Session) -> list[tuple[str, Edit, object]]:
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    return backend.edits


def heard(session: Session) -> list[Message]:
    said: list[Message] = []
    session.said.connect(said.append)
    return said


def test_only_what_is_set_otherwise_goes_into_the_edit(session: Session) -> None:
    going(session)
    assert session.steering.news(session.queue.runs["run1"]) == {}
    session.settings.prompt = "night"
    session.settings.guidance_scale = 7.0
    session.settings.sampler_options = {"eta": 0.5}
    session.settings.steps = 99
    session.steering.apply()
    changes = {"prompt": "night", "guidance_scale": 7.0, "sampler_options": {"eta": 0.5}}
    assert edits(session) == [("run1", Edit(2, changes), None)]


def test_what_was_applied_is_no_news_any_more(session: Session) -> None:
    going(session)
    run = session.queue.runs["run1"]
    session.settings.prompt = "night"
    edited = replace(run.recipe, edits=(Edit(2, {"prompt": "night"}),))
    session.receive(Edited("run1", edited))
    assert run.recipe == edited
    assert session.steering.news(run) == {}


def test_with_nothing_new_it_says_so(session: Session) -> None:
    said = heard(session)
    going(session)
    session.steering.apply()
    assert edits(session) == []
    assert "already" in said[-1].text


def test_a_refused_edit_is_said(session: Session) -> None:
    said = heard(session)
    going(session)
    session.settings.prompt = "night"
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    backend.refuse = BadInput("This run is not going any more.")
    session.steering.apply()
    assert said[-1].text == "This run is not going any more."


def test_without_a_run_there_is_nothing_to_apply_to(session: Session) -> None:
    session.steering.apply()
    assert edits(session) == []


def test_another_mask_on_the_same_picture_can_be_applied(session: Session) -> None:
    photo = picture()
    session.desk.bring(photo, "photo")
    session.document.set_mask(mask_for(photo))
    going(session)
    run = session.queue.runs["run1"]
    assert session.steering.new_mask(run) is None
    session.document.mask_invert()
    session.steering.apply()
    assert [mask is session.document.mask for _, _, mask in edits(session)] == [True]
    session.receive(Edited("run1", run.recipe, session.document.mask))
    assert session.steering.new_mask(run) is None


def test_a_stopped_run_can_be_finished_or_taken(session: Session) -> None:
    said = heard(session)
    going(session, 3)
    session.receive(Stopped("run1"))
    finish, take = said[-1].offers
    finish.do()
    request = asked(session)[-1]
    assert request.fork == Fork("run1", 3)
    assert request.recipe == session.queue.runs["run1"].recipe
    take.do()
    request = asked(session)[-1]
    assert request.fork == Fork("run1", 3)
    assert request.recipe.take == 2


def test_a_stopped_run_shows_how_far_it_came(session: Session) -> None:
    going(session, 3)
    session.receive(Stopped("run1"))
    place = session.viewing.place
    assert place is not None
    assert (place.run, place.step) == ("run1", 2)


def test_who_looks_at_a_step_goes_on_doing_so_when_the_run_stops(session: Session) -> None:
    going(session, 3)
    session.select_step(1)
    session.receive(Stopped("run1"))
    assert session.viewing.step == 1


def test_a_run_stopped_before_its_first_step_offers_nothing(session: Session) -> None:
    said = heard(session)
    going(session, 0)
    session.receive(Stopped("run1"))
    assert said == []


def test_a_branch_takes_over_the_edits_before_it(session: Session) -> None:
    going(session)
    run = session.queue.runs["run1"]
    early, late = Edit(1, {"prompt": "dawn"}), Edit(3, {"guidance_scale": 9.0})
    run.recipe = replace(run.recipe, edits=(early, late))
    same = session.steering.recipe_of(run, 2, Choices(settings=False))
    assert (same.prompt, same.edits) == ("dawn", (late,))
    now = session.steering.recipe_of(run, 2, Choices())
    assert (now.prompt, now.edits) == ("noon", ())


def test_a_branch_has_what_was_chosen(session: Session) -> None:
    session.generate()
    play(session, "run1")
    photo = session.document.picture
    assert photo is not None
    session.document.set_mask(mask_for(photo))
    session.settings.prompt = "night"
    session.branch("run1", 2, Choices(settings=False, new_seed=True, rest=9, masked=True))
    request = asked(session)[-1]
    assert request.recipe.prompt == "noon"
    assert request.fork == Fork("run1", 2, rest=9)
    assert request.recipe.seed != session.queue.runs["run1"].recipe.seed
    assert request.mask is session.document.mask


def test_a_new_seed_counts_only_where_noise_is_added(session: Session) -> None:
    going(session)
    run = session.queue.runs["run1"]
    assert not session.steering.draws_noise(run, Choices())
    session.settings.sampler_options = {"eta": 1.0}
    assert session.steering.draws_noise(run, Choices())
    assert not session.steering.draws_noise(run, Choices(settings=False))
    session.settings.sampler = "ddpm"
    assert session.steering.draws_noise(run, Choices())
