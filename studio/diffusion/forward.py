"""The forward process: noise added to a clean sample, in one jump or in small steps.

q(x_t | x_0) = N(√ᾱ_t·x_0, 1 − ᾱ_t) (Ho et al. 2020, equation 4) is what a thousand small steps
x_t = √(1 − β_t)·x_{t−1} + √β_t·ε_t (equation 2) come to: the same distribution. The same sample
only if the jump takes the noise that the steps have piled up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.diffusion.betas import BETA_SCHEDULES
from studio.diffusion.levels import Level

STEPS = 1000
EVERY = 100
"""Chains keep their samples every so many steps, to go on from there."""

Draw = Callable[[int], Tensor]
"""The noise of small step t, 1 to STEPS, and at 0 the one noise of a jump. Like x_0, and the same
at every call."""


@dataclass(frozen=True, eq=False)
class Process:
    """`betas[t − 1]` is the variance added by small step t, 1 ≤ t ≤ STEPS.

    None for flow matching, which draws noise once: x_t goes in a straight line from the picture
    to it, and small steps only walk along that line.
    """

    name: str
    betas: NDArray[np.float64] | None
    bars: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        if self.betas is None:
            bars = (1 - np.arange(STEPS + 1) / STEPS) ** 2
        else:
            bars = np.concatenate([[1.0], np.cumprod(1 - self.betas)])
        object.__setattr__(self, "bars", bars)

    @property
    def flow(self) -> bool:
        return self.betas is None

    def level(self, t: int) -> Level:
        """alpha and sigma after t small steps, 0 ≤ t ≤ STEPS."""
        if self.flow:
            return Level(1 - t / STEPS, t / STEPS, float(t))
        bar = float(self.bars[t])
        return Level(bar**0.5, (1 - bar) ** 0.5, float(t))

    def beta(self, t: int) -> float:
        """The variance that small step t adds; 0 for flow matching and before the first."""
        return float(self.betas[t - 1]) if self.betas is not None and t else 0.0


def _process(name: str, schedule: str, start: float, end: float) -> Process:
    return Process(name, BETA_SCHEDULES[schedule](start, end, STEPS))


PROCESSES: tuple[Process, ...] = (
    _process("linear", "linear", 1e-4, 0.02),  # Ho et al. 2020
    _process("scaled_linear", "scaled_linear", 0.00085, 0.012),  # Rombach et al. 2022
    _process("cosine", "squaredcos_cap_v2", 0.0, 0.0),  # Nichol & Dhariwal 2021
    Process("flow", None),  # Lipman et al. 2023
)


def jump(x0: Tensor, noise: Tensor, level: Level) -> Tensor:
    """x_t at once: a draw from q(x_t | x_0) for standard normal noise."""
    return level.alpha * x0 + level.sigma * noise


@dataclass(frozen=True)
class _Place:
    """Where the chains are: each one's sample, and all the noise in it so far (0 at t = 0)."""

    t: int
    xs: tuple[Tensor, ...]
    piles: tuple[Tensor, ...]


class Chains:
    """x_t by small steps from `x0` under several processes, at any t, again and again.

    They share each small step's noise, so what differs is the schedule alone. In double
    precision. The noise is piled up beside the sample, on its own: √(1 − β)·piled + √β·ε. So
    that a jump with it lands where the steps do can be seen, and is not put in.
    """

    def __init__(self, processes: Sequence[Process], x0: Tensor, draw: Draw) -> None:
        self._processes, self._x0, self._draw = tuple(processes), x0.double(), draw
        count, nothing = len(self._processes), torch.zeros_like(self._x0)
        self._here = _Place(0, (self._x0,) * count, (nothing,) * count)
        self._kept = {0: self._here}
        self._line = draw(0).double()

    def at(self, t: int, most: int = STEPS) -> tuple[int, tuple[tuple[Tensor, Tensor], ...]]:
        """How far on the way to t it is after at most `most` small steps, and for each process
        x there, with the standard normal noise that its steps add up to (0 at t = 0)."""
        place = self._kept[max(kept for kept in self._kept if kept <= t)]
        if place.t < self._here.t <= t:
            place = self._here
        for _ in range(min(most, t - place.t)):
            place = self._step(place)
            if place.t % EVERY == 0:
                self._kept[place.t] = place
        self._here = place
        said = []
        for process, x, pile in zip(self._processes, place.xs, place.piles, strict=True):
            sigma = process.level(place.t).sigma
            said.append((x, pile / sigma if sigma else pile))
        return place.t, tuple(said)

    def _step(self, place: _Place) -> _Place:
        t = place.t + 1
        noise = self._draw(t).double()
        xs, piles = [], []
        for process, x, pile in zip(self._processes, place.xs, place.piles, strict=True):
            if process.flow:
                # dx/dt = ε − x_0 all the way, so Euler's method is exact.
                xs.append(x + (self._line - self._x0) / STEPS)
                piles.append(pile + self._line / STEPS)
            else:
                beta = process.beta(t)
                keep, add = (1 - beta) ** 0.5, beta**0.5 * noise
                xs.append(keep * x + add)
                piles.append(keep * pile + add)
        return _Place(t, tuple(xs), tuple(piles))
