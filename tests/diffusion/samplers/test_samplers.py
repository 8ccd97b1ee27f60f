from __future__ import annotations

import torch
from torch import Tensor

from studio.core.options import complete
from studio.core.samplers import SAMPLERS
from studio.diffusion.levels import Level
from studio.diffusion.samplers import STEPS, Turn
from studio.diffusion.schedule import ScheduleConfig, make_schedule
from studio.diffusion.state import State

SCHEDULE = make_schedule(ScheduleConfig(), "euler", 10)


def test_every_named_sampler_is_there_and_no_other() -> None:
    assert set(STEPS) == set(SAMPLERS)


def test_calls_and_chance_are_as_the_list_says() -> None:
    """What core says of a sampler without running it is what it does."""
    for name, info in SAMPLERS.items():
        looks: list[float] = []
        draws: list[int] = []

        def denoise(x: Tensor, level: Level, looks: list[float] = looks) -> Tensor:
            looks.append(level.ratio)
            return 0.5 * x

        def noise(draw: int, draws: list[int] = draws) -> Tensor:
            draws.append(draw)
            return torch.ones(1, 1, 2, 2)

        options = complete(info.options, {})
        turn = Turn(noise, denoise, SCHEDULE.at, options, SCHEDULE.steps, False)
        here, there = SCHEDULE.levels[3:5]
        x = torch.ones(1, 1, 2, 2)
        x0 = denoise(x, here)
        after = STEPS[name](State(3, x, ((0.9 * x0, SCHEDULE.levels[2]),)), x0, here, there, turn)
        assert after.index == 4
        assert len(looks) == info.calls
        assert bool(draws) == info.stochastic
        assert torch.equal(x, torch.ones(1, 1, 2, 2))  # nothing is changed in place


def test_the_noise_scale_scales_the_noise_and_nothing_else() -> None:
    x, (here, there) = torch.ones(1, 1, 2, 2), SCHEDULE.levels[3:5]
    noise = torch.full((1, 1, 2, 2), 3.0)
    names = [n for n, i in SAMPLERS.items() if "s_noise" in {o.name for o in i.options}]
    assert names
    for name in names:

        def after(s_noise: float, name: str = name) -> Tensor:
            options = complete(SAMPLERS[name].options, {"s_noise": s_noise})
            turn = Turn(lambda _: noise, lambda x, _: 0.5 * x, SCHEDULE.at, options, 10, False)
            return STEPS[name](State(3, x), 0.5 * x, here, there, turn).x

        added = after(1.0) - after(0.0)
        assert (added.abs() > 0.1).all()
        torch.testing.assert_close(after(1.5) - after(0.0), 1.5 * added)
