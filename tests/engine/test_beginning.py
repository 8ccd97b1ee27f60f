"""The strength slider's picture is where the run starts, to the bit; and the Forward view."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event as Flag

import numpy as np
import pytest
import torch

from studio.core import events
from studio.core.geometry import Size
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.request import Request
from studio.core.samplers import SAMPLERS
from studio.core.wishes import Begin, Forward
from studio.diffusion.prediction import KINDS
from studio.engine.archive import Archive
from studio.engine.beginning import Encodings, exactly, quickly, starting_point
from studio.engine.generate import generate
from studio.engine.pixels import to_picture
from studio.models.catalogue import Catalogue, describe
from studio.models.family import Family
from studio.models.loading import load
from studio.models.predicts import predicts, schedule_of
from tests.engine.conftest import Bench
from tests.tiny import make_tiny

RECIPE = Recipe(prompt="red", size=Size(64, 64), steps=10, seed=7, guidance_scale=1.0)


def photo(width: int = 96, height: int = 80) -> Picture:
    rng = np.random.default_rng(1)
    return Picture(rng.integers(0, 255, (height, width, 3), np.uint8))


def spot(size: Size) -> Mask:
    pixels = np.zeros((size.height, size.width), np.uint8)
    pixels[20:40, 30:60] = 255
    return Mask(pixels)


@pytest.fixture
def name(bench: Bench, tiny_folder: Path) -> str:
    return bench.catalogue.add(tiny_folder).name


@pytest.fixture(scope="module")
def family(tiny_folder: Path) -> Family:
    info = replace(describe(tiny_folder), name=tiny_folder.name)
    return load(info, torch.device("cpu"), torch.float32, lambda part: None)


@pytest.mark.parametrize("sampler", ["ddim", "euler", "dpmpp_2m_sde", "lcm"])
@pytest.mark.parametrize("masked", [False, True])
def test_it_is_the_very_sample_of_the_runs_first_step(
    bench: Bench, family: Family, sampler: str, masked: bool
) -> None:
    for strength in (0.05, 0.6, 1.0):
        source = photo()
        recipe = replace(RECIPE, model=family.info.name, sampler=sampler, strength=strength)
        request = Request(recipe, source=source, mask=spot(source.size) if masked else None)
        archive = Archive()
        list(generate(request, "run", family, "", bench.library, archive, Flag()))
        kept = archive.get("run")
        schedule, _, _, state = starting_point(request, family)
        assert state.index == kept.first
        assert schedule.levels == kept.levels
        assert torch.equal(state.x, kept.at(kept.first).before.x)
        began = exactly(Begin(request), family, Encodings())
        assert began.picture is not None
        drawn = to_picture(family.decode(kept.at(kept.first).before.x))
        assert np.array_equal(began.picture.pixels, drawn.pixels)
        level = kept.levels[kept.first]
        assert (began.first, began.steps) == (kept.first, 10)
        assert (began.alpha, began.sigma, began.timestep) == (
            level.alpha,
            level.sigma,
            level.timestep,
        )


def test_at_once_it_is_seen_by_pixels_and_once_encoded_by_its_latents(
    bench: Bench, name: str, family: Family
) -> None:
    source, encodings = photo(), Encodings()
    request = Request(replace(RECIPE, model=family.info.name, strength=0.6), source=source)
    wish = Begin(request, exact=False)
    first = quickly(wish, encodings, bench.catalogue)
    assert (first.sight, first.reason) == ("pixels", "")
    exact = exactly(Begin(request), family, encodings)
    stronger = replace(request, recipe=replace(request.recipe, strength=0.9, seed=8))
    second = quickly(Begin(stronger, exact=False), encodings, bench.catalogue)
    assert second.sight == "preview"
    assert second.picture is not None
    _, _, _, state = starting_point(stronger, family)
    wanted = to_picture(family.preview(state.x))
    assert np.array_equal(second.picture.pixels, wanted.pixels)
    assert (first.first, first.sigma) == (exact.first, exact.sigma)


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_the_schedule_without_the_model_is_the_models(
    bench: Bench, name: str, family: Family, sampler: str
) -> None:
    assert name == family.info.name
    for info_name in (family.info.name, "toy", "starter"):
        info = bench.catalogue.find(info_name)
        loaded = family if info_name == family.info.name else None
        for spacing in ("model", "trailing"):
            recipe = replace(RECIPE, model=info_name, sampler=sampler, spacing=spacing, steps=7)
            made = schedule_of(info, recipe, recipe.size)
            assert made.steps == 7
            if loaded:
                wanted = loaded.schedule(recipe, recipe.size)
                assert (made.levels, made.targets) == (wanted.levels, wanted.targets)
                assert made.noise_scale == wanted.noise_scale


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "flow_prediction"])
def test_what_a_network_predicts_is_read_from_its_folder(
    bench: Bench, tmp_path: Path, kind: str
) -> None:
    catalogue: Catalogue = bench.catalogue
    info = catalogue.add(make_tiny(tmp_path / kind, kind))
    found = predicts(info)
    assert found is not None
    assert (found.kind, found.flow) == (kind, False)
    (tmp_path / kind / "scheduler" / "scheduler_config.json").unlink()
    assert predicts(info) is None


def test_what_cannot_start_is_answered_with_the_reason(bench: Bench, name: str) -> None:
    no_picture = Request(replace(RECIPE, model=name))
    odd = Request(replace(RECIPE, model=name, steps=0), source=photo())
    for request in (no_picture, odd):
        bench.engine.ask(Begin(request))
        told = bench.until(events.Began)
        assert isinstance(told, events.Began)
        assert told.picture is None
        assert told.reason
    bench.engine.ask(Begin(no_picture, exact=False))
    told = bench.until(events.Began)
    assert isinstance(told, events.Began)
    assert told.reason.startswith("There is no picture to start from.")


def noised(bench: Bench, wish: Forward) -> events.Forwarded:
    """Asked again until the chains are there."""
    while True:
        bench.engine.ask(wish)
        told = bench.until(events.Forwarded)
        assert isinstance(told, events.Forwarded)
        if told.reached == wish.t:
            return told


def test_a_picture_is_noised_and_with_the_same_noise_jump_and_steps_are_one_picture(
    bench: Bench,
) -> None:
    source = photo()
    own = noised(bench, Forward(source, 130, seed=3))
    assert [one.name for one in own.noised] == ["linear", "scaled_linear", "cosine", "flow"]
    for one in own.noised[:3]:
        assert not np.array_equal(one.jump.pixels, one.chain.pixels)
        assert one.alpha**2 + one.sigma**2 == pytest.approx(1)
        assert one.curve[13] == pytest.approx(one.alpha**2)
    same = noised(bench, Forward(source, 130, seed=3, shared=True))
    for one, other in zip(same.noised, own.noised, strict=True):
        assert np.array_equal(one.jump.pixels, one.chain.pixels)
        assert np.array_equal(one.chain.pixels, other.chain.pixels)
    clean = noised(bench, Forward(source, 0))
    for one in clean.noised:
        assert np.array_equal(one.jump.pixels, source.pixels)
        assert np.array_equal(one.chain.pixels, source.pixels)


def test_latents_are_noised_once_they_are_encoded(bench: Bench, name: str) -> None:
    source = photo()
    told = noised(bench, Forward(source, 10, latents=True))
    assert not told.wish.latents
    bench.engine.ask(Begin(Request(replace(RECIPE, model=name), source=source)))
    bench.until(events.Began)
    told = noised(bench, Forward(source, 10, latents=True))
    assert told.wish.latents
    assert told.noised[0].jump.size != source.size
