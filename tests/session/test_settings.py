from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.geometry import Size
from studio.core.recipe import MAX_SEED, Recipe
from studio.session.settings import Settings
from tests.session.scripted import LARGE, STARTER

recipes = st.builds(
    Recipe,
    prompt=st.text(max_size=20).map(str.strip),
    size=st.builds(Size, st.integers(1, 4096), st.integers(1, 4096)),
    steps=st.integers(1, 1000),
    sampler=st.sampled_from(["ddim", "euler_ancestral"]),
    sampler_options=st.fixed_dictionaries({"eta": st.floats(0, 1)}),
    guidance_scale=st.floats(0, 100),
    seed=st.integers(0, MAX_SEED),
    strength=st.just(1.0),
)


@settings(max_examples=50, deadline=None)
@given(recipes)
def test_an_adopted_recipe_comes_out_again(recipe: Recipe) -> None:
    panel = Settings(sampler="heun", sampler_options={})
    panel.adopt(recipe)
    assert panel.recipe() == recipe
    assert not panel.random_seed


@settings(max_examples=50, deadline=None)
@given(recipes)
def test_settings_survive_json(recipe: Recipe) -> None:
    panel, again = Settings(), Settings()
    panel.adopt(recipe)
    again.from_json(json.loads(json.dumps(panel.to_json())))
    assert again.to_json() == panel.to_json()


def test_damaged_settings_leave_the_defaults_and_keep_the_words() -> None:
    panel = Settings()
    panel.from_json({"steps": "many", "seed": True, "prompt": "a boat", "width": 0, "other": 1})
    default = Settings().width
    assert (panel.steps, panel.seed, panel.prompt, panel.width) == (20, 0, "a boat", default)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, -1.0, 7])
@pytest.mark.parametrize("field", ["strength", "fill_strength", "context", "guidance_rescale"])
def test_damaged_numbers_are_never_shown(field: str, value: float) -> None:
    panel = Settings()
    panel.from_json({"prompt": "a boat", field: value})
    assert panel.prompt == "a boat"
    assert 0 <= getattr(panel, field) <= 10
    panel.recipe(panel.strength).check()
    panel.recipe(panel.fill_strength).check()


def test_every_change_is_told_once() -> None:
    panel = Settings()
    told: list[object] = []
    panel.events.steps.connect(lambda value: told.append(value))
    panel.steps = 20
    panel.steps = 30
    assert told == [30]


def test_another_sampler_forgets_the_options_of_the_last() -> None:
    panel = Settings(sampler="ddim", sampler_options={"eta": 0.5})
    panel.sampler = "ddpm"
    assert panel.recipe().check().options() == {"variance": "posterior"}


def test_a_new_model_brings_its_defaults_but_not_over_what_was_chosen() -> None:
    panel = Settings(steps=20, guidance_scale=5.5)
    panel.suit(LARGE, STARTER)
    assert (panel.steps, panel.guidance_scale) == (30, 5.5)
    assert (panel.width, panel.height) == (1024, 1024)


def test_strength_goes_where_it_is_used() -> None:
    panel = Settings()
    panel.adopt(Recipe(strength=0.3))
    panel.adopt(Recipe(strength=0.8, prompt="a moon", fill="edges"), masked=True)
    panel.adopt(Recipe(strength=0.5, fill="edges"), masked=True)
    assert (panel.continue_strength, panel.fill) == (0.5, "edges")
    assert (panel.strength, panel.fill_strength) == (0.3, 0.8)
