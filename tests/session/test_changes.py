from __future__ import annotations

from dataclasses import replace

import pytest

from studio.core.adapters import Adapter
from studio.core.edits import Edit
from studio.core.geometry import Box
from studio.core.prompting.said import Said
from studio.core.recipe import Recipe
from studio.core.record import Asset, Origin, Record
from studio.session.changes import changed, changes, difference, edit_text, summary

BASE = Recipe(prompt="a red lighthouse by the sea at noon", sampler="ddim", guidance_scale=4.0)


def said(**values: object) -> str:
    return summary(changes(BASE, replace(BASE, **values)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"guidance_scale": 7.5}, "guidance 4 → 7.5"),
        ({"prompt": "a red lighthouse by the sea at night"}, "prompt −noon +night"),
        ({"negative_prompt": "people"}, "negative prompt +people"),
        ({"sampler": "euler"}, "sampler DDIM → Euler"),
        ({"sampler_options": {"eta": 0.5}}, "η 0 → 0.5"),
        ({"steps": 30, "seed": 3}, "steps 20 → 30, seed 0 → 3"),
        ({"box": Box(0, 0, 64, 64)}, "part seen changed"),
        ({"take": 5}, "picture from the end → step 5"),
        ({"batch": 4}, "same settings"),
        ({}, "same settings"),
    ],
)
def test_what_changed_is_said_in_one_line(values: dict[str, object], text: str) -> None:
    assert said(**values) == text


def test_a_prompt_that_is_all_different_is_only_named() -> None:
    found = changes(BASE, replace(BASE, prompt="forty little boats " * 5))
    assert summary(found) == "prompt"
    assert "forty little boats" in found[0].long


def test_another_sampler_s_options_are_not_compared() -> None:
    other = replace(BASE, sampler="ddpm", sampler_options={"variance": "beta"})
    assert [change.name for change in changes(BASE, other)] == ["sampler"]


def test_a_sampler_of_a_later_version_is_called_by_its_name() -> None:
    assert said(sampler="tomorrow") == "sampler DDIM → tomorrow"
    odd = replace(BASE, sampler="tomorrow")
    assert changes(odd, odd) == ()


def test_words_that_went_and_came() -> None:
    assert difference("a cat on a mat", "a dog on a big mat") == "−cat +dog +big"
    assert difference("same", "same") == ""


def test_a_branch_is_compared_with_its_parent() -> None:
    parent = Record(BASE, "p")
    child = Record(replace(BASE, guidance_scale=9.0), "c", origin=Origin("p", 7, parent))
    assert [change.name for change in changed(child)] == ["guidance"]
    assert changed(parent) == ()
    masked = replace(child, mask=Asset("0" * 64))
    assert summary(changed(masked)) == "guidance 4 → 9, mask a new one"


def test_a_branch_that_only_went_on_changed_nothing_even_from_an_edited_run() -> None:
    edited = replace(BASE, edits=(Edit(2, {"guidance_scale": 9.0}), Edit(8, {"prompt": "x"})))
    parent = Record(edited, "p")
    same = Record(edited.going_on(5), "c", origin=Origin("p", 5, parent))
    assert changed(same) == ()
    other = replace(same, recipe=replace(same.recipe, guidance_scale=4.0, edits=()))
    assert summary(changed(other)).startswith("guidance 9 → 4, edits on the way ")


def test_an_edit_is_said_with_its_step() -> None:
    edit = Edit(4, {"guidance_scale": 7.0, "sampler_options": {"eta": 1.0}})
    assert edit_text(edit) == "guidance 7, η 1 from step 4"
    assert edit_text(Edit(2, mask="0" * 64)) == "a new mask from step 2"
    worn = Edit(2, {"adapters": (Adapter("/models/anna", 0.8), Adapter("ink", 1.0, 0.0))})
    assert edit_text(worn) == "LoRAs anna 0.8, ink 1, text 0 from step 2"
    assert edit_text(Edit(2, {"adapters": ()})) == "LoRAs none from step 2"


def test_what_the_seed_made_of_a_wildcard_is_no_change_of_the_person_s() -> None:
    before = Recipe(prompt="{a|b}", said=(Said("prompt", 0, "{a|b}", "a"),))
    after = replace(before, said=(Said("prompt", 0, "{a|b}", "b"),))
    assert changes(before, after) == ()
