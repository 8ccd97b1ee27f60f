"""The variance schedules that diffusion models are trained with."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TINY = 2.0**-24
"""ᾱ that stands for 0 where a finite sigma/alpha is needed (diffusers' choice: half's least)."""


def _bars(bar: Callable[[float], float], count: int) -> Array:
    """Betas whose ᾱ(t) is `bar` on t in 0…1 (Nichol & Dhariwal 2021), none above 0.999."""
    betas = [1 - bar((i + 1) / count) / bar(i / count) for i in range(count)]
    return np.minimum(betas, 0.999)


def _cosine(t: float) -> float:
    return math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2


def _laplace(t: float) -> float:
    """Hang et al. 2024, as diffusers has it: √ of what the paper calls ᾱ."""
    log_snr = -0.5 * math.copysign(1, 0.5 - t) * math.log(1 - 2 * abs(0.5 - t) + 1e-6)
    return math.sqrt(math.exp(log_snr) / (1 + math.exp(log_snr)))


BETA_SCHEDULES: dict[str, Callable[[float, float, int], Array]] = {
    "linear": lambda start, end, count: np.linspace(start, end, count),
    "scaled_linear": lambda start, end, count: np.linspace(start**0.5, end**0.5, count) ** 2,
    "squaredcos_cap_v2": lambda start, end, count: _bars(_cosine, count),
    "laplace": lambda start, end, count: _bars(_laplace, count),
    "exp": lambda start, end, count: _bars(lambda t: math.exp(-12.0 * t), count),
    "sigmoid": lambda start, end, count: (
        (end - start) / (1 + np.exp(-np.linspace(-6, 6, count))) + start
    ),
}
"""(beta_start, beta_end, number of timesteps) → betas, by diffusers' names."""


def alpha_bars(
    schedule: str,
    start: float,
    end: float,
    count: int,
    trained: Sequence[float] | None = None,
    zero_terminal_snr: bool = False,
) -> Array:
    """ᾱ at every training timestep, falling, in float64 (diffusers: float32).

    `trained` betas go before `schedule`. With `zero_terminal_snr` the last one is exactly 0: √ᾱ
    is shifted and scaled so that its first value stays (Lin et al. 2024, algorithm 1).
    """
    betas = np.array(trained) if trained else BETA_SCHEDULES[schedule](start, end, count)
    bars = np.cumprod(1 - betas)
    if zero_terminal_snr:
        roots = np.sqrt(bars)
        roots = (roots - roots[-1]) * (roots[0] / (roots[0] - roots[-1]))
        bars = roots**2
    return np.asarray(bars, dtype=np.float64)
