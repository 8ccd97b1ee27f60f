"""What networks predict, turned into x0 and back: the one place that knows.

With noise ε in x = α·x0 + σ·ε, a network was trained to give one of

    epsilon          ε             (Ho et al. 2020)
    v_prediction     α·ε − σ·x0    (Salimans & Ho 2022)
    sample           x0
    flow_prediction  ε − x0        (flow matching: Lipman et al. 2023, Esser et al. 2024)

The formulas hold for every (α, σ); for α² + σ² = 1 and α + σ = 1 their denominators are 1.
"""

from __future__ import annotations

from torch import Tensor

from studio.core.errors import BadInput
from studio.diffusion.levels import Level

KINDS = ("epsilon", "v_prediction", "sample", "flow_prediction")


def to_x0(kind: str, output: Tensor, x: Tensor, level: Level) -> Tensor:
    """The clean sample that a network's `output` for x stands for.

    Raises BadInput for an ε-prediction at alpha = 0: x is all noise there, and to know the noise
    is to know nothing of x0.
    """
    alpha, sigma = level.alpha, level.sigma
    match kind:
        case "epsilon":
            if not alpha:
                raise BadInput(
                    "A model that predicts noise cannot start from a signal of exactly zero.",
                    "Use the Euler sampler, or a model that predicts v.",
                )
            return (x - sigma * output) / alpha
        case "v_prediction":
            return (alpha * x - sigma * output) / (alpha**2 + sigma**2)
        case "sample":
            return output
        case "flow_prediction":
            return (x - sigma * output) / (alpha + sigma)
    raise ValueError(f"{kind} is none of {', '.join(KINDS)}")


def to_epsilon(x0: Tensor, x: Tensor, level: Level) -> Tensor:
    """The noise ε that is in x if its clean sample is x0. Raises ValueError at sigma = 0."""
    if not level.sigma:
        raise ValueError("there is no noise to tell at sigma = 0")
    return (x - level.alpha * x0) / level.sigma
