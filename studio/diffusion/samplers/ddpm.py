"""DDPM (Ho, Jain & Abbeel 2020), in steps of any length."""

from __future__ import annotations

import math

from torch import Tensor

from studio.diffusion.levels import Level
from studio.diffusion.samplers.turn import Turn
from studio.diffusion.state import State


def ddpm(state: State, x0: Tensor, here: Level, there: Level, turn: Turn) -> State:
    """A draw from q(x'|x, x0), equations 6 and 7, or with its variance β instead of β̃.

    For levels (α, σ) of any kind as in Kingma et al. 2021, appendix A: a = α/α', and
    β = σ² − a²σ'² is the variance of x given x'. With α² + σ² = 1 these are the paper's.

    As in diffusers the last step adds noise too, unless it leaves from timestep 0; the paper
    adds none. That matters for β only: β̃ is 0 there (diffusers: at least 1e-20).
    """
    a = here.alpha / there.alpha
    beta = here.sigma**2 - a**2 * there.sigma**2
    posterior = beta * there.sigma**2 / here.sigma**2
    mean = (a * there.sigma**2 / here.sigma**2) * state.x
    mean = mean + (there.alpha * beta / here.sigma**2) * x0
    variance = beta if turn.options["variance"] == "beta" else posterior
    if here.timestep > 0 and variance > 0:
        mean = mean + math.sqrt(variance) * turn.noise(0)
    return State(state.index + 1, mean)
