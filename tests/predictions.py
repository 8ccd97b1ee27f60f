"""The way back from x̂0 to what a network puts out, which nothing but a test needs."""

from __future__ import annotations

from torch import Tensor

from studio.diffusion.levels import Level
from studio.diffusion.prediction import KINDS, to_epsilon


def from_x0(kind: str, x0: Tensor, x: Tensor, level: Level) -> Tensor:
    """What a network of this kind would have to output for x to mean x0. Needs sigma > 0."""
    match kind:
        case "epsilon":
            return to_epsilon(x0, x, level)
        case "v_prediction":
            return level.alpha * to_epsilon(x0, x, level) - level.sigma * x0
        case "sample":
            return x0
        case "flow_prediction":
            return to_epsilon(x0, x, level) - x0
    raise ValueError(f"{kind} is none of {', '.join(KINDS)}")
