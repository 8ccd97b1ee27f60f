"""What is asked for is what the model can be told."""

from __future__ import annotations

from dataclasses import replace

from studio.core.events import Catalogued
from studio.session.asking import recipe_of
from studio.session.session import Session
from tests.session.scripted import STARTER, mask_for, new_session, picture

DEAF = replace(STARTER, name="deaf", abilities=replace(STARTER.abilities, prompt=False))


def told() -> Session:
    session = new_session()
    session.receive(Catalogued((STARTER, DEAF)))
    session.settings.prompt = "a boat"
    session.settings.negative_prompt = "fog"
    return session


def test_words_left_from_another_model_are_not_in_the_recipe_of_one_that_takes_none() -> None:
    session = told()
    assert (recipe_of(session).prompt, recipe_of(session).negative_prompt) == ("a boat", "fog")
    session.settings.model = "deaf"
    assert (recipe_of(session).prompt, recipe_of(session).negative_prompt) == ("", "")
    assert session.settings.prompt == "a boat"


def test_nor_do_they_make_its_fill_one_with_words() -> None:
    session = told()
    session.desk.bring(picture(), "photo.jpg")
    session.document.set_mask(mask_for(picture()))
    assert recipe_of(session).strength == session.settings.fill_strength
    session.settings.model = "deaf"
    assert recipe_of(session).strength == session.settings.continue_strength
    assert session.settings.continue_strength != session.settings.fill_strength
