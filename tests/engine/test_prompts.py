"""Wildcards and LoRAs in prompts, through whole runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.core import events
from studio.core.adapters import Adapter
from studio.core.edits import Edit
from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.core.request import Fork, Request
from studio.engine.replay import replay_request
from studio.imaging.metadata import read_record
from studio.models.catalogue import describe
from studio.models.loading import load
from tests.engine.conftest import Bench
from tests.models.adapters.making import kohya, lora, save

TOY = Recipe(
    model="toy", prompt="__colour__", size=Size(64, 48), steps=4, seed=7, guidance_scale=2.0
)


def pixels(finished: events.Finished, image: int = 0) -> np.ndarray:
    return finished.results[image].picture.pixels


@pytest.fixture
def colours(bench: Bench) -> Path:
    file = bench.folders.wildcards / "colour.txt"
    file.parent.mkdir(parents=True)
    file.write_text("red\ngreen\nblue\nyellow\npurple\norange\n", encoding="utf-8")
    return file


def test_each_picture_of_a_batch_is_told_its_own_words(bench: Bench, colours: Path) -> None:
    batch = bench.finish(Request(replace(TOY, batch=4)))
    words = [one.text for one in batch.results[0].record.recipe.said]
    assert len(words) == 1
    said = [result.record.recipe.said[0].text for result in batch.results]
    assert len(set(said)) > 1
    for image, text in enumerate(said):
        alone = bench.finish(Request(replace(TOY, seed=7 + image)))
        plain = bench.finish(Request(replace(TOY, prompt=text, seed=7 + image)))
        assert np.array_equal(pixels(batch, image), pixels(alone))
        assert np.array_equal(pixels(batch, image), pixels(plain))


def test_a_batch_of_which_one_prompt_says_what_the_negative_says(bench: Bench) -> None:
    """There is nothing to guide in that one, as when it is made alone."""
    recipe = replace(TOY, prompt="{red|blue}", negative_prompt="red", batch=4)
    batch = bench.finish(Request(recipe))
    assert {result.record.recipe.said[0].text for result in batch.results} == {"red", "blue"}
    for image in range(4):
        alone = bench.finish(Request(recipe.single(image)))
        assert np.array_equal(pixels(batch, image), pixels(alone))


def test_a_picture_is_made_again_when_the_file_has_changed(bench: Bench, colours: Path) -> None:
    first = bench.finish(Request(TOY))
    branch = bench.finish(Request(TOY, fork=Fork(first.run, 2)))
    colours.write_text("black\n", encoding="utf-8")
    record = read_record(first.results[0].path)
    assert record is not None
    assert record.recipe.prompt == "__colour__"
    again = bench.finish(replay_request(record, bench.library, lambda _: ""))
    assert np.array_equal(pixels(first), pixels(again))
    later = bench.finish(Request(TOY, fork=Fork(first.run, 2)))
    assert np.array_equal(pixels(first), pixels(branch))
    assert np.array_equal(pixels(first), pixels(later)), "a branch says what its run said"
    assert not np.array_equal(pixels(first), pixels(bench.finish(Request(TOY))))


def test_an_edit_s_wildcards_are_remembered_too(bench: Bench, colours: Path) -> None:
    recipe = replace(TOY, prompt="white", edits=(Edit(2, {"prompt": "__colour__"}),))
    first = bench.finish(Request(recipe))
    said = first.results[0].record.recipe.said[0].text
    assert np.array_equal(
        pixels(first),
        pixels(bench.finish(Request(replace(recipe, edits=(Edit(2, {"prompt": said}),))))),
    )
    colours.unlink()
    again = bench.finish(replay_request(first.results[0].record, bench.library, lambda _: ""))
    assert np.array_equal(pixels(first), pixels(again))


@pytest.fixture(scope="module")
def two(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two LoRAs for the tiny model."""
    folder = tmp_path_factory.mktemp("loras")
    family = load(describe(tiny_folder), torch.device("cpu"), torch.float32, lambda part: None)
    unet = family.parts.networks()["unet"]  # type: ignore[attr-defined]
    for seed, name in enumerate(("ink", "oil")):
        save(folder / f"{name}.safetensors", lora(unet, kohya("lora_unet"), seed=seed))
    return folder


@pytest.fixture
def worn(bench: Bench, tiny_folder: Path, two: Path) -> Recipe:
    """A recipe for the tiny model, of whose LoRAs the engine knows."""
    folder = bench.folders.data / "loras"
    folder.mkdir(parents=True)
    for file in two.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    name = bench.catalogue.add(tiny_folder).name
    return replace(TOY, model=name, prompt="sea", steps=2)


def test_a_lora_in_the_prompt_is_one_in_the_panel(bench: Bench, worn: Recipe) -> None:
    tagged = bench.finish(Request(replace(worn, prompt="sea<lora:ink:0.8>")))
    panel = bench.finish(Request(replace(worn, adapters=(Adapter("ink", 0.8),))))
    assert np.array_equal(pixels(tagged), pixels(panel))
    assert not np.array_equal(pixels(tagged), pixels(bench.finish(Request(worn))))
    record = tagged.results[0].record
    assert record.recipe.adapters == ()
    assert set(record.recipe.files) == {"lora/ink"}
    again = bench.finish(replay_request(record, bench.library, lambda _: ""))
    assert np.array_equal(pixels(tagged), pixels(again))


def test_pictures_of_a_batch_can_wear_different_ones(bench: Bench, worn: Recipe) -> None:
    prompt = "sea {<lora:ink:1>|<lora:oil:1>}"
    batch = bench.finish(Request(replace(worn, prompt=prompt, batch=3)))
    said = [result.record.recipe.said[0].text for result in batch.results]
    assert len(set(said)) == 2
    for image, text in enumerate(said):
        alone = bench.finish(Request(replace(worn, prompt=text, seed=7 + image)))
        assert np.array_equal(pixels(batch, image), pixels(alone))


def test_a_lora_that_is_not_there_is_said_and_read_as_words(bench: Bench, worn: Recipe) -> None:
    finished = bench.finish(Request(replace(worn, prompt="sea <lora:gone:1>")))
    (told,) = bench.of(events.Warned, finished.run)
    assert isinstance(told, events.Warned)
    assert told.message == "There is no LoRA named gone: its tag is read as words."
    literal = bench.finish(Request(replace(worn, prompt=r"sea \<lora:gone:1>")))
    assert np.array_equal(pixels(finished), pixels(literal))
    assert not bench.of(events.Warned, literal.run)


def test_the_lora_of_a_picture_that_is_made_again_has_to_be_there(
    bench: Bench, worn: Recipe
) -> None:
    finished = bench.finish(Request(replace(worn, prompt="sea <lora:ink>")))
    (bench.folders.data / "loras" / "ink.safetensors").unlink()
    again = replay_request(finished.results[0].record, bench.library, lambda _: "")
    assert "no LoRA named ink" in bench.fail(again).message
