"""DDIM (Song, Meng & Ermon 2021), and Euler, which is the same step without noise."""

from __future__ import annotations

from torch import Tensor

from studio.diffusion.levels import Level
from studio.diffusion.prediction import to_epsilon
from studio.diffusion.samplers.ancestral import split
from studio.diffusion.samplers.turn import Turn
from studio.diffusion.state import State


def ddim(state: State, x0: Tensor, here: Level, there: Level, turn: Turn) -> State:
    """Equation 12: x' = α'·x0 + √(σ'² − σ_η²)·ε + σ_η·noise, with the η of equation 16.

    diffusers aims at another level than the next one with some spacings. That is a matter of the
    levels and not of the step: see `studio.diffusion.schedule`.
    """
    down, up = split(here, there, turn.number("eta"))
    x = there.alpha * x0 + down * to_epsilon(x0, state.x, here)
    if up:
        x = x + up * turn.noise(0)
    return State(state.index + 1, x)


def euler(state: State, x0: Tensor, here: Level, there: Level, turn: Turn) -> State:
    """Euler's method on the probability-flow ODE (Karras et al. 2022, algorithm 1 without churn).

    The ODE is d(x/α)/d(σ/α) = ε. Flow matching's, dx/dσ = ε − x0, has the same Euler steps.
    """
    epsilon = to_epsilon(x0, state.x, here)
    return State(state.index + 1, there.alpha * x0 + there.sigma * epsilon)


def euler_ancestral(state: State, x0: Tensor, here: Level, there: Level, turn: Turn) -> State:
    """Euler to sigma_down, then noise of deviation sigma_up (Crowson's k-diffusion).

    η and the noise scale are k-diffusion's; diffusers has 1 for both.
    """
    down, up = split(here, there, turn.number("eta"))
    x = there.alpha * x0 + down * to_epsilon(x0, state.x, here)
    if up:
        x = x + up * turn.number("s_noise") * turn.noise(0)
    return State(state.index + 1, x)
