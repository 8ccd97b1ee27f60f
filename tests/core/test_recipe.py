import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import BadInput
from studio.core.geometry import Box, Margins, Size
from studio.core.recipe import MAX_SEED, Recipe, dumps
from studio.core.record import Asset, Origin, Record
from studio.core.samplers import SAMPLERS

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
recipes = st.builds(
    Recipe,
    prompt=text,
    negative_prompt=text,
    model=text,
    size=st.builds(Size, st.integers(1, 4096), st.integers(1, 4096)),
    steps=st.integers(1, 1000),
    sampler=st.sampled_from(sorted(SAMPLERS)),
    guidance_scale=st.floats(0, 30),
    guidance_rescale=st.floats(0, 1),
    seed=st.integers(0, MAX_SEED),
    batch=st.integers(1, 8),
    strength=st.floats(0.01, 1),
)
assets = st.none() | st.builds(Asset, st.text("0123456789abcdef", min_size=64, max_size=64), text)
records = st.builds(
    Record, recipes, text, st.integers(0, 9), source=assets, mask=assets, model_hash=text
)


@given(recipes)
def test_a_recipe_survives_json(recipe: Recipe) -> None:
    assert Recipe.from_json(json.loads(dumps(recipe.to_json()))) == recipe
    assert recipe.check() is recipe


@given(records, records)
def test_a_record_survives_json_with_its_ancestors(record: Record, parent: Record) -> None:
    branch = replace(record, origin=Origin("run", 3, parent), software=(("torch", "2"),))
    assert Record.from_json(json.loads(dumps(branch.to_json()))) == branch


def test_sampler_options_survive_json_and_cannot_be_changed() -> None:
    recipe = Recipe(sampler_options={"eta": 0.5})
    assert Recipe.from_json(json.loads(dumps(recipe.to_json()))) == recipe
    with pytest.raises(TypeError):
        recipe.sampler_options["eta"] = 1.0  # type: ignore[index]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"steps": 0}, "Steps"),
        ({"steps": 10001}, "Steps"),
        ({"steps": True}, "Steps"),
        ({"size": Size(0, 0)}, "Width"),
        ({"size": Size(100000, 100000)}, "Width"),
        ({"size": Size(64, -1)}, "Height"),
        ({"seed": -1}, "Seed"),
        ({"seed": MAX_SEED + 1}, "Seed"),
        ({"batch": 0}, "Batch"),
        ({"guidance_scale": float("nan")}, "Guidance"),
        ({"strength": 0.0}, "Strength"),
        ({"strength": 1.5}, "Strength"),
        ({"sampler": "magic"}, "magic"),
        ({"sampler_options": {"eta": 2.0}}, "between"),
        ({"sampler_options": {"speed": 1.0}}, "speed"),
        ({"spacing": "odd"}, "spacing"),
        ({"sigmas": "odd"}, "sigmas"),
        ({"prompt": "word " * 10000}, "10000 words"),
    ],
)
def test_what_cannot_work_is_said_in_one_sentence(changes: dict[str, object], word: str) -> None:
    with pytest.raises(BadInput, match=word) as caught:
        replace(Recipe(), **changes).check()  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        {"size": 3},
        {"size": ["a", "b"]},
        {"steps": "many"},
        {"steps": None},
        {"steps": True},
        {"steps": float("inf")},
    ],
)
def test_a_damaged_recipe_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="recipe"):
        Recipe.from_json(data)


@pytest.mark.parametrize("data", [{}, {"format": 1}, {"format": "x"}, {"format": 1, "recipe": 3}])
def test_a_damaged_record_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(BadInput, match=r"damaged|read"):
        Record.from_json(data)


def test_a_record_of_absurdly_many_ancestors_is_refused() -> None:
    data = Record(Recipe()).to_json()
    for _ in range(2000):
        data = {**data, "origin": {"run": "r", "step": 1, "record": data}}
    with pytest.raises(BadInput, match="damaged"):
        Record.from_json(data)


def test_a_record_of_a_later_version_says_so() -> None:
    with pytest.raises(BadInput, match="later version"):
        Record.from_json({"format": 99})


def test_keys_of_a_later_version_are_left_out() -> None:
    assert Recipe.from_json({"prompt": "x", "novelty": 3}) == Recipe(prompt="x")


def test_each_picture_of_a_batch_has_a_recipe_of_its_own() -> None:
    batch = Recipe(seed=7, batch=3)
    assert [batch.single(i).seed for i in range(3)] == [7, 8, 9]
    assert {batch.single(i).batch for i in range(3)} == {1}
    assert replace(batch, seed=MAX_SEED).single(1).seed == 0


def test_what_a_fill_is_made_with_goes_through_json():
    recipe = Recipe(
        box=Box(1, 2, 30, 40), extend=Margins(1, 0, 3, 4), fill="edges", colour_match=0.5, tile=256
    )
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe
    assert Recipe.from_json({}).box is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"box": [1, 2, 3]},
        {"box": "all"},
        {"extend": [1, 2, 3, "x"]},
        {"extend": None},
        {"tile": "large"},
    ],
)
def test_damaged_parts_of_a_fill_are_refused(wrong):
    with pytest.raises(BadInput):
        Recipe.from_json(wrong)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"fill": "magic"}, "fill"),
        ({"inpaint_channels": "maybe"}, "channels"),
        ({"colour_match": 1.5}, "Colour match"),
        ({"extend": Margins(-1)}, "left"),
        ({"box": Box(3, 3, 0, 9)}, "empty"),
        ({"tile": -1}, "Tile"),
    ],
)
def test_what_cannot_be_filled_is_said(changes, word):
    with pytest.raises(BadInput, match=word):
        Recipe(**changes).check()


@pytest.mark.parametrize("tile", [5, -1, 31, 20000])
def test_a_part_that_no_model_can_work_on_is_refused_with_the_bounds(tile: int) -> None:
    with pytest.raises(BadInput, match="from 32 to 16384"):
        Recipe(tile=tile).check()
    Recipe(tile=0).check()
