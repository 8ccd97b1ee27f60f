"""Curves of noise between a largest and a smallest sigma, whatever the model was trained with."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from studio.diffusion.beta_distribution import quantile

Array = NDArray[np.float64]
RHO = 7.0


def karras(largest: float, smallest: float, steps: int) -> Array:
    """Even in sigma^(1/7): Karras et al. 2022, equation 5."""
    ramp = np.linspace(0, 1, steps)
    low, high = smallest ** (1 / RHO), largest ** (1 / RHO)
    return np.asarray((high + ramp * (low - high)) ** RHO)


def exponential(largest: float, smallest: float, steps: int) -> Array:
    """Even in log sigma."""
    return np.exp(np.linspace(math.log(largest), math.log(smallest), steps))


def beta(largest: float, smallest: float, steps: int) -> Array:
    """Quantiles of Beta(0.6, 0.6), dense at both ends: Lee et al. 2024.

    As in diffusers: in sigma, where the paper chooses timesteps.
    """
    share = quantile(1 - np.linspace(0, 1, steps), 0.6, 0.6)
    return np.asarray(smallest + share * (largest - smallest))


CURVES: dict[str, Callable[[float, float, int], Array]] = {
    "karras": karras,
    "exponential": exponential,
    "beta": beta,
}
"""(largest, smallest, steps) → falling sigmas, for each name in SIGMAS but "model"."""
