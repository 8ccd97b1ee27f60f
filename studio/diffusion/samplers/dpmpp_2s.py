"""DPM-Solver++ 2S, ancestral: second order by a second look half way."""

from __future__ import annotations

import math

from torch import Tensor

from studio.diffusion.levels import Level
from studio.diffusion.prediction import to_epsilon
from studio.diffusion.samplers.ancestral import split
from studio.diffusion.samplers.ddim import euler_ancestral
from studio.diffusion.samplers.turn import Turn
from studio.diffusion.state import State


def dpmpp_2s_ancestral(state: State, x0: Tensor, here: Level, there: Level, turn: Turn) -> State:
    """Lu et al. 2022, algorithm 1 with r = ½, made ancestral as in k-diffusion.

    Half way is half of the step in log(σ/α) to sigma_down. With sigma_down = 0 there is no such
    point, from pure noise it is pure noise again; those steps are Euler's.
    """
    down, up = split(here, there, turn.number("eta"))
    if not here.alpha or not down:
        return euler_ancestral(state, x0, here, there, turn)
    middle = turn.at(math.sqrt(here.ratio * down / there.alpha))
    x_middle = middle.alpha * x0 + middle.sigma * to_epsilon(x0, state.x, here)
    x0_middle = turn.denoise(x_middle, middle)
    # e^(−h) = (down/α')/(σ/α), so that (down/σ)·x + α'·(1 − e^(−h))·x0 is the whole step.
    x = (down / here.sigma) * state.x
    x = x + (there.alpha - down * here.alpha / here.sigma) * x0_middle
    if up:
        x = x + up * turn.number("s_noise") * turn.noise(0)
    return State(state.index + 1, x)
