"""diffusers' schedulers in double precision, to compare with.

They compute their levels, and some their steps, in float32, whatever is handed to them: at 1000
timesteps that alone costs more than 1e-5. So their own source runs with `float32` meaning
float64: its modules' names `torch` and `np` are replaced by ones where that is so.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from torch import Tensor

from studio.diffusion.levels import Level
from studio.diffusion.loop import walk
from studio.diffusion.prediction import to_x0
from studio.diffusion.schedule import Schedule, ScheduleConfig, make_schedule
from studio.diffusion.state import State, Step, plain

SHAPE = (2, 3, 4, 4)
TOLERANCE = 1e-8


class Double:
    """A module whose float32 is its float64."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self.float32 = module.float64

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def network(x: Tensor, timestep: float) -> Tensor:
    """Stands for a network: smooth, nonlinear, bounded, and different at every timestep."""
    return torch.tanh(1.3 * x + 0.3 * x.flip(-1) - 0.002 * float(timestep)) + 0.1 * x.flip(-2)


def noise(step: int, draw: int) -> Tensor:
    generator = torch.Generator().manual_seed(1000 * draw + step + 1)
    return torch.randn(SHAPE, generator=generator, dtype=torch.float64)


@dataclass
class Ours:
    """Our side: the schedule, the starting point and the steps."""

    schedule: Schedule
    x: Tensor
    steps: list[Step]


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """`scheduler("DDIMScheduler", **config)`: diffusers' own, in double precision."""

    def make(name: str, **config: Any) -> Any:
        kind = getattr(diffusers, name)
        module = importlib.import_module(kind.__module__)
        monkeypatch.setattr(module, "torch", Double(torch))
        if hasattr(module, "np"):
            monkeypatch.setattr(module, "np", Double(np))
        return kind(**config)

    previous = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield make
    torch.set_default_dtype(previous)


@pytest.fixture
def ours() -> Callable[..., Ours]:
    """Run our sampler under a diffusers scheduler's configuration, on `network`."""

    def run(
        theirs: Any,
        sampler: str,
        steps: int,
        options: dict[str, Any] | None = None,
        tokens: int | None = None,
        **schedule_words: str,
    ) -> Ours:
        name = type(theirs).__name__
        config = ScheduleConfig.from_diffusers({**theirs.config, "_class_name": name})
        schedule = make_schedule(config, sampler, steps, tokens=tokens, **schedule_words)

        def denoise(x: Tensor, level: Level) -> Tensor:
            return to_x0(config.prediction_type, network(x, level.timestep), x, level)

        x = noise(-1, 0)
        taken = list(walk(plain(denoise), schedule, sampler, options or {}, State(0, x), noise))
        return Ours(schedule, x, taken)

    return run


@pytest.fixture
def agree(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Step their scheduler beside our steps: the same timesteps, and the same x after each."""

    def check(theirs: Any, ours: Ours, scaled: bool = False, second: bool = False) -> None:
        """`scaled`: their x is ours/alpha. `second`: two of their steps are one of ours."""
        count = len(ours.steps)
        times = [float(t) for t in theirs.timesteps]
        module = importlib.import_module(type(theirs).__module__)
        now = 0
        if hasattr(module, "randn_tensor"):
            monkeypatch.setattr(module, "randn_tensor", lambda *_, **__: noise(now, 0))
        levels = ours.schedule.levels
        looks = times[:1] + times[1::2] if second else times[:count]
        np.testing.assert_allclose([v.timestep for v in levels[:-1]], looks, rtol=1e-9, atol=1e-9)
        sample = ours.x / levels[0].alpha if scaled else ours.x
        for i in range(len(times) if second else count):
            t = theirs.timesteps[i]
            now = i
            output = network(theirs.scale_model_input(sample, t) if scaled else sample, float(t))
            sample = theirs.step(output, t, sample).prev_sample
            if second and i % 2 == 0 and i < 2 * count - 2:
                continue  # they have only looked ahead
            step = ours.steps[i // 2 if second else i]
            target = ours.schedule.targets[step.before.index]
            mine = step.after.x / target.alpha if scaled else step.after.x
            error = float((mine - sample).abs().max() / sample.abs().max())
            assert error < TOLERANCE, f"step {step.before.index}: {error:.1e}"

    return check
