"""The denoising loop. Whoever consumes it shows, keeps, pauses, stops or changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from torch import Tensor

from studio.core.options import Value, complete
from studio.core.samplers import sampler_info
from studio.diffusion.levels import Level
from studio.diffusion.samplers import STEPS, Turn
from studio.diffusion.schedule import Schedule
from studio.diffusion.state import Predict, State, Step


def start(source_x0: Tensor | None, noise: Tensor, level: Level, scale: float = 1.0) -> Tensor:
    """x at `level`: alpha·x0 + sigma·noise, or without a source noise times `scale`.

    `scale` is `Schedule.noise_scale`. Without a source it stands for sigma: models start from
    noise of deviation 1 even where the noisiest level keeps a rest of signal, as in diffusers.
    """
    if source_x0 is None:
        return scale * noise
    return level.alpha * source_x0 + level.sigma * noise


def walk(
    predict: Predict,
    schedule: Schedule,
    sampler: str,
    options: Mapping[str, Value],
    state: State,
    noise: Callable[[int, int], Tensor],
) -> Iterator[Step]:
    """One Step a step, from `state.index` to the schedule's end.

    `noise(step, draw)` is noise like x, the same at every call (see `studio.diffusion.noise`).
    From the same state the same steps follow, bit by bit. Raises BadInput for an unknown sampler
    and for options that are not its own.
    """
    values = complete(sampler_info(sampler).options, options)
    step = STEPS[sampler]

    def denoise(x: Tensor, level: Level) -> Tensor:
        return predict(x, level).x0

    while state.index < schedule.steps:
        here, there = schedule.levels[state.index], schedule.targets[state.index]
        draw = partial(noise, state.index)
        turn = Turn(draw, denoise, schedule.at, values, schedule.steps, schedule.flow)
        said = predict(state.x, here)
        after = step(state, said.x0, here, there, turn)
        yield Step(state, said.x0, after, said.parts)
        state = after
