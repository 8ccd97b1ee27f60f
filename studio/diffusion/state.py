"""What a sampler needs to go on, and nothing else: a branch resumes from it bit by bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from studio.diffusion.levels import Level

Denoise = Callable[[Tensor, Level], Tensor]
"""(x, level) → x0, the prediction of the clean sample. Both [batch, channels, height, width]."""


@dataclass(frozen=True)
class Prediction:
    """x0, and under guidance the two it was made of: `parts` is (without the prompt, with it).

    Each is like x0. They are what the network said: what is held outside a mask is in x0 alone.
    """

    x0: Tensor
    parts: tuple[Tensor, ...] = ()


Predict = Callable[[Tensor, Level], Prediction]
"""(x, level) → all that a denoiser says. A `Denoise` is the half of it that samplers need."""


def plain(denoise: Denoise) -> Predict:
    """A denoiser that has nothing else to say."""
    return lambda x, level: Prediction(denoise(x, level))


Past = tuple[Tensor, Level]
"""An earlier x0 and the level it was predicted at."""


@dataclass(frozen=True)
class State:
    """x, about to be denoised at `levels[index]`.

    `previous` holds what a multistep sampler remembers, oldest first; () at the start and for
    samplers that remember nothing. Plain tensors and levels, so that a state can be stored.
    """

    index: int
    x: Tensor
    previous: tuple[Past, ...] = ()


@dataclass(frozen=True)
class Step:
    """One turn of the loop: where it was, what the denoiser said, where it went.

    `parts` are those of the first look's `Prediction`, the one that x0 is of; samplers that look
    a second time keep that to themselves.
    """

    before: State
    x0: Tensor
    after: State
    parts: tuple[Tensor, ...] = ()
