from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.errors import BadInput
from studio.core.events import (
    Awake,
    Catalogued,
    Event,
    Failed,
    Looked,
    Plan,
    Queued,
    Started,
    Stopped,
)
from studio.core.geometry import Box, Size
from studio.core.recipe import Recipe
from studio.core.record import Asset, Origin, Record
from studio.core.request import Fork
from studio.core.wishes import Look
from studio.library.library import Entry
from studio.session.message import Message
from studio.session.session import Session
from tests.session.scripted import (
    LARGE,
    STARTER,
    Scripted,
    Shelf,
    asked,
    mask_for,
    new_session,
    picture,
    play,
    stepped,
)


@pytest.fixture
def session() -> Session:
    return new_session()


def said(session: Session) -> list[Message]:
    messages: list[Message] = []
    session.said.connect(lambda message: messages.append(message))
    return messages


def test_generate_asks_for_what_the_panel_says(session: Session) -> None:
    session.settings.prompt = " a red lighthouse "
    session.settings.random_seed = False
    session.settings.seed = 7
    run = session.generate()
    assert run is not None
    (request,) = asked(session)
    size = STARTER.abilities.native_size
    assert request.recipe == Recipe(prompt="a red lighthouse", seed=7, size=size)
    assert (request.source, request.mask, request.fork) == (None, None, None)


def test_a_random_seed_is_drawn_anew_and_shown(session: Session) -> None:
    seeds = set()
    for _ in range(4):
        session.generate()
        seeds.add(session.settings.seed)
    assert seeds == {request.recipe.seed for request in asked(session)}
    assert len(seeds) > 1


def test_generate_before_the_engine_is_awake_waits_its_turn() -> None:
    session = Session(Scripted(), Shelf())  # type: ignore[arg-type]
    run = session.generate()
    assert run is not None
    assert run.state == "queued"


def test_a_photo_is_refined_and_a_mask_filled(session: Session) -> None:
    photo = picture(3, 64, 32)
    session.desk.bring(photo, "photo.jpg")
    session.settings.strength, session.settings.fill_strength = 0.4, 0.7
    session.generate()
    session.document.set_mask(mask_for(photo))
    session.settings.prompt = "a boat"
    session.generate()
    session.settings.prompt = " "
    session.generate()
    refine, fill, going_on = asked(session)
    assert (fill.recipe.fill, fill.recipe.colour_match) == ("original", 1.0)
    assert (going_on.recipe.fill, going_on.recipe.strength) == ("blurred", 0.5)
    assert (refine.source, refine.mask, refine.recipe.strength) == (photo, None, 0.4)
    assert (fill.source, fill.recipe.strength, fill.source_name) == (photo, 0.7, "photo.jpg")
    assert fill.mask is not None


def test_a_result_is_put_on_a_free_canvas_and_generate_stays_generate(session: Session) -> None:
    session.generate()
    (result,) = play(session, "run1")
    assert session.document.picture is result.picture
    assert session.viewing.shown is None
    assert session.action == "generate"
    session.generate()
    assert asked(session)[1].source is None


def test_the_newest_step_is_shown_while_a_run_goes(session: Session) -> None:
    session.generate()
    play(session, "run1", finish=False)
    shown = session.viewing.shown
    assert shown is not None
    assert (shown.kind, shown.caption) == ("live", "Prediction · Step 3 · σ 1.25 · preview")


def test_a_fill_is_offered_and_accepted_in_one_undo_step(session: Session) -> None:
    photo = picture(3)
    session.desk.bring(photo, "photo.jpg")
    session.document.set_mask(mask_for(photo))
    session.generate()
    (result,) = play(
        session, "run1", plan=Plan(Box(0, 0, 16, 16), Size(16, 16), 2), changed_outside=0
    )
    assert session.document.picture is photo
    shown = session.viewing.shown
    assert shown is not None
    assert shown.picture is result.picture
    assert shown.caption == "Result · 0 pixels changed outside the mask"
    session.viewing.accept()
    assert session.document.picture is result.picture
    assert not session.document.has_mask
    session.document.undo()
    assert session.document.picture is photo
    assert session.document.has_mask


