"""What a sampler is given, besides where it is and what the denoiser said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from studio.core.options import Value
from studio.diffusion.levels import Level
from studio.diffusion.state import Denoise, State


@dataclass(frozen=True)
class Turn:
    """One step's surroundings.

    `noise(draw)` is this step's noise, the same at every call; `denoise` is for second looks and
    `at` gives the level with a sigma/alpha for them. `options` holds every option of the
    sampler. `steps` is the number of steps of the whole run, `flow` whether the levels are those
    of flow matching.
    """

    noise: Callable[[int], Tensor]
    denoise: Denoise
    at: Callable[[float], Level]
    options: Mapping[str, Value]
    steps: int
    flow: bool

    def number(self, name: str) -> float:
        return float(self.options[name])


Sampler = Callable[[State, Tensor, Level, Level, Turn], State]
"""(state, x0, here, there, turn) → the state at `there`. x0 was predicted from state.x `here`.

Pure: the same arguments give the same bits, and each image of a batch only depends on itself.
Written for levels (alpha, sigma) of any kind; coefficients are Python floats, in double.
"""
