"""Many hundred fills through a model that loses nothing: geometry, shifts, and what must stay."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.events import Plan
from studio.core.filling import FILLS
from studio.core.geometry import Box, Margins, Size
from studio.core.picture import Mask, Picture, Pixels
from studio.core.recipe import NO_MARGINS, Recipe
from studio.diffusion.loop import walk
from studio.engine.fill import Inputs, latents_of, plan_of
from studio.engine.large import decode, tile_side
from studio.engine.pixels import to_tensor
from studio.engine.prepare import first_state, noise_of, predictor
from studio.imaging.cropping import cut
from studio.imaging.extending import extended
from studio.imaging.masks import bounds, composite_mask
from studio.imaging.stitching import stitch
from tests.identity import Identity

MODES = [name for name, *_ in FILLS]
KINDS = ["full", "pixel", "edge", "corners", "islands", "soft", "bilevel", "eight bits", "ring"]


def painted(kind: str, size: Size, chance: np.random.Generator) -> Mask:
    pixels = np.zeros((size.height, size.width), np.uint8)
    y, x = int(chance.integers(size.height)), int(chance.integers(size.width))
    high, wide = (int(chance.integers(1, 1 + max(1, n // 3))) for n in (size.height, size.width))
    part = pixels[y : y + high, x : x + wide]
    if kind == "full":
        pixels[:] = 255
    elif kind == "pixel":
        pixels[y, x] = 255
    elif kind == "edge":
        pixels[[0, -1][int(chance.integers(2))], :] = 255
    elif kind == "corners":
        for row in (slice(0, high), slice(-high, None)):
            for column in (slice(0, wide), slice(-wide, None)):
                pixels[row, column] = 255
    elif kind == "islands":
        for _ in range(12):
            pixels[chance.integers(size.height), chance.integers(size.width)] = 255
    elif kind == "soft":
        part[:] = np.linspace(1, 255, part.shape[1])[None]
    elif kind == "bilevel":
        part[:] = chance.choice([0, 255], part.shape)
    elif kind == "eight bits":
        part[:] = chance.integers(0, 256, part.shape)
    else:
        part[:] = 255
        part[1:-1, 1:-1] = 0
    pixels[y, x] = max(1, pixels[y, x])
    return Mask(pixels)


@dataclass(frozen=True)
class Filled:
    source: Picture
    mask: Mask
    plan: Plan
    result: Picture
    changed: int


def fill(source: Picture, mask: Mask | None, recipe: Recipe, pattern: Pixels | None) -> Filled:
    """One fill, by the functions that the engine uses. The model draws the pattern, which has the
    size of the (extended) picture; without one it draws what the source is."""
    family = Identity()
    if recipe.extend:
        source, mask = extended(source, mask, recipe.extend)
    assert mask is not None
    inputs = Inputs(source, mask, None, None)
    plan, size = plan_of(recipe, inputs, None, family)
    assert plan is not None
    noise = noise_of(recipe, size, family)
    latents = latents_of(recipe, inputs, plan, size, family, noise)
    schedule = family.schedule(recipe, size)
    side = tile_side(recipe, size, False, family)
    if side is None:
        family.draws = to_tensor(cut(source if pattern is None else Picture(pattern), plan))
    state = first_state(recipe, schedule, noise, latents)
    predict = predictor(family, recipe, latents, side)
    *_, last = walk(predict, schedule, recipe.sampler, recipe.options(), state, noise)
    drawn = decode(family, last.after.x, plan.working_size)
    result, changed = stitch(source, drawn, mask, plan, recipe.colour_match)
    return Filled(source, mask, plan, result, changed)


def check(done: Filled) -> None:
    """The box and its size are possible, and beyond the band not a byte has changed."""
    picture, plan = Box.of(done.source.size), done.plan
    assert not plan.box.empty
    assert picture.contains(plan.box)
    assert plan.box.contains(bounds(done.mask).grow(plan.band).intersect(picture))
    assert plan.working_size.width % 8 == plan.working_size.height % 8 == 0
    outside = composite_mask(done.mask, plan.band) == 0
    assert done.result.pixels.shape == done.source.pixels.shape
    assert np.array_equal(done.result.pixels[outside], done.source.pixels[outside])
    assert done.changed == 0


SIDES = st.one_of(st.integers(1, 48), st.integers(1, 160), st.sampled_from([1, 2, 63, 64, 65, 128]))
LONG = st.one_of(SIDES, SIDES, SIDES, st.integers(160, 700))


@settings(max_examples=500)
@given(
    LONG,
    SIDES,
    st.booleans(),
    st.sampled_from(KINDS),
    st.sampled_from(MODES),
    st.booleans(),
    st.sampled_from([0, 0, 1, 5, 16]),
    st.sampled_from([0.0, 1.0]),
    st.sampled_from([0.3, 1.0]),
    st.sampled_from([NO_MARGINS, NO_MARGINS, Margins(9, 0, 4, 0), Margins(0, 1, 0, 30)]),
    st.integers(0, 2**32 - 1),
)
def test_a_fill_is_where_the_mask_is_and_nowhere_else(
    long, short, upright, kind, mode, alpha, feather, match, strength, margins, seed
):
    chance = np.random.default_rng(seed)
    size = Size(short, long) if upright else Size(long, short)
    channels = 4 if alpha else 3
    source = Picture(chance.integers(0, 256, (size.height, size.width, channels), np.uint8))
    mask = painted(kind, size, chance)
    recipe = Recipe(
        prompt="a",
        fill=mode,
        feather=feather,
        strength=strength,
        steps=3,
        colour_match=match,
        extend=margins,
        context=float(chance.choice([0.0, 0.5, 2.0])),
        guidance_scale=1.0,
    )
    larger = margins.around(size)
    # White all over: scaled by whatever factor it is white, up to where it is mixed with what is
    # held outside.
    white = np.full((larger.height, larger.width, 3), 255, np.uint8)
    done = fill(source, mask, recipe, white)
    check(done)
    if not match and kind not in ("soft", "eight bits"):
        scale = max(
            done.plan.box.width / done.plan.working_size.width,
            done.plan.box.height / done.plan.working_size.height,
        )
        reach = 2 * math.ceil(4 * max(1.0, scale)) + 1
        inside = cv2.erode(done.mask.pixels, np.ones((reach, reach), np.uint8)) == 255
        assert (done.result.pixels[inside] == 255).all()


@settings(max_examples=120)
@given(
    st.integers(65, 150),
    st.integers(65, 150),
    st.sampled_from(KINDS),
    st.sampled_from(MODES),
    st.integers(0, 2**32 - 1),
)
def test_a_pattern_comes_back_without_a_shift_of_one_pixel(width, height, kind, mode, seed):
    """At the picture's own scale: what the model draws in the mask is what is there, byte by
    byte; and where it draws what was there already nothing changes at all."""
    chance = np.random.default_rng(seed)
    size = Size(-(-width // 8) * 8, -(-height // 8) * 8)
    source = Picture(chance.integers(0, 256, (size.height, size.width, 3), np.uint8))
    mask = painted(kind, size, chance)
    recipe = Recipe(
        prompt="a",
        fill=mode,
        feather=3,
        steps=3,
        tile=4096,
        box=Box.of(size),
        guidance_scale=1.0,
    )
    pattern = chance.integers(0, 256, source.pixels.shape, np.uint8)
    done = fill(source, mask, recipe, pattern)
    check(done)
    assert done.plan.working_size == done.plan.box.size == size
    inside = mask.pixels == 255
    assert np.array_equal(done.result.pixels[inside], pattern[inside])
    same = fill(source, mask, replace(recipe, fill="original"), None)
    assert np.array_equal(same.result.pixels, source.pixels)


@pytest.mark.parametrize("size", [(3000, 2000), (3000, 17), (11, 2000), (1999, 1501)], ids=str)
@pytest.mark.parametrize("kind", ["corners", "pixel", "soft", "full"])
def test_photos_too(size: tuple[int, int], kind: str) -> None:
    chance = np.random.default_rng(size[0])
    width, height = size
    source = Picture(chance.integers(0, 256, (height, width, 3), np.uint8))
    recipe = Recipe(prompt="a", fill="blurred", steps=2, guidance_scale=1.0, colour_match=1.0)
    white = np.full_like(source.pixels, 255)
    check(fill(source, painted(kind, source.size, chance), recipe, white))


@pytest.mark.parametrize("side", [40, 64, 100, 333, 1200])
def test_scaling_to_the_models_size_and_back_shifts_nothing(side: int) -> None:
    y, x = np.mgrid[0:side, 0:side] / side
    waves = [np.sin(9 * x + 4 * y + c) + np.cos(7 * y - 3 * x + c) for c in range(3)]
    source = Picture((np.stack(waves, axis=2) * 60 + 128).astype(np.uint8))
    recipe = Recipe(prompt="a", feather=0, steps=2, guidance_scale=1.0)
    done = fill(source, painted("full", source.size, np.random.default_rng(0)), recipe, None)
    found = done.result.pixels.astype(np.float64)
    assert np.abs(found - source.pixels).mean() < 2
    # The shift that explains the difference best, from the slopes (Lucas and Kanade, 1981).
    before = source.pixels.astype(np.float64)
    down, across = np.gradient(before, axis=(0, 1))
    slopes = np.stack([across.ravel(), down.ravel()], axis=1)
    shift, *_ = np.linalg.lstsq(slopes, (before - found).ravel(), rcond=None)
    assert np.abs(shift).max() < 0.02


def test_ten_fills_at_different_places_leave_the_rest_alone() -> None:
    chance = np.random.default_rng(3)
    first = picture = Picture(chance.integers(0, 256, (301, 403, 4), np.uint8))
    touched = np.zeros((301, 403), bool)
    for number in range(10):
        mask = painted(KINDS[1:][number % 8], picture.size, chance)
        recipe = Recipe(
            prompt="a", fill=MODES[number % 5], feather=5, seed=number, steps=3, colour_match=1.0
        )
        pattern = chance.integers(0, 256, (301, 403, 3), np.uint8)
        done = fill(picture, mask, recipe, pattern)
        check(done)
        touched |= composite_mask(mask, 5) > 0
        picture = done.result
    assert not touched.all()
    assert np.array_equal(picture.pixels[~touched], first.pixels[~touched])


def test_in_parts_too() -> None:
    chance = np.random.default_rng(5)
    source = Picture(chance.integers(0, 256, (160, 240, 3), np.uint8))
    mask = painted("full", Size(240, 160), chance)
    recipe = Recipe(
        prompt="a", fill="original", feather=0, steps=3, tile=64, strength=0.2, guidance_scale=1.0
    )
    done = fill(source, mask, recipe, None)
    assert done.plan.working_size == source.size
    assert torch.isfinite(to_tensor(done.result)).all()
