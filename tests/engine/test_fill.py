"""Fills on the toy model: what is seen, where it starts, and what stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.core import events
from studio.core.errors import BadInput
from studio.core.filling import FILLS
from studio.core.geometry import Box, Margins, Size
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.request import Fork, Request
from studio.engine.replay import replay_request
from tests.engine.conftest import Bench

TOY = Recipe(
    model="toy", prompt="red", size=Size(64, 48), steps=5, seed=7, guidance_scale=1.0, feather=4
)
MODES = [name for name, *_ in FILLS]


def photo(width: int = 300, height: int = 200, channels: int = 3) -> Picture:
    chance = np.random.default_rng(1)
    return Picture(chance.integers(0, 255, (height, width, channels), np.uint8))


def spot(size: Size, box: Box) -> Mask:
    pixels = np.zeros((size.height, size.width), np.uint8)
    pixels[box.rows, box.columns] = 255
    return Mask(pixels)


REGION = Box(120, 80, 40, 30)


def test_every_fill_starts_elsewhere_and_keeps_the_outside(bench: Bench) -> None:
    source = photo()
    mask = spot(source.size, REGION)
    found = []
    for fill in MODES:
        recipe = replace(TOY, fill=fill, strength=0.6)
        result = bench.finish(Request(recipe, source, mask)).results[0]
        assert result.changed_outside == 0
        changed = (result.picture.pixels != source.pixels).any(axis=2)
        reach = REGION.grow(4)
        changed[reach.rows, reach.columns] = False
        assert not changed.any()
        found.append(result.picture.pixels[REGION.rows, REGION.columns].tobytes())
    assert len(set(found)) == len(MODES)


def test_a_chosen_box_is_what_the_model_sees(bench: Bench) -> None:
    source = photo()
    recipe = replace(TOY, box=Box(60, 40, 140, 120))
    finished = bench.finish(Request(recipe, source, spot(source.size, REGION)))
    started = bench.of(events.Started, finished.run)[0]
    assert started.plan.box == Box(60, 40, 140, 120)
    assert finished.results[0].changed_outside == 0
    narrow = replace(TOY, box=Box(130, 90, 4, 4))
    finished = bench.finish(Request(narrow, source, spot(source.size, REGION)))
    started = bench.of(events.Started, finished.run)[0]
    assert started.plan.box == REGION.grow(4)


@pytest.mark.parametrize("channels", [3, 4])
def test_a_picture_is_extended_and_its_own_pixels_stay(bench: Bench, channels: int) -> None:
    source = photo(90, 70, channels)
    margins = Margins(24, 0, 40, 16)
    recipe = replace(TOY, extend=margins)
    result = bench.finish(Request(recipe, source)).results[0]
    assert result.picture.size == margins.around(source.size)
    assert result.changed_outside == 0
    inner = margins.inner(source.size)
    kept = result.picture.pixels[inner.rows, inner.columns]
    assert np.array_equal(kept[:60, 4:-4], source.pixels[:60, 4:-4])
    assert result.picture.has_alpha == (channels == 4)
    if channels == 4:
        assert (result.picture.pixels[:, :20, 3] == 255).all()


def test_an_extension_can_be_repeated_branched_and_branched_from_its_folder(
    bench: Bench, tmp_path: Path
) -> None:
    source = photo(90, 70)
    painted = spot(source.size, Box(30, 20, 12, 12))
    recipe = replace(TOY, extend=Margins(24, 0, 0, 8), fill="blurred")
    folder = tmp_path / "steps"
    whole = bench.finish(Request(recipe, source, painted, trajectory=folder))
    pixels = whole.results[0].picture.pixels
    record = whole.results[0].record
    again = bench.finish(replay_request(record, bench.library, lambda _: ""))
    assert np.array_equal(again.results[0].picture.pixels, pixels)
    branch = bench.finish(Request(recipe, fork=Fork(whole.run, 2)))
    assert np.array_equal(branch.results[0].picture.pixels, pixels)
    later = Bench(tmp_path / "later")
    try:
        # Another day and machine: only the library's pictures are there too.
        later.library.keep(source)
        later.library.keep(painted)
        branch = later.finish(Request(recipe, fork=Fork(whole.run, 2, folder)))
        assert np.array_equal(branch.results[0].picture.pixels, pixels)
        larger = recipe.extend.around(source.size)
        other = spot(larger, Box(0, 0, 20, 20))
        mine = tmp_path / "mine"
        second = later.finish(
            Request(recipe, mask=other, fork=Fork(whole.run, 2, folder), trajectory=mine)
        )
        bench.library.keep(other)
        third = bench.finish(Request(recipe, fork=Fork(second.run, 3, mine)))
        assert np.array_equal(third.results[0].picture.pixels, second.results[0].picture.pixels)
    finally:
        later.close()


def test_margins_need_a_picture(bench: Bench) -> None:
    with pytest.raises(BadInput, match="need a picture"):
        bench.engine.submit(Request(replace(TOY, extend=Margins(8))))
