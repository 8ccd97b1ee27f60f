import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.adapters import Adapter, joined
from studio.core.edits import Edit
from studio.core.errors import BadInput
from studio.core.recipe import Recipe, dumps

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
weights = st.floats(-10, 10)
adapters = st.builds(Adapter, names, weights, st.none() | weights)


@given(st.lists(adapters, max_size=4), names)
def test_a_recipe_with_adapters_survives_json(worn: list[Adapter], vae: str) -> None:
    edit = Edit(1, {"adapters": (Adapter("other", 0.5),)})
    recipe = Recipe(adapters=tuple(worn), vae=vae, files={"lora/a": "00"}, edits=(edit,))
    again = Recipe.from_json(json.loads(dumps(recipe.to_json())))
    assert again == recipe.check()
    assert again.files == {"lora/a": "00"}


def test_a_recipe_of_before_there_were_adapters_reads_as_before() -> None:
    data = Recipe(prompt="a hill").to_json()
    for name in ("adapters", "vae", "files"):
        del data[name]
    assert Recipe.from_json(data) == Recipe(prompt="a hill")


def test_which_files_there_were_does_not_make_it_another_recipe() -> None:
    assert Recipe(files={"lora/a": "00"}) == Recipe()


def test_an_edit_of_the_weights_holds_from_its_step_on() -> None:
    recipe = Recipe(adapters=(Adapter("a"),), edits=(Edit(3, {"adapters": (Adapter("a", 0.5),)}),))
    assert recipe.at(2).adapters == (Adapter("a"),)
    assert recipe.at(3).adapters == (Adapter("a", 0.5),)
    assert recipe.going_on(4).adapters == (Adapter("a", 0.5),)


@pytest.mark.parametrize(
    "wrong", [Adapter(""), Adapter("a", float("nan")), Adapter("a", 11.0), Adapter("a", 1.0, -11.0)]
)
def test_a_weight_that_cannot_be_is_refused(wrong: Adapter) -> None:
    with pytest.raises(BadInput):
        replace(Recipe(), adapters=(wrong,)).check()


@pytest.mark.parametrize("wrong", [[{"weight": 1}], [{"name": 3}], [{"name": "a", "weight": []}]])
def test_damaged_adapters_are_an_error(wrong: list[object]) -> None:
    with pytest.raises(BadInput):
        Recipe.from_json({**Recipe().to_json(), "adapters": wrong})


def test_the_same_adapter_twice_adds_up() -> None:
    twice = joined((Adapter("a", 0.5), Adapter("b"), Adapter("a", 0.25, 1.0)))
    assert twice == (Adapter("a", 0.75, 1.5), Adapter("b"))
    assert joined((Adapter("a", 0.5, 0.0), Adapter("a", 0.5, 1.0))) == (Adapter("a", 1.0),)
