"""Heun's method: look ahead with Euler, then take the mean of the two slopes."""

from __future__ import annotations

from torch import Tensor

from studio.diffusion.levels import Level
from studio.diffusion.prediction import to_epsilon
from studio.diffusion.samplers.ddim import euler
from studio.diffusion.samplers.turn import Turn
from studio.diffusion.state import State


def heun(state: State, x0: Tensor, here: Level, there: Level, turn: Turn) -> State:
    """Karras et al. 2022, algorithm 1 without churn. The step to a clean sample is Euler's.

    Unlike Euler's its result depends on the coordinates: u = x/c against s = σ/c. Diffusion has
    c = α, where du/ds = ε; flow matching has c = α + σ, where du/ds = ε − x0. The latter also
    serves to leave from α = 0, where the former has no finite s.
    """
    ahead = euler(state, x0, here, there, turn)
    if not there.sigma:
        return ahead
    flow = turn.flow or not here.alpha

    def scale(level: Level) -> float:
        return level.alpha + level.sigma if flow else level.alpha

    def slope(x0: Tensor, x: Tensor, level: Level) -> Tensor:
        epsilon = to_epsilon(x0, x, level)
        return epsilon - x0 if flow else epsilon

    d = slope(x0, state.x, here)
    d_ahead = slope(turn.denoise(ahead.x, there), ahead.x, there)
    ds = there.sigma / scale(there) - here.sigma / scale(here)
    u = state.x / scale(here) + ds * (d + d_ahead) / 2
    return State(state.index + 1, scale(there) * u)
