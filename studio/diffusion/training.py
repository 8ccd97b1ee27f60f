"""The levels a diffusion model was trained at, and the ones between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.diffusion.betas import TINY, alpha_bars
from studio.diffusion.config import ScheduleConfig
from studio.diffusion.levels import Level

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Training:
    """ᾱ by timestep, falling, and sigma/alpha by timestep, rising and finite."""

    bars: Array
    ratios: Array

    @classmethod
    def of(cls, config: ScheduleConfig) -> Training:
        bars = alpha_bars(
            config.beta_schedule,
            config.beta_start,
            config.beta_end,
            config.num_train_timesteps,
            config.trained_betas,
            config.rescale_betas_zero_snr,
        )
        finite = np.maximum(bars, TINY) if config.rescale_betas_zero_snr else bars
        return cls(bars, np.sqrt((1 - finite) / finite))

    def level(self, timestep: int) -> Level:
        """Exactly a trained level: alpha is 0 at the last one of a zero-terminal-SNR model."""
        bar = float(self.bars[timestep])
        return Level(math.sqrt(bar), math.sqrt(1 - bar), float(timestep))

    def ratios_at(self, timesteps: Array) -> Array:
        """sigma/alpha at timesteps that need not be whole: linear between the trained ones."""
        return np.interp(timesteps, np.arange(len(self.ratios)), self.ratios)

    def timesteps_at(self, ratios: Array) -> Array:
        """The timesteps of these sigma/alpha: linear in the logarithm, as k-diffusion does."""
        logs = np.log(np.maximum(ratios, 1e-10))
        return np.interp(logs, np.log(self.ratios), np.arange(len(self.ratios)))

    def at(self, ratio: float) -> Level:
        """The level with this sigma/alpha, 0 to inf."""
        return between(ratio, float(self.timesteps_at(np.array(ratio))))


def between(ratio: float, timestep: float) -> Level:
    """The variance-preserving level with this sigma/alpha."""
    if math.isinf(ratio):
        return Level(0.0, 1.0, timestep)
    alpha = 1 / math.sqrt(1 + ratio**2)
    return Level(alpha, ratio * alpha, timestep)
