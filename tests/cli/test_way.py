"""Changing a run on its way, ending it early and branching from it, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from studio.cli import main
from studio.core.edits import Edit
from studio.imaging.metadata import read_record
from studio.library.folders import Folders
from tests.cli.test_commands import TOY, home, photo, pixels, spot

__all__ = ["home"]
RED = ["generate", "--prompt", "red", *TOY, "--steps", "8"]


def test_edits_are_in_the_recipe_and_replay(capsys: pytest.CaptureFixture[str]) -> None:
    edits = ["--edit", "3:prompt=blue: a=b", "--edit", "3:guidance=2", "--edit", "5:eta=1"]
    assert main([*RED, *edits, "--out", "a.png"]) == 0
    assert read_record(Path("a.png")).recipe.edits == (
        Edit(3, {"prompt": "blue: a=b", "guidance_scale": 2.0}),
        Edit(5, {"sampler_options": {"eta": 1.0}}),
    )
    assert main(["replay", "a.png"]) == 0
    assert "Every pixel is the same" in capsys.readouterr().out
    assert main([*RED, "--out", "b.png"]) == 0
    assert not np.array_equal(pixels("a.png"), pixels("b.png"))


def test_an_edit_is_the_branch_with_that_change() -> None:
    main([*RED, "--out", "a.png", "--trajectory", "t"])
    main([*RED, "--edit", "5:negative=white", "--edit", "5:rescale=0.5", "--out", "b.png"])
    command = ["branch", "t", "--step", "5", "--negative", "white", "--rescale", "0.5"]
    assert main([*command, "--out", "c.png"]) == 0
    assert np.array_equal(pixels("b.png"), pixels("c.png"))


def test_a_mask_lets_only_its_region_change_from_there_on() -> None:
    spot(Path("mask.png"), 64, 48)
    main([*RED, "--take", "4", "--out", "taken.png"])
    edits = ["--edit", "5:prompt=blue", "--edit", "5:mask=mask.png"]
    assert main([*RED, *edits, "--out", "a.png"]) == 0
    far = (slice(0, 8), slice(0, 16))
    assert np.array_equal(pixels("a.png")[far], pixels("taken.png")[far])
    assert main(["replay", "a.png"]) == 0


def test_the_picture_can_be_what_a_step_predicts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RED, "--take", "4", "--out", "a.png"]) == 0
    assert main([*RED, "--out", "b.png", "--trajectory", "t"]) == 0
    assert np.array_equal(pixels("a.png"), pixels("t/x0_004.png"))
    assert main(["branch", "t", "--step", "3", "--take", "4", "--out", "c.png"]) == 0
    assert np.array_equal(pixels("a.png"), pixels("c.png"))
    capsys.readouterr()
    for name in ("a.png", "c.png"):
        assert main(["replay", name]) == 0


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "gone"])
def test_a_branch_needs_no_more_than_the_picture(kept: bool) -> None:
    main([*RED, "--batch", "2", "--sampler", "euler_ancestral", "--out", "a.png"])
    main([*RED, "--sampler", "euler_ancestral", "--out", "b.png"])
    if not kept:
        for file in Folders.default().runs.glob("*.safetensors"):
            file.unlink()
    for name in ("a-2.png", "b.png"):
        assert main(["branch", name, "--step", "5", "--out", "same.png"]) == 0
        assert np.array_equal(pixels("same.png"), pixels(name))
        command = ["branch", name, "--step", "5", "--prompt", "blue", "--seed", "3"]
        assert main([*command, "--out", "other.png"]) == 0
        assert not np.array_equal(pixels("other.png"), pixels(name))
        assert main(["replay", "other.png"]) == 0


def test_a_region_of_a_finished_picture_is_changed_by_its_picture_alone() -> None:
    main([*RED, "--batch", "2", "--out", "a.png"])
    spot(Path("mask.png"), 64, 48)
    command = ["branch", "a-2.png", "--step", "2", "--prompt", "blue", "--mask", "mask.png"]
    assert main([*command, "--feather", "2", "--out", "b.png"]) == 0
    changed = (pixels("a-2.png") != pixels("b.png")).any(axis=2)
    assert changed[32:48, 42:62].any()
    assert not changed[:24].any()
    assert main(["replay", "b.png"]) == 0


def test_the_rest_is_as_many_steps_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    main([*RED, "--out", "a.png", "--trajectory", "t"])
    for rest in (3, 5, 11):
        command = ["branch", "t", "--step", "3", "--rest", str(rest), "--trajectory", "u"]
        assert main([*command, "--out", "b.png"]) == 0
        assert len(list(Path("u").glob("x0_*.png"))) == 3 + rest
        assert np.array_equal(pixels("a.png"), pixels("b.png")) == (rest == 5)
    assert main(["replay", "b.png"]) == 0


def test_a_branch_of_a_changed_run_goes_on_with_what_held_there() -> None:
    edits = ["--edit", "2:prompt=green", "--edit", "6:guidance=1"]
    main([*RED, *edits, "--out", "a.png", "--trajectory", "t"])
    for step in ("1", "4", "7", "8"):
        assert main(["branch", "t", "--step", step, "--out", "b.png"]) == 0
        assert np.array_equal(pixels("a.png"), pixels("b.png"))
    command = ["branch", "t", "--step", "4", "--edit", "5:prompt=blue", "--json"]
    assert main([*command, "--out", "b.png"]) == 0
    recipe = read_record(Path("b.png")).recipe
    assert recipe.prompt == "green"
    assert [edit.step for edit in recipe.edits] == [5, 6]


def test_a_branch_of_a_fill_is_one_too() -> None:
    photo(Path("photo.png"))
    spot(Path("mask.png"))
    command = ["generate", "--prompt", "red", "--model", "toy", "--seed", "1", "--steps", "8"]
    main([*command, "--image", "photo.png", "--mask", "mask.png", "--out", "a.png"])
    assert main(["branch", "a.png", "--step", "4", "--out", "b.png"]) == 0
    assert np.array_equal(pixels("a.png"), pixels("b.png"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--edit", "guidance=7"], "write it as 10:guidance=7"),
        (["--edit", "8:guidance=7"], "no step 8"),
        (["--edit", "3:guidance=high"], "is a number"),
        (["--edit", "3:guidance=999"], "Guidance must be"),
        (["--edit", "3:steps=9"], "cannot change steps"),
        (["--edit", "3:mask=nowhere.png"], "nowhere.png"),
        (["--take", "8"], "no step 8"),
        (["--take", "-2"], "--take"),
        (["--take", "3", "--edit", "5:prompt=blue"], "after step 3"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*RED, *words, "--out", "a.png"]) in (1, 2)
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not Path("a.png").exists()


def test_a_branch_that_cannot_be_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    main([*RED, "--out", "a.png", "--trajectory", "t"])
    capsys.readouterr()
    for words, said in (
        (["t", "--step", "4", "--edit", "3:prompt=blue"], "before step 4"),
        (["t", "--step", "4", "--rest", "5", "--steps", "9"], "Give one of them"),
        (["t", "--step", "9"], "no step 9"),
        (["t", "--step", "8", "--prompt", "blue"], "no steps left"),
        (["a.png", "--step", "9"], "no step 9"),
        (["a.png", "--step", "-1"], "no step -1"),
    ):
        assert main(["branch", *words, "--out", "b.png"]) in (1, 2)
        error = capsys.readouterr().err
        assert said in error
        assert error.count("\n") == 1


def test_the_record_of_a_branch_says_what_was_asked_in_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main([*RED, "--out", "a.png"])
    capsys.readouterr()
    command = ["branch", "a.png", "--step", "2", "--edit", "4:prompt=blue", "--json"]
    assert main([*command, "--out", "b.png"]) == 0
    recipe = json.loads(capsys.readouterr().out)["recipe"]
    assert recipe["edits"] == [{"step": 4, "changes": {"prompt": "blue"}}]
