"""A step's noise, split into what stays of the old and what is drawn anew."""

from __future__ import annotations

import math

from studio.diffusion.levels import Level


def shrink(here: Level, there: Level) -> float:
    """e^(−h), the factor by which sigma/alpha falls: 0 from pure noise and to a clean sample."""
    return there.ratio / here.ratio


def split(here: Level, there: Level, eta: float) -> tuple[float, float]:
    """(sigma_down, sigma_up), with sigma_down² + sigma_up² = there.sigma².

    eta = 1 draws as much noise as the ancestral step (DDPM's, with the posterior variance β̃)
    does, eta = 0 none. In sigma/alpha this is k-diffusion's `get_ancestral_step`; for
    alpha² + sigma² = 1 sigma_up is also σ_t(η) of DDIM, equation 16 (Song et al. 2021): the two
    samplers are one.
    """
    up = eta * there.sigma * math.sqrt(max(0.0, 1 - shrink(here, there) ** 2))
    return math.sqrt(max(0.0, there.sigma**2 - up**2)), up
