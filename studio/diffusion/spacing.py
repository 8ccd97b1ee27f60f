"""Which of the training timesteps a run of fewer steps visits (Lin et al. 2024, table 2).

diffusers has three variants of the three spacings; each sampler gets the one that its scheduler
in diffusers uses.
"""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from studio.core.errors import BadInput

Array = NDArray[np.float64]


class Grid(Enum):
    """The variants: whole timesteps; fractional ones; whole ones that count the end as a point."""

    WHOLE = "DDPM, DDIM"
    FRACTIONAL = "Euler, Heun"
    WITH_END = "DPM-Solver multistep"


def space(spacing: str, grid: Grid, steps: int, train: int, offset: int, last: int) -> Array:
    """`steps` timesteps of 0…train − 1, falling.

    `last` is the number of timesteps in use, `train` except where DPM-Solver clips the noisiest
    ones (`lambda_min_clipped`). `offset` is added with leading spacing only, as far as it fits.
    Raises BadInput for more steps than timesteps.
    """
    if steps > last:
        raise BadInput(
            f"This model has {last} noise levels, too few for {steps} steps.",
            f"Use at most {last} steps.",
        )
    end = 1 if grid is Grid.WITH_END else 0
    if spacing == "linspace":
        points = np.linspace(0, last - 1, steps + end)
        if grid is not Grid.FRACTIONAL:
            points = points.round()
        return points[::-1][:steps].copy()
    if spacing == "leading":
        stride = max(1, last // (steps + end))
        whole = np.arange(steps + end)[-steps:] * stride
        # diffusers has no bound here and fails when the offset leads past the last timestep.
        whole += min(offset, train - 1 - int(whole[-1]))
        return whole[::-1].astype(np.float64)
    # np.arange(train, 0, -train/steps), which diffusers uses, can give one timestep too many,
    # −1, by rounding; counted like this it cannot.
    times = last - np.arange(steps) * (last / steps)
    return np.asarray(times.round() - 1, dtype=np.float64)


def consistency(steps: int, train: int, original: int) -> Array:
    """The timesteps of a latent-consistency model: a choice of the `original` distilled ones.

    Luo et al. 2023, as in diffusers' LCMScheduler. Raises BadInput for more steps than `original`.
    """
    if steps > original:
        raise BadInput(
            f"LCM has {original} noise levels, too few for {steps} steps.",
            f"Use at most {original} steps; 1 to 8 are usual.",
        )
    distilled = (np.arange(1, original + 1) * (train // original) - 1)[::-1]
    chosen = np.floor(np.linspace(0, original, steps, endpoint=False)).astype(np.int64)
    return np.asarray(distilled[chosen], dtype=np.float64)
