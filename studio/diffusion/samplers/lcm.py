"""Latent consistency models (Luo et al. 2023): jump to x0, noise it again, jump again."""

from __future__ import annotations

import math

from torch import Tensor

from studio.diffusion.levels import Level
from studio.diffusion.samplers.turn import Turn
from studio.diffusion.state import State

SIGMA_DATA = 0.5
TIMESTEP_SCALING = 10.0


def lcm(state: State, x0: Tensor, here: Level, there: Level, turn: Turn) -> State:
    """Multistep consistency sampling, algorithm 3, of f = c_skip·x + c_out·x0.

    c_skip goes to 1 at timestep 0, so that f(x, 0) = x. The timestep is scaled by 10 in them, as
    in diffusers and all published models. The last step ends at f itself.
    """
    t = here.timestep * TIMESTEP_SCALING
    c_skip = SIGMA_DATA**2 / (t**2 + SIGMA_DATA**2)
    c_out = t / math.sqrt(t**2 + SIGMA_DATA**2)
    f = c_out * x0 + c_skip * state.x
    if state.index + 1 == turn.steps:
        return State(state.index + 1, f)
    x = there.alpha * f + there.sigma * turn.noise(0)
    return State(state.index + 1, x)
