"""Samplers against distributions whose best denoiser is known: they have to land on the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from studio.core.samplers import SAMPLERS
from studio.diffusion.levels import Level
from studio.diffusion.loop import walk
from studio.diffusion.noise import Noise
from studio.diffusion.schedule import Schedule, ScheduleConfig, make_schedule
from studio.diffusion.state import State, plain

MEAN, SPREAD = 0.5, 0.4
DIFFUSION = ScheduleConfig.from_diffusers(
    {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
    | {"timestep_spacing": "trailing"}
)
FLOW = ScheduleConfig.from_diffusers({"_class_name": "FlowMatchEulerDiscreteScheduler"})
ZERO = replace(DIFFUSION, rescale_betas_zero_snr=True, prediction_type="v_prediction")
ODE = ("ddim", "euler", "heun", "dpmpp_2m")
SECOND_ORDER = ("heun", "dpmpp_2m")
NOISY: dict[str, dict[str, Any]] = {
    "ddim": {"eta": 1.0},
    "ddpm": {},
    "euler_ancestral": {},
    "dpmpp_2m_sde": {},
    "dpmpp_2s_ancestral": {},
}


def gaussian(x: Tensor, level: Level) -> Tensor:
    """E[x0 | x] for x0 ~ N(MEAN, SPREAD²)."""
    a, s = level.alpha, level.sigma
    return MEAN + a * SPREAD**2 / (a**2 * SPREAD**2 + s**2) * (x - a * MEAN)


def points(x: Tensor, level: Level) -> Tensor:
    """E[x0 | x] for x0 = ±1 with equal chances."""
    return torch.tanh(level.alpha * x / level.sigma**2)


def run(
    denoise: Callable[[Tensor, Level], Tensor],
    schedule: Schedule,
    sampler: str,
    options: dict[str, Any] | None = None,
    shape: tuple[int, ...] = (1, 100, 100),
) -> Tensor:
    """The last x of a run from pure noise."""
    noise = Noise([11], shape, dtype=torch.float64)
    state = State(0, noise.start())
    *_, last = walk(plain(denoise), schedule, sampler, options or {}, state, noise)
    return last.after.x


def error(config: ScheduleConfig, sampler: str, steps: int) -> float:
    """How far an ODE sampler goes astray from where the Gaussian's flow takes each point.

    Measured at the last level before the end, the same for every number of steps: the step from
    there is first-order for all.
    """
    schedule = make_schedule(config, sampler, steps, sigmas="karras")
    noise = Noise([11], (1, 100, 100), dtype=torch.float64)
    *_, last = walk(plain(gaussian), schedule, sampler, {}, State(0, noise.start()), noise)

    def deviation(level: Level) -> float:
        return float((level.alpha * SPREAD) ** 2 + level.sigma**2) ** 0.5

    begin, end = schedule.levels[0], schedule.levels[-2]
    moved = deviation(end) / deviation(begin) * (noise.start() - begin.alpha * MEAN)
    return float((last.before.x - end.alpha * MEAN - moved).square().mean().sqrt())


@pytest.mark.parametrize("config", [DIFFUSION, FLOW], ids=["diffusion", "flow"])
@pytest.mark.parametrize("sampler", ODE)
def test_deterministic_samplers_follow_the_closed_form_flow(
    sampler: str, config: ScheduleConfig
) -> None:
    assert error(config, sampler, 200) < (1e-4 if sampler in SECOND_ORDER else 0.006)


@pytest.mark.parametrize("config", [DIFFUSION, FLOW], ids=["diffusion", "flow"])
@pytest.mark.parametrize("sampler", ODE)
def test_twice_the_steps_make_half_or_a_quarter_of_the_error(
    sampler: str, config: ScheduleConfig
) -> None:
    gain = error(config, sampler, 60) / error(config, sampler, 120)
    assert gain == pytest.approx(4.0 if sampler in SECOND_ORDER else 2.0, rel=0.2)


@pytest.mark.parametrize("config", [DIFFUSION, FLOW, ZERO], ids=["diffusion", "flow", "zero"])
@pytest.mark.parametrize("sampler", NOISY)
def test_stochastic_samplers_have_the_right_mean_and_deviation(
    sampler: str, config: ScheduleConfig
) -> None:
    x = run(gaussian, make_schedule(config, sampler, 200), sampler, NOISY[sampler])
    assert float(x.mean()) == pytest.approx(MEAN, abs=0.02)
    assert float(x.std()) == pytest.approx(SPREAD, abs=0.02)


def test_lcm_jumps_to_the_best_guess_and_noises_it_again() -> None:
    """With a denoiser that knows the point, every number of steps ends on it."""
    for steps in (1, 4, 8):
        schedule = make_schedule(DIFFUSION, "lcm", steps)
        x = run(lambda x, _: torch.full_like(x, 0.7), schedule, "lcm")
        assert float((x - 0.7).abs().max()) < 1e-3


@pytest.mark.parametrize("config", [DIFFUSION, FLOW, ZERO], ids=["diffusion", "flow", "zero"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_ends_on_the_points_of_a_point_set(
    sampler: str, config: ScheduleConfig
) -> None:
    steps = 40
    if sampler == "lcm":
        config = replace(config, original_inference_steps=steps)
    options = {"variance": "posterior"} if sampler == "ddpm" else {}
    x = run(points, make_schedule(config, sampler, steps), sampler, options)
    assert float((x.abs() - 1).abs().quantile(0.99)) < 0.05
    assert 0.45 < float((x > 0).double().mean()) < 0.55


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_from_exactly_pure_noise_to_exactly_clean_there_is_no_nan(sampler: str) -> None:
    for config in (DIFFUSION, FLOW):
        schedule = make_schedule(config, sampler, 12)
        levels = (Level(0.0, 1.0, 999.0), *schedule.levels[1:-1], Level(1.0, 0.0, 0.0))
        ended = replace(schedule, levels=levels, targets=levels[1:])
        x = run(gaussian, ended, sampler)
        assert x.isfinite().all()
        assert float(x.mean()) == pytest.approx(MEAN, abs=0.1)


def test_more_steps_than_distinct_levels_still_end_on_the_data() -> None:
    for sampler in SAMPLERS:
        if sampler == "lcm":
            continue
        schedule = make_schedule(replace(DIFFUSION, timestep_spacing=None), sampler, 1000)
        x = run(gaussian, schedule, sampler, shape=(1, 20, 20))
        assert x.isfinite().all()
        assert float(x.std()) == pytest.approx(SPREAD, abs=0.08)


def test_no_noise_makes_the_stochastic_samplers_deterministic() -> None:
    still = {"eta": 0.0}
    schedule = make_schedule(DIFFUSION, "euler", 20)
    for sampler, twin in (("euler_ancestral", "euler"), ("dpmpp_2m_sde", "dpmpp_2m")):
        x = run(gaussian, schedule, sampler, still)
        wanted = run(gaussian, schedule, twin)
        torch.testing.assert_close(x, wanted)
