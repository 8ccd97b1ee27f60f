"""What is stored of every step is true: of any model, sampler and settings, drawn anew each time.

Checked on the steps as they come back from their file.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from studio.core.errors import BadInput
from studio.core.geometry import Size
from studio.core.limits import Limits
from studio.core.options import Choice, Number, Option, Switch, Value
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.request import Request
from studio.core.samplers import SAMPLERS, SIGMAS, SPACINGS
from studio.diffusion.guidance import guide
from studio.diffusion.levels import Level
from studio.diffusion.prediction import KINDS, to_epsilon
from studio.diffusion.samplers import STEPS
from studio.diffusion.samplers.turn import Turn
from studio.diffusion.state import Step
from studio.engine.archive import Archive
from studio.engine.device import default_dtype
from studio.engine.generate import take
from studio.engine.prepare import Prepared
from studio.engine.trajectory import Trajectory
from studio.library.folders import Folders
from studio.library.library import Library
from studio.models.catalogue import DEFAULT_MODEL, Catalogue
from studio.models.family import Family
from studio.models.loading import load
from tests.predictions import from_x0
from tests.random_family import RandomFamily

HALF = 2.0**-10
"""Relative rounding of what is stored in half precision, with room for the sum's own."""
SIZE = Size(24, 20)

fresh = settings(
    derandomize=False,
    database=None,
    print_blob=True,
    max_examples=5,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def value_of(option: Option) -> st.SearchStrategy[Value]:
    match option:
        case Number(minimum=low, maximum=high):
            return st.floats(low, high).map(float)
        case Choice(choices=choices):
            return st.sampled_from([word for word, _ in choices])
        case Switch():
            return st.booleans()


def scales() -> st.SearchStrategy[float]:
    return st.just(1.0) | st.floats(0.0, 12.0)


@st.composite
def requests(draw: st.DrawFn, sampler: str, size: Size, most: int = 9) -> Request:
    """Text to image, image to image or a fill, with any settings the sampler takes."""
    info = SAMPLERS[sampler]
    recipe = Recipe(
        prompt=draw(st.text("abc ", max_size=9)),
        negative_prompt=draw(st.text("xyz ", max_size=9)),
        size=size,
        steps=draw(st.integers(1, most)),
        sampler=sampler,
        sampler_options={option.name: draw(value_of(option)) for option in info.options},
        guidance_scale=draw(scales()),
        guidance_rescale=draw(st.just(0.0) | st.floats(0.0, 1.0)),
        spacing=draw(st.sampled_from([word for word, _ in SPACINGS])),
        sigmas=draw(st.sampled_from([word for word, _ in SIGMAS])),
        seed=draw(st.integers(0, 2**32 - 1)),
        batch=draw(st.integers(1, 3)),
        strength=draw(st.floats(0.1, 1.0)),
    )
    chance = np.random.default_rng(recipe.seed)
    photo = Picture(chance.integers(0, 256, (size.height, size.width, 3), np.uint8))
    spot = np.zeros((size.height, size.width), np.uint8)
    spot[4:12, 6:15] = chance.integers(1, 256)
    sourced, masked = draw(st.sampled_from([(False, False), (True, False), (True, True)]))
    return Request(recipe, photo if sourced else None, Mask(spot) if masked else None)


@contextmanager
def taken(request: Request, family: Family) -> Iterator[tuple[Prepared, Trajectory]]:
    """The run as it comes back from its file."""
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Folders(Path(folder, "pictures"), Path(folder, "data")))
        archive = Archive(library, lambda: Limits(memory=0))
        steps = take(request, "run", family, "", library, archive, Event())
        try:
            while True:
                next(steps)
        except StopIteration as end:
            prepared, _ = end.value
        except BadInput:  # such as a prediction of noise at a level of nothing else
            assume(False)
        finally:
            library.close()
        yield prepared, archive.get("run")


def close(one: torch.Tensor, other: torch.Tensor, allowed: float) -> bool:
    return float((one.double() - other.double()).abs().max()) <= allowed


def check(prepared: Prepared, kept: Trajectory) -> None:
    assert len(kept.steps) == prepared.schedule.steps - kept.first
    recipe = prepared.recipe
    for step in kept.steps:
        here = kept.levels[step.before.index]
        assert here == prepared.schedule.levels[step.before.index]
        follows_from_its_level(step, here)
        parts_make_the_prediction(step, recipe, prepared, here)
        the_sampler_goes_on_to_the_next(step, prepared)


def follows_from_its_level(step: Step, here: Level) -> None:
    """x = alpha·x0 + sigma·ε"""
    x, x0 = step.before.x.double(), step.x0.double()
    assert here.sigma > 0
    epsilon = to_epsilon(x0, x, here)
    size = float(x.abs().max() + here.alpha * x0.abs().max())
    assert close(here.alpha * x0 + here.sigma * epsilon, x, 1e-12 * size)


