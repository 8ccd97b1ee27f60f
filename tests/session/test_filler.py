"""When a photo is filled from itself, and what is asked for then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.core.events import Catalogued
from studio.core.geometry import Size
from studio.core.model_info import Abilities, ModelInfo
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.session.desk import Known
from studio.session.filler import from_photo, maker_of
from studio.session.message import Message
from studio.session.session import Session
from tests.session.scripted import LARGE, STARTER, asked, mask_for, new_session, picture

POSTERS = replace(STARTER, abilities=replace(STARTER.abilities, photos=False))
ITSELF = ModelInfo(
    "patches",
    "This photo",
    "patches",
    None,
    Abilities(
        Size(768, 768),
        1,
        prompt=False,
        negative_prompt=False,
        inpaint_channels=True,
        mask_needed=True,
        own_scale=True,
        least_context=1.0,
        default_fill="edges",
        default_steps=32,
        default_guidance=1.0,
        photos=False,
    ),
)


@pytest.fixture
def session() -> Session:
    session = new_session()
    session.receive(Catalogued((POSTERS, ITSELF)))
    return session


def paint(session: Session) -> None:
    photo = session.document.picture
    assert photo is not None
    session.document.set_mask(mask_for(photo))


def test_a_photo_without_words_is_filled_from_itself(session: Session) -> None:
    session.settings.batch, session.settings.seed, session.settings.random_seed = 3, 41, False
    session.desk.bring(picture(), "photo.jpg")
    assert maker_of(session) is POSTERS
    paint(session)
    assert maker_of(session) is ITSELF
    assert from_photo(session)
    assert session.why_not is None
    session.generate()
    recipe = asked(session)[-1].recipe
    assert (recipe.model, recipe.steps, recipe.fill) == ("patches", 32, "edges")
    assert (recipe.strength, recipe.guidance_scale, recipe.prompt) == (1.0, 1.0, "")
    assert (recipe.batch, recipe.seed) == (3, 41)
    # Nothing that the person had set is another for it.
    assert (session.settings.model, session.settings.steps) == ("starter", 20)


def test_a_prompt_switches_to_the_chosen_model_and_back(session: Session) -> None:
    session.desk.bring(picture(), "photo.jpg")
    paint(session)
    told: list[bool] = []
    session.action_changed.connect(lambda: told.append(from_photo(session)))
    session.settings.prompt = "a boat"
    assert told[-1] is False
    assert session.recipe().model == "starter"
    session.settings.prompt = "  "
    assert told[-1] is True
    assert session.recipe().model == "patches"


def test_with_a_model_of_photos_or_on_a_picture_made_here_the_chosen_one_fills(
    session: Session,
) -> None:
    session.desk.bring(picture(), "photo.jpg")
    paint(session)
    session.receive(Catalogued((POSTERS, LARGE, ITSELF)))
    assert maker_of(session) is POSTERS
    session.receive(Catalogued((POSTERS, ITSELF)))
    made = Known(Path("made.png"), Record(Recipe()))
    session.desk.place(picture(50), made)
    paint(session)
    assert maker_of(session) is POSTERS
    # What was filled from itself before is a photo still.
    again = Known(Path("made.png"), Record(Recipe(model="patches")))
    session.desk.place(picture(60), again)
    paint(session)
    assert maker_of(session) is ITSELF


def test_chosen_by_hand_it_needs_a_mask_and_takes_no_words(session: Session) -> None:
    session.settings.prompt = "a boat"
    session.settings.model = "patches"
    assert session.settings.steps == 32
    assert session.why_not is not None
    assert "fills what is painted over" in str(session.why_not)
    session.desk.bring(picture(), "photo.jpg")
    assert session.why_not is not None
    paint(session)
    assert session.why_not is None
    session.settings.steps = 12
    recipe = session.recipe()
    assert (recipe.model, recipe.steps, recipe.prompt) == ("patches", 12, "")


def test_the_plan_is_of_the_pictures_own_pixels(session: Session) -> None:
    session.desk.bring(picture(width=900, height=700), "photo.jpg")
    paint(session)
    plan = session.planner.plan
    assert plan is not None
    assert plan.working_size == plan.box.size
    session.settings.prompt = "a boat"
    plan = session.planner.plan
    assert plan is not None
    assert plan.working_size == Size(128, 128)


def test_a_fill_asked_for_before_the_models_are_known_waits_for_them() -> None:
    session = new_session()
    session.models, session.catalogued = (), False
    said: list[Message] = []
    session.said.connect(said.append)
    photo = picture(90, 200, 150)
    session.desk.bring(photo, "photo.jpg")
    session.document.set_mask(mask_for(photo))
    assert session.generate() is None
    assert session.generate() is None
    assert len(said) == 1
    assert "when the models are known" in said[0].text
    session.receive(Catalogued((POSTERS, ITSELF)))
    (request,) = asked(session)
    assert request.recipe.model == "patches"
    session.receive(Catalogued((POSTERS, ITSELF)))
    assert len(asked(session)) == 1
