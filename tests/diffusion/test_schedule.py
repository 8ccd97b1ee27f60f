from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from diffusers import FluxImg2ImgPipeline, StableDiffusionImg2ImgPipeline
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.errors import BadInput
from studio.core.samplers import SAMPLERS, SIGMAS, SPACINGS
from studio.diffusion.schedule import ScheduleConfig, make_schedule

SD = ScheduleConfig.from_diffusers(
    {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
    | {"set_alpha_to_one": False, "steps_offset": 1}
)
FLOW = ScheduleConfig.from_diffusers({"_class_name": "FlowMatchEulerDiscreteScheduler"})

names = st.sampled_from([name for name, _ in SPACINGS])
curves = st.sampled_from([name for name, _ in SIGMAS])


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(sorted(SAMPLERS)), names, curves, st.integers(1, 50))
def test_every_combination_falls_from_noise_to_the_end(
    sampler: str, spacing: str, sigmas: str, steps: int
) -> None:
    for config in (SD, replace(SD, rescale_betas_zero_snr=True), FLOW):
        if config.flow and spacing == "leading":
            continue
        schedule = make_schedule(config, sampler, steps, spacing, sigmas)
        assert schedule.steps == steps
        assert len(schedule.levels) == steps + 1 == len(schedule.targets) + 1
        assert schedule.targets[-1] == schedule.levels[-1]
        for here, there in itertools.pairwise(schedule.levels):
            assert here.ratio >= there.ratio
            assert here.timestep >= there.timestep
        for level in schedule.levels:
            a, s = level.alpha, level.sigma
            assert (a + s if config.flow else math.hypot(a, s)) == pytest.approx(1)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.01, 100), st.sampled_from([SD, FLOW]))
def test_at_gives_the_level_with_a_ratio(ratio: float, config: ScheduleConfig) -> None:
    level = make_schedule(config, "euler", 10).at(ratio)
    assert level.ratio == pytest.approx(ratio)


def test_at_agrees_with_the_levels_it_lies_between() -> None:
    for config in (SD, FLOW):
        for sampler in ("ddim", "euler"):
            schedule = make_schedule(config, sampler, 25)
            for level in schedule.levels[1:-1]:
                again = schedule.at(level.ratio)
                assert again.alpha == pytest.approx(level.alpha)
                assert again.timestep == pytest.approx(level.timestep, abs=0.02)
        assert schedule.at(math.inf).alpha == 0


def test_where_ddim_lands_beside_its_next_level() -> None:
    """Leading spacing, and trailing spacing with a divisor, land on it exactly."""
    for spacing, steps in (("leading", 30), ("leading", 20), ("trailing", 20)):
        schedule = make_schedule(SD, "ddim", steps, spacing)
        assert schedule.targets == schedule.levels[1:]
    for spacing, steps in (("linspace", 20), ("trailing", 30)):
        schedule = make_schedule(SD, "ddim", steps, spacing)
        assert schedule.targets != schedule.levels[1:]
        times = [level.timestep for level in schedule.levels]
        assert schedule.targets[0].timestep == times[0] - 1000 // steps


def test_the_end() -> None:
    assert make_schedule(SD, "ddim", 20).levels[-1].sigma == pytest.approx(0.00085**0.5)
    assert make_schedule(replace(SD, set_alpha_to_one=True), "ddim", 20).levels[-1].sigma == 0
    for sampler in set(SAMPLERS) - {"ddim"}:
        assert make_schedule(SD, sampler, 20).levels[-1].sigma == 0


@pytest.mark.parametrize("steps", [1, 7, 20, 50])
@pytest.mark.parametrize("strength", [0.1, 0.29, 0.35, 0.5, 0.75, 0.999, 1.0])
def test_start_is_where_diffusers_starts(steps: int, strength: float) -> None:
    class Stub:
        class scheduler:
            order = 1
            timesteps = range(steps)

    for pipeline, config in ((StableDiffusionImg2ImgPipeline, SD), (FluxImg2ImgPipeline, FLOW)):
        _, left = pipeline.get_timesteps(Stub(), steps, strength, "cpu")
        start = make_schedule(config, "euler", steps).start(strength)
        assert start == steps - max(left, 1)  # diffusers refuses to make no step


def test_dynamic_shift_moves_larger_pictures_towards_noise() -> None:
    config = replace(FLOW, use_dynamic_shifting=True)
    small, large = (make_schedule(config, "euler", 10, tokens=n) for n in (256, 4096))
    assert small.flow
    assert all(
        a.sigma < b.sigma for a, b in zip(small.levels[1:-1], large.levels[1:-1], strict=True)
    )
    with pytest.raises(ValueError, match="tokens"):
        make_schedule(config, "euler", 10)


@pytest.mark.parametrize(
    ("config", "sampler", "steps", "spacing", "sigmas"),
    [
        (SD, "ddimm", 20, "model", "model"),
        (SD, "ddim", 0, "model", "model"),
        (SD, "ddim", 1001, "model", "model"),
        (SD, "lcm", 51, "model", "model"),
        (SD, "ddim", 20, "even", "model"),
        (SD, "ddim", 20, "model", "gauss"),
        (FLOW, "euler", 20, "leading", "model"),
    ],
)
def test_what_cannot_be_is_refused(
    config: ScheduleConfig, sampler: str, steps: int, spacing: str, sigmas: str
) -> None:
    with pytest.raises(BadInput):
        make_schedule(config, sampler, steps, spacing, sigmas)