def parts_make_the_prediction(step: Step, recipe: Recipe, prepared: Prepared, here: Level) -> None:
    """x̂0 = u + s·(c − u), and rescaled as `guide` says, wherever it is not held."""
    if recipe.guidance_scale == 1.0 or recipe.prompt.strip() == recipe.negative_prompt.strip():
        assert step.parts == ()
        return
    scale = recipe.guidance_scale
    unprompted, prompted = (part.double() for part in step.parts)
    combined = guide(prompted, unprompted, scale, recipe.guidance_rescale)
    largest = float(torch.stack([unprompted, prompted]).abs().max())
    allowed = HALF * (abs(scale) + abs(scale - 1) + 1) * (largest + 1e-3)
    if recipe.guidance_rescale:
        # The rounded parts' deviations are a little off too.
        guided = guide(prompted, unprompted, scale)
        least = float(guided.flatten(1).std(dim=1).min())
        assume(least > 1e-2 * largest)
        allowed *= 2 * (1 + largest / least)
    # What half precision cannot hold is stored as the largest number that it can.
    free = torch.maximum(prompted.abs(), unprompted.abs()) < torch.finfo(torch.half).max
    if prepared.mask is not None and prepared.held is not None:
        free &= step.x0 != prepared.held
    assert close(combined[free], step.x0[free], allowed) if free.any() else True


def the_sampler_goes_on_to_the_next(step: Step, prepared: Prepared) -> None:
    schedule, index = prepared.schedule, step.before.index
    turn = Turn(
        partial(prepared.noise, index),
        lambda x, level: prepared.predict(x, level).x0,
        schedule.at,
        prepared.recipe.options(),
        schedule.steps,
        schedule.flow,
    )
    here, there = schedule.levels[index], schedule.targets[index]
    again = STEPS[prepared.recipe.sampler](step.before, step.x0, here, there, turn)
    assert torch.equal(again.x, step.after.x)
    pairs = zip(again.previous, step.after.previous, strict=True)
    assert all(torch.equal(a, b) and one == other for (a, one), (b, other) in pairs)
    # And the prediction is the one that the model makes of the stored x.
    said = prepared.predict(step.before.x, here)
    assert torch.equal(said.x0, step.x0)
    for part, stored in zip(said.parts, step.parts, strict=True):
        assert torch.equal(part.half(), stored)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sampler", SAMPLERS)
@fresh
@given(data=st.data())
def test_of_random_models_of_each_kind(sampler: str, kind: str, data: st.DataObject) -> None:
    config = {}
    if kind != "flow_prediction":
        config = data.draw(
            st.fixed_dictionaries(
                {
                    "beta_schedule": st.sampled_from(["linear", "scaled_linear"]),
                    "rescale_betas_zero_snr": st.booleans(),
                    "set_alpha_to_one": st.booleans(),
                }
            )
        )
    family = RandomFamily(data.draw(st.integers(0, 2**31)), kind, **config)
    request = data.draw(requests(sampler, SIZE))
    with taken(request, family) as (prepared, kept):
        check(prepared, kept)
        if prepared.recipe.guidance_scale == 1.0 and request.mask is None:
            says_what_the_network_said(family, prepared, kept)


def says_what_the_network_said(family: RandomFamily, prepared: Prepared, kept: Trajectory) -> None:
    """The stored x̂0, put back into the network's own terms, is its output."""
    condition = family.condition(prepared.recipe.prompt, prepared.recipe)
    for step in kept.steps:
        here = kept.levels[step.before.index]
        output = family.output(step.before.x, here, condition).double()
        x0, x = step.x0.double(), step.before.x.double()
        size = float(x.abs().max() + x0.abs().max() + output.abs().max())
        rounding = 1e-6 * size / min(here.sigma, 1.0) / max(min(here.alpha, 1.0), 1e-6)
        assert math.isfinite(rounding)
        assert close(from_x0(family.kind, x0, x, here), output, rounding)


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Family:
    folder = tmp_path_factory.mktemp("starter")
    info = Catalogue(Folders(folder, folder)).find(DEFAULT_MODEL)
    device = torch.device("cpu")
    return load(info, device, default_dtype(device), lambda part: None)


@pytest.mark.parametrize("sampler", ["ddim", "ddpm", "heun", "dpmpp_2m"])
@settings(fresh, max_examples=2)
@given(data=st.data())
def test_of_the_starter_model(starter: Family, sampler: str, data: st.DataObject) -> None:
    request = data.draw(requests(sampler, starter.info.abilities.native_size, most=3))
    with taken(request, starter) as (prepared, kept):
        check(prepared, kept)
