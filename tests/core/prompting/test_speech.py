"""What each picture of a batch is told, and that it stays so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from studio.core.adapters import Adapter
from studio.core.edits import Edit
from studio.core.errors import BadInput
from studio.core.prompting.older import renewed
from studio.core.prompting.speech import resolved, spoken, unknown
from studio.core.recipe import Recipe
from studio.core.record import Record

PROMPT = "a {red|green|blue|white|black} boat"


def nothing(name: str) -> Sequence[str]:
    return ()


def everything(name: str) -> bool:
    return True


def told(recipe: Recipe) -> list[str]:
    return [spoken(recipe, image, everything).prompt for image in range(recipe.batch)]


def test_a_picture_of_a_batch_is_told_what_its_seed_alone_is_told() -> None:
    recipe = Recipe(prompt=PROMPT, seed=7, batch=6)
    together = told(resolved(recipe, nothing))
    alone = [told(resolved(recipe.single(image), nothing))[0] for image in range(6)]
    assert together == alone
    assert len(set(together)) > 1
    assert recipe.prompt == PROMPT


def test_what_was_said_stays_when_the_file_has_changed() -> None:
    recipe = Recipe(prompt="a __colour__ boat", negative_prompt="{fog|rain}", seed=7)
    before = resolved(recipe, lambda name: ["red"])
    kept = Recipe.from_json(before.to_json())
    assert kept.said == before.said
    assert told(resolved(kept, lambda name: ["green"])) == ["a red boat"]
    assert told(resolved(replace(kept, seed=8), lambda name: ["green"])) == ["a green boat"]
    assert told(resolved(recipe, lambda name: ["green"])) == ["a green boat"]
    assert kept == recipe, "what is remembered is no change of the recipe"


def test_an_edit_can_have_wildcards_too() -> None:
    recipe = Recipe(prompt="sea", edits=(Edit(3, {"prompt": PROMPT}),))
    found = resolved(recipe, nothing)
    assert told(found) == ["sea"]
    assert "{" not in told(found.at(3))[0]


def test_one_picture_s_recipe_remembers_its_own() -> None:
    found = resolved(Recipe(prompt=PROMPT, seed=7, batch=3), nothing)
    assert len(found.said) == 3
    assert [one.seed for one in found.single(1).said] == [8]


def test_a_tag_is_worn_beside_what_the_panel_says() -> None:
    recipe = Recipe(prompt="a <lora:ink:0.5> boat <lora:gone>", adapters=(Adapter("anna"),))
    alone = spoken(recipe, 0, lambda name: name == "ink")
    assert alone.prompt == "a  boat <lora:gone>"
    assert alone.adapters == (Adapter("anna"), Adapter("ink", 0.5))
    assert unknown(recipe, lambda name: name == "ink") == ("gone",)


def test_damaged_words_are_refused() -> None:
    with pytest.raises(BadInput):
        Recipe.from_json({"said": [{"role": "prompt"}]})


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ("a red boat", "a red boat"),
        ("a (red:1.2) boat (", "a (red:1.2) boat ("),
        ("(red)", r"\(red\)"),
        ("((red:1.2))", r"\((red:1.2)\)"),
        ("{a|b} __c__ [d] BREAK", r"\{a\|b\} \__c\__ \[d\] \BREAK"),
        ("<lora:a:1>", r"\<lora:a:1\>"),
        (r"a\(b", r"a\\\(b"),
    ],
)
def test_prompts_of_earlier_records_mean_what_they_meant(then: str, now: str) -> None:
    data = Record(Recipe(prompt=then, edits=(Edit(1, {"prompt": then}),))).to_json()
    recipe = Record.from_json(data | {"format": 1}).recipe
    assert recipe.prompt == recipe.edits[0].changes["prompt"] == renewed(then) == now
    assert Record.from_json(data).recipe.prompt == then
