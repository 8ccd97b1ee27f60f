from __future__ import annotations

import pytest
import torch
from torch import Tensor

from studio.core.samplers import SAMPLERS
from studio.diffusion.hold import hold, noisiness
from studio.diffusion.levels import Level
from studio.diffusion.loop import start, walk
from studio.diffusion.noise import Noise
from studio.diffusion.schedule import ScheduleConfig, make_schedule
from studio.diffusion.state import State, plain

SHAPE = (3, 6, 6)
CONFIG = ScheduleConfig.from_diffusers({"timestep_spacing": "trailing"})
SOURCE = torch.rand(1, *SHAPE, generator=torch.Generator().manual_seed(4)).double()
MASK = torch.zeros(1, 1, 6, 6)
MASK[..., 2:4, 2:5] = 1
OUTSIDE = (MASK == 0).expand(2, *SHAPE)
FLAT = 0.25


def flat(x: Tensor, level: Level) -> Tensor:
    return torch.full_like(x, FLAT)


def noise() -> Noise:
    return Noise([1, 2], SHAPE, dtype=torch.float64)


@pytest.mark.parametrize("sampler", ["ddim", "euler", "heun", "dpmpp_2m"])
def test_the_outside_stays_on_the_sources_own_path(sampler: str) -> None:
    schedule, first = make_schedule(CONFIG, sampler, 10), noise().start()
    x = start(SOURCE, first, schedule.levels[2])
    for step in walk(hold(plain(flat), SOURCE, MASK), schedule, sampler, {}, State(2, x), noise()):
        level = schedule.levels[step.after.index]
        path = start(SOURCE, first, level)
        torch.testing.assert_close(step.after.x[OUTSIDE], path[OUTSIDE], rtol=1e-9, atol=1e-9)
        assert torch.equal(step.x0[OUTSIDE], SOURCE.expand(2, *SHAPE)[OUTSIDE])
        assert (step.x0[~OUTSIDE] == FLAT).all()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_brings_the_source_back_outside_and_not_inside(sampler: str) -> None:
    schedule = make_schedule(CONFIG, sampler, 10)
    x = start(None, noise().start(), schedule.levels[0])
    held = hold(plain(flat), SOURCE, MASK)
    *_, last = walk(held, schedule, sampler, {}, State(0, x), noise())
    after = last.after.x
    tight = {"rtol": 0.0, "atol": 1e-3}
    torch.testing.assert_close(after[OUTSIDE], SOURCE.expand(2, *SHAPE)[OUTSIDE], **tight)
    torch.testing.assert_close(after[~OUTSIDE], torch.full_like(after[~OUTSIDE], FLAT), **tight)


def test_a_soft_pixel_joins_when_the_noise_has_fallen_to_its_value() -> None:
    mask = torch.linspace(0, 1, 6).expand(1, 1, 6, 6)
    held = hold(plain(flat), SOURCE, mask)
    before = torch.zeros(1, *SHAPE, dtype=torch.bool)
    for angle in (1.0, 0.9, 0.7, 0.5, 0.3, 0.1, 1e-6):
        quarter = torch.tensor(angle, dtype=torch.float64) * torch.pi / 2
        level = Level(float(quarter.cos()), float(quarter.sin()), 0.0)
        free = held(torch.zeros(1, *SHAPE).double(), level).x0 == FLAT
        assert torch.equal(free, ((mask > 0) & (mask >= noisiness(level))).expand_as(free))
        assert (free | ~before).all()  # once free, always free
        before = free
    assert before.float().mean() == pytest.approx(5 / 6)
    clean = held(torch.zeros(1, *SHAPE).double(), Level(1.0, 0.0, 0.0)).x0
    assert torch.equal(clean == FLAT, before)  # what is held for good stays held even there


def test_noisiness_is_the_same_measure_for_both_kinds() -> None:
    assert noisiness(Level(0.0, 1.0, 0.0)) == 1.0
    assert noisiness(Level(1.0, 0.0, 0.0)) == 0.0
    assert noisiness(Level(0.5, 0.5, 0.0)) == pytest.approx(0.5)
    assert noisiness(Level(0.5**0.5, 0.5**0.5, 0.0)) == pytest.approx(0.5)
