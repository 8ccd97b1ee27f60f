"""DPM-Solver++ 2M and its SDE form (Lu et al. 2022): second order by remembering one x0."""

from __future__ import annotations

import math

from torch import Tensor

from studio.diffusion.levels import Level
from studio.diffusion.samplers.ancestral import shrink
from studio.diffusion.samplers.turn import Turn
from studio.diffusion.state import State

FEW = 15
"""Runs of fewer steps end with a first-order step (diffusers' `lower_order_final`)."""


def dpmpp_2m(state: State, x0: Tensor, here: Level, there: Level, turn: Turn) -> State:
    """Algorithm 2: x' = (σ'/σ)·x + α'·(1 − e^(−h))·D, h being the step in λ = log(α/σ)."""
    r = shrink(here, there)
    D = extrapolate(state, x0, here, there, turn)
    x = (there.sigma / here.sigma) * state.x + there.alpha * (1 - r) * D
    return State(state.index + 1, x, ((x0, here),))


def dpmpp_2m_sde(state: State, x0: Tensor, here: Level, there: Level, turn: Turn) -> State:
    """SDE-DPM-Solver++(2M), as in diffusers ("sde-dpmsolver++", midpoint).

    η from 0 (`dpmpp_2m`) to 1 (the paper, diffusers) and the noise scale are k-diffusion's.
    """
    r, eta = shrink(here, there), turn.number("eta")
    D = extrapolate(state, x0, here, there, turn)
    x = (there.sigma / here.sigma) * r**eta * state.x + there.alpha * (1 - r ** (1 + eta)) * D
    up = there.sigma * math.sqrt(1 - r ** (2 * eta))
    if up:
        x = x + up * turn.number("s_noise") * turn.noise(0)
    return State(state.index + 1, x, ((x0, here),))


def extrapolate(state: State, x0: Tensor, here: Level, there: Level, turn: Turn) -> Tensor:
    """D, the x0 expected half way to `there`: (1 + 1/2r)·x0 − (1/2r)·x0 before, r = h before/h.

    x0 alone, a first-order step, where there is no x0 before, where a step from pure noise or to
    a clean sample is infinite in λ, and at the end of a short run (see FEW).
    """
    last = state.index + 1 == turn.steps
    if not state.previous or not here.alpha or not there.sigma or (last and turn.steps < FEW):
        return x0
    x0_before, before = state.previous[-1]
    h = math.log(here.ratio / there.ratio)
    h_before = math.log(before.ratio / here.ratio) if before.alpha else math.inf
    if h_before <= 0:  # more steps than levels: two of them at the same one
        return x0
    return x0 + (0.5 * h / h_before) * (x0 - x0_before)
