"""Fills of a photo from its own patches, through the whole engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.core import events
from studio.core.errors import BadInput
from studio.core.explanation import Place
from studio.core.geometry import Box, Size
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