def test_painting_takes_what_is_seen(session: Session) -> None:
    photo = picture(3)
    session.desk.bring(photo, "photo.jpg")
    session.generate()
    (result,) = play(session, "run1")
    session.viewing.settle()
    assert session.document.picture is result.picture
    assert session.viewing.shown is None


def test_a_discarded_result_leaves_the_picture(session: Session) -> None:
    photo = picture(3)
    session.desk.bring(photo, "photo.jpg")
    session.generate()
    play(session, "run1")
    assert session.viewing.leave()
    assert session.viewing.offer is None
    assert session.document.picture is photo
    assert not session.viewing.leave()


def test_a_mask_painted_meanwhile_is_not_lost(session: Session) -> None:
    session.generate()
    (first,) = play(session, "run1")
    session.generate()
    session.document.set_mask(mask_for(first.picture))
    play(session, "run2")
    assert session.document.has_mask
    assert session.viewing.offer is not None


def test_pictures_of_a_batch_can_be_chosen(session: Session) -> None:
    session.settings.batch = 3
    session.generate()
    results = play(session, "run1")
    session.viewing.choose(2)
    assert session.document.picture is results[2].picture
    assert session.seed_shown == results[2].record.recipe.seed
    session.viewing.choose(3)
    assert session.document.picture is results[2].picture


def test_a_step_is_looked_at_and_left_again(session: Session) -> None:
    session.generate()
    (result,) = play(session, "run1")
    session.select_step(1)
    session.look()
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    assert backend.wishes[-2:] == [Look("run1", 1, exact=False), Look("run1", 1)]
    asked_for = len(backend.wishes)
    sharp = picture(9, 128, 128)
    session.receive(Looked("run1", 1, 0, sharp))
    shown = session.viewing.shown
    assert shown is not None
    assert shown.picture is sharp
    session.look()
    assert len(backend.wishes) == asked_for
    session.select_step(None)
    assert session.viewing.shown is None
    assert session.document.picture is result.picture


def test_a_branch_keeps_what_cannot_change_on_the_way(session: Session) -> None:
    session.settings.prompt = "a lighthouse"
    run = session.generate()
    assert run is not None
    play(session, "run1")
    session.settings.prompt, session.settings.steps = "a windmill", 50
    session.settings.guidance_scale = 6.0
    session.branch("run1", 2)
    request = asked(session)[1]
    assert request.fork == Fork("run1", 2)
    assert (request.recipe.prompt, request.recipe.guidance_scale) == ("a windmill", 6.0)
    assert (request.recipe.steps, request.recipe.seed) == (run.recipe.steps, run.recipe.seed)


def test_a_branch_of_a_run_that_was_forgotten_is_refused_in_words(session: Session) -> None:
    messages = said(session)
    assert session.branch("long ago", 2) is None
    assert "memory" in messages[0].text
    assert not asked(session)


@pytest.mark.parametrize("end", [Stopped("run1"), Failed("run1", "The disk is full.", "", "")])
def test_pictures_saved_before_a_batch_ended_early_are_in_the_history(
    session: Session, end: Event
) -> None:
    session.settings.batch = 2
    session.generate()
    assert isinstance(session.library, Shelf)
    session.library.entries = [first_of_batch := object()]
    session.receive(end)
    assert session.past.entries == (first_of_batch,)


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (Record(Recipe()), "Generate makes this picture again."),
        (Record(Recipe(), source=Asset("0" * 64, "photo.jpg")), "photo.jpg"),
        (Record(Recipe(), origin=Origin("r", 3, Record(Recipe()))), "branched"),
    ],
)
def test_a_recipe_says_whether_it_is_all_there_is_to_a_picture(
    session: Session, record: Record, says: str
) -> None:
    messages = said(session)
    session.past.use_recipe(Entry(1, Path("a.png"), 0.0, record, b""))
    text = f"{messages[0].text} {messages[0].hint}"
    assert says in text
    assert ("makes this picture again" in text) == (not record.source and not record.origin)


def test_cancel_stops_what_goes_and_says_so_at_once(session: Session) -> None:
    first, second = session.generate(), session.generate()
    assert first is not None
    assert second is not None
    session.receive(Started("run1", first.recipe, 0, 4))
    assert session.queue.cancel()
    assert first.stopping
    assert session.queue.cancel()
    assert not session.queue.cancel()
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    assert backend.cancelled == ["run1", "run2"]
    session.receive(Stopped("run1"))
    session.receive(stepped("run1", 1))
    assert (first.state, first.previews) == ("stopped", {})
    assert session.queue.active == [second]


