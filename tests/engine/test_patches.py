"""Fills of a photo from its own patches, through the whole engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.core import events
from studio.core.errors import BadInput
from studio.core.explanation import Place
from studio.core.geometry import Box, Size
from studio.core.material import marked
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.request import Fork, Request
from studio.core.wishes import Explain
from studio.diffusion.levels import Level
from studio.engine.replay import replay_request
from studio.imaging.metadata import read_record
from studio.models.patches import Patches
from tests.engine.conftest import Bench

RECIPE = Recipe(
    model="patches", steps=6, seed=3, guidance_scale=1.0, fill="edges", feather=4, colour_match=1.0
)
REGION = Box(54, 40, 24, 20)


def photo(width: int = 130, height: int = 100) -> Picture:
    """Slanted stripes with a little grain."""
    y, x = np.mgrid[:height, :width]
    grain = np.random.default_rng(2).normal(0, 4, (height, width, 3))
    wave = 60 * np.sin((x + y / 2) * 2 * np.pi / 11)
    return Picture((wave[..., None] + (140, 120, 90) + grain).clip(0, 255).astype(np.uint8))


def over(picture: Picture, box: Box) -> Mask:
    pixels = np.zeros(picture.pixels.shape[:2], np.uint8)
    pixels[box.rows, box.columns] = 255
    return Mask(pixels)


def spoilt(picture: Picture) -> Picture:
    pixels = picture.pixels.copy()
    pixels[REGION.rows, REGION.columns] = (255, 0, 0)
    return Picture(pixels)


def test_what_is_painted_over_is_made_of_the_rest_and_the_rest_stays(bench: Bench) -> None:
    wanted = photo()
    source = spoilt(wanted)
    finished = bench.finish(Request(RECIPE, source, over(source, REGION)))
    started = bench.of(events.Started, finished.run)[0]
    assert started.plan.working_size == started.plan.box.size
    result = finished.results[0]
    outside = np.ones(source.pixels.shape[:2], bool)
    outside[REGION.rows, REGION.columns] = False
    assert np.array_equal(result.picture.pixels[outside], source.pixels[outside])
    made = result.picture.pixels[REGION.rows, REGION.columns].astype(float)
    error = made - wanted.pixels[REGION.rows, REGION.columns]
    assert np.abs(error).mean() < 14  # the grain alone differs by 4.5, the stripes by up to 120


def test_seeds_differ_a_batch_is_those_seeds_and_a_picture_is_made_again(bench: Bench) -> None:
    source = spoilt(photo())
    mask = over(source, REGION)
    pair = bench.finish(Request(replace(RECIPE, batch=2), source, mask)).results
    assert not np.array_equal(pair[0].picture.pixels, pair[1].picture.pixels)
    alone = bench.finish(Request(replace(RECIPE, seed=4), source, mask)).results[0]
    assert np.array_equal(alone.picture.pixels, pair[1].picture.pixels)
    request = replay_request(read_record(pair[1].path), bench.library, lambda _: "")
    again = bench.finish(request).results[0]
    assert np.array_equal(again.picture.pixels, pair[1].picture.pixels)


def test_a_branch_without_a_change_repeats_the_rest_to_the_bit(
    bench: Bench, tmp_path: Path
) -> None:
    source = spoilt(photo())
    finished = bench.finish(Request(RECIPE, source, over(source, REGION)))
    branch = bench.finish(Request(RECIPE, fork=Fork(finished.run, 3)))
    assert np.array_equal(branch.results[0].picture.pixels, finished.results[0].picture.pixels)


def test_what_is_marked_is_seen_and_drawn_on_and_goes_with_branch_and_replay(bench: Bench) -> None:
    pixels = np.full((80, 300, 3), 60, np.uint8)
    pixels[:, 250:] = (200, 180, 40)
    source, hole, chosen = Picture(pixels), Box(30, 30, 20, 20), Box(254, 0, 40, 70)
    here, recipe = over(source, chosen), replace(RECIPE, steps=4, context=0.0)
    without = bench.finish(Request(recipe, source, over(source, hole)))
    assert not bench.of(events.Started, without.run)[0].plan.box.contains(chosen)
    request = Request(recipe, source, over(source, hole), material=marked(here, None))
    finished = bench.finish(request)
    assert bench.of(events.Started, finished.run)[0].plan.box.contains(chosen)
    made = finished.results[0].picture.pixels
    assert np.abs(made[34:46, 34:46].astype(int) - (200, 180, 40)).max() < 4
    assert finished.results[0].record.material is not None
    branch = bench.finish(Request(recipe, fork=Fork(finished.run, 2)))
    assert np.array_equal(branch.results[0].picture.pixels, made)
    assert branch.results[0].record.material == finished.results[0].record.material
    request = replay_request(read_record(branch.results[0].path), bench.library, rerun(bench))
    assert np.array_equal(bench.finish(request).results[0].picture.pixels, made)
    never = marked(None, here)
    other = bench.finish(Request(recipe, fork=Fork(finished.run, 2), material=never))
    assert not np.array_equal(other.results[0].picture.pixels, made)
    request = replay_request(read_record(other.results[0].path), bench.library, rerun(bench))
    again = bench.finish(request).results[0].picture.pixels
    assert np.array_equal(again, other.results[0].picture.pixels)


def rerun(bench: Bench) -> Callable[[Request], str]:
    return lambda request: bench.finish(request).run


def test_other_models_and_too_little_of_what_is_marked_say_so(bench: Bench) -> None:
    source = photo()
    mask, dot = over(source, REGION), over(source, Box(3, 3, 5, 5))
    failed = bench.fail(Request(RECIPE, source, mask, material=marked(dot, None)))
    assert "where the fill may take its material" in failed.message
    toy = replace(RECIPE, model="toy")
    failed = bench.fail(Request(toy, source, mask, material=marked(dot, None)))
    assert "does not fill from places of the picture" in failed.message
    small = Mask(np.zeros((5, 5), np.uint8))
    with pytest.raises(BadInput, match="130x100"):
        Request(RECIPE, source, mask, material=small).check()
    with pytest.raises(BadInput, match="matter of fills"):
        Request(RECIPE, source, material=dot).check()


def test_without_a_mask_or_material_it_says_so(bench: Bench) -> None:
    source = photo(120, 90)
    failed = bench.fail(Request(replace(RECIPE, size=Size(64, 64)), source))
    assert "fills what is painted over" in failed.message
    for tiny, box in (
        (photo(120, 90), Box(1, 1, 118, 88)),
        (photo(10, 10), Box(4, 4, 3, 3)),
    ):
        failed = bench.fail(Request(RECIPE, tiny, over(tiny, box)))
        assert "too little of the picture left" in failed.message


def test_the_model_itself_refuses_what_is_no_region() -> None:
    with pytest.raises(BadInput, match="needs a picture and a mask"):
        Patches().predict(torch.zeros(1, 3, 8, 8), Level(1.0, 0.5, 0.5), [None])


def test_a_step_is_explained_by_the_patches_it_is_made_of(bench: Bench) -> None:
    source = spoilt(photo())
    run = bench.finish(Request(RECIPE, source, over(source, REGION))).run
    started = bench.of(events.Started, run)[0]
    row, column = REGION.y + 8 - started.plan.box.y, REGION.x + 9 - started.plan.box.x
    bench.engine.ask(Explain(run, 5, 0, Place(0, row, column)))
    explained = bench.until(events.Explained, run=run)
    assert isinstance(explained, events.Explained)
    assert explained.explanation is not None, explained.reason
    material = explained.explanation.material
    assert material
    assert material[0].weight >= material[-1].weight > 0
    assert sum(part.weight for part in material) <= 1 + 1e-5
    assert "What it is made of" in [part.title for part in explained.explanation.sections]
    outside = Place(0, 1, 1)
    bench.engine.ask(Explain(run, 5, 0, outside))
    explained = bench.until(events.Explained, run=run)
    assert isinstance(explained, events.Explained)
    assert explained.explanation is not None
    assert explained.explanation.material == ()
