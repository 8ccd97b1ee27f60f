"""A branch goes on bit by bit, and an image of a batch is its own seed's picture bit by bit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from studio.core.samplers import SAMPLERS
from studio.diffusion.levels import Level
from studio.diffusion.loop import walk
from studio.diffusion.noise import Noise
from studio.diffusion.schedule import Schedule, ScheduleConfig, make_schedule
from studio.diffusion.state import State, Step, plain

SHAPE = (2, 3, 5)
CONFIGS = (
    ScheduleConfig.from_diffusers({"beta_schedule": "scaled_linear"}),
    ScheduleConfig.from_diffusers({"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0}),
)


def denoise(x: Tensor, level: Level) -> Tensor:
    return torch.cat([torch.tanh(0.9 * one + 0.001 * level.timestep) for one in x.split(1)])


def settings_of(sampler: str) -> dict[str, Any]:
    names = {option.name for option in SAMPLERS[sampler].options}
    return {"eta": 0.7} if "eta" in names else {}


def run(
    schedule: Schedule, sampler: str, seeds: list[int], state: State | None = None
) -> list[Step]:
    noise = Noise(seeds, SHAPE)
    begin = state or State(0, noise.start())
    return list(walk(plain(denoise), schedule, sampler, settings_of(sampler), begin, noise))


def stored(state: State) -> State:
    """What comes back after a state was kept as tensors and numbers."""
    previous = tuple((x0.clone(), replace(level)) for x0, level in state.previous)
    return State(state.index, state.x.clone(), previous)


def same(a: Step, b: Step) -> bool:
    return torch.equal(a.x0, b.x0) and torch.equal(a.after.x, b.after.x)


runs = given(
    st.sampled_from(sorted(SAMPLERS)),
    st.sampled_from(CONFIGS),
    st.integers(1, 18),
    st.lists(st.integers(0, 2**32 - 1), min_size=3, max_size=3),
)


@settings(max_examples=50, deadline=None)
@runs
def test_from_any_step_the_rest_is_the_same(
    sampler: str, config: ScheduleConfig, steps: int, seeds: list[int]
) -> None:
    schedule = make_schedule(config, sampler, steps)
    whole = run(schedule, sampler, seeds)
    assert [step.before.index for step in whole] == list(range(steps))
    for k, step in enumerate(whole):
        again = run(schedule, sampler, seeds, stored(step.before))
        assert len(again) == steps - k
        assert all(same(a, b) for a, b in zip(again, whole[k:], strict=True))


@settings(max_examples=40, deadline=None)
@runs
def test_an_image_of_a_batch_is_the_same_alone(
    sampler: str, config: ScheduleConfig, steps: int, seeds: list[int]
) -> None:
    schedule = make_schedule(config, sampler, steps)
    batch = run(schedule, sampler, seeds)
    for i, seed in enumerate(seeds):
        for together, alone in zip(batch, run(schedule, sampler, [seed]), strict=True):
            assert torch.equal(together.after.x[i], alone.after.x[0])


def test_every_sampler_is_covered_at_every_step() -> None:
    for sampler in SAMPLERS:
        for config in CONFIGS:
            schedule = make_schedule(config, sampler, 6)
            whole = run(schedule, sampler, [1, 2, 3])
            for k, step in enumerate(whole):
                again = run(schedule, sampler, [1, 2, 3], stored(step.before))
                assert all(same(a, b) for a, b in zip(again, whole[k:], strict=True))