def test_cancel_all_empties_the_queue(session: Session) -> None:
    for _ in range(3):
        session.generate()
    session.queue.cancel_all()
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    assert sorted(backend.cancelled) == ["run1", "run2", "run3"]


def test_failures_are_said(session: Session) -> None:
    messages = said(session)
    session.generate()
    session.receive(Failed("run1", "Out of memory.", "Choose a smaller size.", "trace"))
    session.receive(Failed("", "The device is gone.", "Restart.", ""))
    assert [message.text for message in messages] == ["Out of memory.", "The device is gone."]
    assert messages[0].details == "trace"
    assert not session.queue.active


def test_a_picture_that_could_not_be_kept_is_shown_to_be_saved_elsewhere(session: Session) -> None:
    messages = said(session)
    session.generate()
    play(session, "run1", steps=4, finish=False)
    session.receive(Failed("run1", "There is no room left.", "Make room.", ""))
    assert "Save as" in messages[0].hint
    shown = session.viewing.shown
    assert shown is not None
    assert (session.viewing.step, shown.kind) == (3, "step")
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    assert backend.wishes[-1] == Look("run1", 3)


def test_a_run_that_failed_on_its_way_has_nothing_to_save(session: Session) -> None:
    messages = said(session)
    session.generate()
    recipe = session.queue.runs["run1"].recipe
    session.receive(Started("run1", recipe, 0, 4))
    session.receive(stepped("run1", 0))
    session.receive(Failed("run1", "Out of memory.", "Choose a smaller size.", ""))
    assert messages[0].hint == "Choose a smaller size."
    assert session.viewing.step is None


def test_a_refused_request_is_said_and_leaves_no_run(session: Session) -> None:
    messages = said(session)
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    backend.refuse = BadInput("The queue is full.", "Wait.")
    assert session.generate() is None
    assert [message.text for message in messages] == ["The queue is full."]
    assert not session.queue.runs


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"width": 100}, "multiples of 8"),
        ({"steps": 0}, "Steps"),
        ({"model": "gone"}, "no model named gone"),
        ({"prompt": "word " * 6000}, "6000 words"),
    ],
)
def test_what_cannot_work_is_said_and_not_asked(
    session: Session, changes: dict[str, object], words: str
) -> None:
    messages = said(session)
    for field, value in changes.items():
        setattr(session.settings, field, value)
    assert session.generate() is None
    assert words in messages[0].text
    assert asked(session) == []


def test_a_model_that_takes_no_pictures_says_so(session: Session) -> None:
    session.settings.model = "large"
    assert session.why_not is None
    session.desk.bring(picture(), "photo.jpg")
    assert "cannot start from a picture" in str(session.why_not)


def test_a_chosen_model_brings_its_own_size(session: Session) -> None:
    session.settings.model = "large"
    assert (session.settings.width, session.settings.steps) == (1024, LARGE.abilities.default_steps)
    session.settings.model = "starter"
    assert (session.settings.width, session.settings.steps) == (128, 20)


def test_an_unknown_model_gives_way_to_one_that_is_there() -> None:
    session = Session(Scripted(), Shelf())  # type: ignore[arg-type]
    session.settings.model = "gone"
    session.receive(Catalogued((STARTER,)))
    assert session.settings.model == "starter"


def test_the_engine_tells_its_device(session: Session) -> None:
    told: list[str] = []
    session.awake.connect(lambda text: told.append(text))
    session.receive(Awake("cuda:0", "NVIDIA"))
    assert (told, session.device) == (["NVIDIA"], "NVIDIA")


def test_runs_started_elsewhere_are_known_too(session: Session) -> None:
    session.receive(Queued("other", Recipe(prompt="b")))
    assert [run.id for run in session.queue.active] == ["other"]
    assert session.past.prompts() == ("b",)


def test_old_runs_are_forgotten(session: Session) -> None:
    for number in range(1, 80):
        session.generate()
        play(session, f"run{number}", steps=1)
    assert len(session.queue.runs) <= 62
    assert "run79" in session.queue.runs
