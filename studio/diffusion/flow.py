"""The levels of flow matching: x = (1 − sigma)·x0 + sigma·noise, sigma from 1 to 0."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from studio.core.errors import BadInput
from studio.diffusion.config import ScheduleConfig
from studio.diffusion.levels import Level
from studio.diffusion.sigmas import CURVES

Array = NDArray[np.float64]


def flow_levels(
    config: ScheduleConfig, steps: int, spacing: str, sigmas: str, tokens: int | None
) -> tuple[Level, ...]:
    """steps + 1 levels, the last one clean. See `make_schedule` for the arguments."""
    sigma = _shift(_even(config, steps, spacing), _factor(config, tokens))
    if config.shift_terminal:
        sigma = 1 - (1 - sigma) * ((1 - config.shift_terminal) / (1 - sigma[-1]))
    curve = config.sigmas if sigmas == "model" else sigmas
    if curve != "model":
        sigma = CURVES[curve](float(sigma[0]), float(sigma[-1]), steps)
    times = sigma * config.num_train_timesteps
    if config.use_flow_sigmas:
        times = np.trunc(times)  # diffusers' DPM-Solver conditions on whole timesteps
    levels = [Level(1 - s, s, t) for s, t in zip(sigma.tolist(), times.tolist(), strict=True)]
    return (*levels, Level(1.0, 0.0, 0.0))


def flow_at(ratio: float, train: int) -> Level:
    """The level with this sigma/alpha, 0 to inf."""
    sigma = 1.0 if math.isinf(ratio) else ratio / (1 + ratio)
    return Level(1 - sigma, sigma, sigma * train)


def _even(config: ScheduleConfig, steps: int, spacing: str) -> Array:
    """Sigmas before any shift.

    "linspace" is what FlowMatchEulerDiscreteScheduler does by itself, "trailing" what most
    pipelines of flow models hand to it. Both start at 1, pure noise. A DPM-Solver configuration
    with `use_flow_sigmas` starts just below.
    """
    train = config.num_train_timesteps
    if spacing == "model":
        if config.use_flow_sigmas:
            # Their order of operations: it decides where the timestep is cut to a whole one.
            return np.asarray(1 - np.linspace(1, 1 / train, steps + 1)[:0:-1])
        spacing = config.timestep_spacing or "linspace"
    if spacing == "trailing":
        return np.linspace(1.0, 1 / steps, steps)
    if spacing == "leading":
        raise BadInput(
            "Leading spacing would start this model from something else than pure noise.",
            "Use trailing or linspace.",
        )
    least = np.array(1 / train)
    if not config.use_dynamic_shifting:
        # diffusers shifts the smallest sigma when it is made and then all of them again.
        least = _shift(least, config.shift)
    return np.linspace(1.0, float(least), steps)


def _factor(config: ScheduleConfig, tokens: int | None) -> float:
    """How far towards noise, for larger pictures further: Esser et al. 2024, section 5.3.2."""
    if not config.use_dynamic_shifting:
        return config.flow_shift if config.use_flow_sigmas else config.shift
    if tokens is None:
        raise ValueError("dynamic shifting needs the number of tokens")
    slope = (config.max_shift - config.base_shift) / (
        config.max_image_seq_len - config.base_image_seq_len
    )
    mu = config.base_shift + slope * (tokens - config.base_image_seq_len)
    return math.exp(mu) if config.time_shift_type == "exponential" else mu


def _shift(sigma: Array, factor: float) -> Array:
    return np.asarray(factor * sigma / (1 + (factor - 1) * sigma))
