"""Pictures larger than the model likes: any size, in parts that overlap."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.core import events
from studio.core.geometry import Box, Size
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.request import Fork, Request
from studio.core.wishes import Look
from studio.engine import large
from studio.engine.pixels import to_tensor
from studio.imaging.cropping import plan_crop
from studio.models.catalogue import describe
from studio.models.loading import load as load_model
from studio.models.stable_diffusion import StableDiffusion
from tests.engine.conftest import Bench

TOY = Recipe(model="toy", prompt="red", steps=5, seed=7, guidance_scale=1.0)


def smooth(width: int, height: int) -> Picture:
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / 17 + c) + np.cos(y / 23 - c) for c in range(3)]
    return Picture((np.stack(waves, axis=2) * 55 + 128).astype(np.uint8))


@pytest.fixture(scope="module")
def tiny(tiny_folder: Path) -> StableDiffusion:
    info = describe(tiny_folder)
    return load_model(info, torch.device("cpu"), torch.float32, lambda part: None)


@pytest.mark.parametrize("size", [Size(45, 33), Size(64, 64), Size(200, 91)])
def test_a_picture_is_refined_at_its_own_size(bench: Bench, size: Size) -> None:
    source = smooth(size.width, size.height)
    recipe = replace(TOY, size=size, strength=0.6)
    finished = bench.finish(Request(recipe, source))
    result = finished.results[0]
    assert result.picture.size == size
    assert result.record.recipe.size == size
    assert result.changed_outside is None
    bench.engine.ask(Look(finished.run, 4))
    looked = bench.until(events.Looked)
    assert isinstance(looked, events.Looked)
    assert np.array_equal(looked.picture.pixels, result.picture.pixels)
    branch = bench.finish(Request(recipe, fork=Fork(finished.run, 3)))
    assert np.array_equal(branch.results[0].picture.pixels, result.picture.pixels)


def test_a_picture_can_be_made_larger(bench: Bench) -> None:
    recipe = replace(TOY, size=Size(192, 130), strength=0.4)
    result = bench.finish(Request(recipe, smooth(96, 65))).results[0]
    assert result.picture.size == Size(192, 130)


def test_the_same_request_in_tiles_gives_the_same_pixels(bench: Bench, tiny_folder: Path) -> None:
    name = bench.catalogue.add(tiny_folder).name
    recipe = replace(TOY, model=name, size=Size(170, 90), strength=0.5, steps=4, guidance_scale=2.0)
    request = Request(recipe, smooth(170, 90))
    one, other = bench.finish(request), bench.finish(request)
    assert np.array_equal(one.results[0].picture.pixels, other.results[0].picture.pixels)


def test_a_region_of_an_odd_size_can_be_changed_in_a_branch(bench: Bench) -> None:
    size = Size(90, 61)
    recipe = replace(TOY, size=size, strength=0.6, feather=3)
    whole = bench.finish(Request(recipe, smooth(90, 61)))
    pixels = np.zeros((61, 90), np.uint8)
    pixels[40:, 60:] = 255
    blue = replace(recipe, prompt="blue")
    branch = bench.finish(Request(blue, mask=Mask(pixels), fork=Fork(whole.run, 3))).results[0]
    before = whole.results[0].picture.pixels
    changed = (branch.picture.pixels != before).any(axis=2)
    assert branch.changed_outside == 0
    assert changed[45:, 65:].mean() > 0.9
    assert not changed[:36].any()


def test_a_large_region_is_filled_in_full_detail(bench: Bench) -> None:
    source = smooth(400, 300)
    pixels = np.zeros((300, 400), np.uint8)
    pixels[100:220, 100:260] = 255
    mask = Mask(pixels)
    recipe = replace(TOY, feather=4, context=0.1, tile=64)
    finished = bench.finish(Request(recipe, source, mask))
    plan = bench.of(events.Started, finished.run)[0].plan
    assert plan.working_size == plan.box.size
    assert plan.box.width % 8 == plan.box.height % 8 == 0
    assert plan.box.contains(Box(96, 96, 168, 128))
    assert finished.results[0].changed_outside == 0
    small = bench.finish(Request(replace(recipe, tile=0), source, mask))
    assert bench.of(events.Started, small.run)[0].plan.working_size.area < 2 * 64 * 64
    pixels = np.full((1000, 1200), 255, np.uint8)
    huge = plan_crop(Size(1200, 1000), Mask(pixels), Size(64, 64), 8, 0.5, 0, parts="full")
    wide = plan_crop(Size(1200, 300), Mask(pixels[:300]), Size(64, 64), 8, 0.5, 0, parts="across")
    assert abs(wide.working_size.height - 64) <= 8
    assert abs(wide.working_size.width - 256) <= 32
    assert 14 * 64**2 < huge.working_size.area < 18 * 64**2


def test_from_noise_a_picture_is_one_unless_parts_are_asked_for(tiny: StableDiffusion) -> None:
    wide = Size(256, 64)
    assert large.tile_side(Recipe(), wide, False, tiny) is None
    assert large.tile_side(Recipe(), wide, True, tiny) == (16, 16)
    assert large.tile_side(Recipe(tile=128), wide, False, tiny) == (32, 32)
    assert large.tile_side(Recipe(tile=256), wide, True, tiny) is None
    assert large.tile_side(Recipe(), Size(64, 96), True, tiny) is None


@torch.inference_mode()
def test_encoding_and_decoding_in_parts_shift_nothing(
    tiny: StableDiffusion, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = to_tensor(smooth(160, 104))
    latents = large.encode(tiny, pixels)
    picture = large.decoded(tiny, latents)
    monkeypatch.setattr(large, "AT_ONCE", 0.1)
    in_parts = large.encode(tiny, pixels)
    assert in_parts.shape == latents.shape
    # A network's statistics are of each part: alike, not the same; and nowhere else.
    assert (in_parts - latents).abs().mean() < 0.2 * latents.abs().mean()
    again = large.decoded(tiny, latents)
    assert again.shape == picture.shape == pixels.shape
    assert (again - picture).abs().mean() < 0.2 * picture.std()


def test_what_is_encoded_exactly_is_so_in_parts(bench: Bench) -> None:
    from studio.models.toy import Toy

    toy = Toy(torch.device("cpu"))
    pixels = to_tensor(smooth(256, 200))
    assert torch.allclose(large.encode(toy, pixels), toy.encode(pixels), atol=1e-5)
