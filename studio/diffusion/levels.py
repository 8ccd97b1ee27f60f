"""A noise level, the one notion that all kinds of diffusion share."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """x = alpha·x0 + sigma·noise, and the number that tells the network so.

    Variance-preserving diffusion has alpha² + sigma² = 1, flow matching alpha + sigma = 1.
    alpha = 0 is pure noise, sigma = 0 a clean sample. `timestep` is what the network is
    conditioned with, in the units it was trained with (0 to 1000 as a rule), often not whole.
    """

    alpha: float
    sigma: float
    timestep: float

    @property
    def ratio(self) -> float:
        """sigma/alpha, 0 to inf: the sigma of Karras et al. (2022), who scale x by 1/alpha."""
        return self.sigma / self.alpha if self.alpha else math.inf

    @property
    def log_snr(self) -> float:
        """log(alpha²/sigma²), natural: −inf for pure noise, inf for a clean sample."""
        if not self.alpha:
            return -math.inf
        if not self.sigma:
            return math.inf
        return 2 * (math.log(self.alpha) - math.log(self.sigma))
