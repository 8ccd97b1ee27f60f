from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from studio.core.errors import BadInput
from studio.diffusion.levels import Level
from studio.diffusion.loop import start, walk
from studio.diffusion.noise import Noise
from studio.diffusion.prediction import to_epsilon
from studio.diffusion.schedule import ScheduleConfig, make_schedule
from studio.diffusion.state import State, plain

SHAPE = (1, 2, 2)
SCHEDULE = make_schedule(ScheduleConfig(), "ddim", 8)
NOISE = Noise([3], SHAPE, dtype=torch.float64)


def halve(x: Tensor, level: Level) -> Tensor:
    return x / 2


def test_start_mixes_source_and_noise_and_without_one_is_noise() -> None:
    noise, source = NOISE.start(), torch.ones(1, *SHAPE).double()
    level = Level(0.6, 0.8, 500.0)
    torch.testing.assert_close(start(source, noise, level), 0.6 * source + 0.8 * noise)
    assert torch.equal(start(None, noise, level), noise)
    assert torch.equal(start(None, noise, level, 2.0), 2 * noise)


def test_steps_hang_together() -> None:
    steps = list(walk(plain(halve), SCHEDULE, "ddim", {}, State(2, NOISE.start()), NOISE))
    assert [step.before.index for step in steps] == [2, 3, 4, 5, 6, 7]
    for one, following in itertools.pairwise(steps):
        assert one.after is following.before
    for step in steps:
        assert torch.equal(step.x0, step.before.x / 2)


def test_ddim_without_noise_is_the_formula() -> None:
    """x' = alpha'·x0 + sigma'·(x − alpha·x0)/sigma, with the levels as they are listed."""
    for step in walk(plain(halve), SCHEDULE, "ddim", {"eta": 0.0}, State(0, NOISE.start()), NOISE):
        here, there = SCHEDULE.levels[step.before.index : step.after.index + 1]
        epsilon = to_epsilon(step.x0, step.before.x, here)
        wanted = there.alpha * step.x0 + there.sigma * epsilon
        torch.testing.assert_close(step.after.x, wanted, rtol=1e-12, atol=1e-12)


def test_nothing_is_computed_before_it_is_asked_for() -> None:
    calls: list[float] = []

    def denoise(x: Tensor, level: Level) -> Tensor:
        calls.append(level.timestep)
        return x

    steps = walk(plain(denoise), SCHEDULE, "ddim", {}, State(0, NOISE.start()), NOISE)
    assert calls == []
    next(steps)
    assert calls == [SCHEDULE.levels[0].timestep]


def test_at_the_end_there_is_no_step_left() -> None:
    assert list(walk(plain(halve), SCHEDULE, "ddim", {}, State(8, NOISE.start()), NOISE)) == []


@pytest.mark.parametrize(
    ("sampler", "options"), [("ddimm", {}), ("ddim", {"eta": 2.0}), ("euler", {"eta": 0.0})]
)
def test_unknown_samplers_and_options_are_refused(sampler: str, options: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        next(walk(plain(halve), SCHEDULE, sampler, options, State(0, NOISE.start()), NOISE))
