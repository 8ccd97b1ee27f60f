from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from studio.cli.loras import adapter, weighed
from studio.cli.parser import build
from studio.cli.pictures import recipe_from
from studio.cli.way import on_the_way
from studio.core.adapters import Adapter
from studio.core.recipe import Recipe


def asked(*words: str, base: Recipe | None = None) -> Recipe:
    commands = dict.fromkeys(
        ["generate", "branch", "replay", "export", "explain", "inspect", "models", "doctor"],
        lambda args: 0,
    )
    args = build(commands).parse_args(["generate", *words])
    return on_the_way(recipe_from(base or Recipe(), args), args).check()


def test_loras_are_named_with_their_weights() -> None:
    recipe = asked(
        "--lora", "ink:0.8", "--lora", "styles/oil", "--lora", "ink:0.1", "--vae", "soft"
    )
    assert [(one.name, round(one.weight, 6)) for one in recipe.adapters] == [
        ("ink", 0.9),
        ("styles/oil", 1.0),
    ]
    assert recipe.vae == "soft"


def test_left_out_they_are_the_parents() -> None:
    base = Recipe(adapters=(Adapter("ink"),), vae="soft")
    assert asked("--steps", "8", base=base).adapters == base.adapters
    assert asked("--steps", "8", base=base).vae == "soft"


@pytest.mark.parametrize(
    ("text", "name", "weight"),
    [("a", "a", 1.0), ("a:-1", "a", -1.0), ("a:b", "a:b", 1.0), (r"C:\a:2", r"C:\a", 2.0)],
)
def test_a_colon_may_be_a_part_of_the_name(text: str, name: str, weight: float) -> None:
    assert adapter(text) == Adapter(name, weight)


def test_a_file_is_named_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.safetensors").touch()
    monkeypatch.chdir(tmp_path)
    assert adapter("a.safetensors:0.5") == Adapter(str(tmp_path / "a.safetensors"), 0.5)
    with pytest.raises(argparse.ArgumentTypeError):
        adapter("")


def test_a_weight_can_be_edited_on_the_way() -> None:
    recipe = asked("--lora", "ink", "--lora", "oil", "--edit", "3:lora=ink:0.2")
    assert recipe.at(2).adapters == (Adapter("ink"), Adapter("oil"))
    assert recipe.at(3).adapters == (Adapter("ink", 0.2), Adapter("oil"))
    assert weighed(recipe, Adapter("new")) == (Adapter("ink"), Adapter("oil"), Adapter("new"))
