"""What a step did, in numbers: how far x̂0 moved, and how far the prompt moved it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from studio.diffusion.state import Step


@dataclass(frozen=True)
class Measures:
    """One number for each picture of the batch, in the latents' own unit.

    `change` is the root mean square of x̂0 less that of the step before, 0 at the first step;
    `guidance` that of x̂0 with the prompt less x̂0 without, () if the step had no guidance.
    """

    change: tuple[float, ...]
    guidance: tuple[float, ...] = ()


def measure(step: Step, before: Step | None) -> Measures:
    """From the tensors as they are kept, so that anyone can check them against a saved file."""
    change = _rms(step.x0 - before.x0) if before else (0.0,) * len(step.x0)
    if not step.parts:
        return Measures(change)
    unprompted, prompted = (part.double() for part in step.parts)
    return Measures(change, _rms(prompted - unprompted))


def _rms(difference: Tensor) -> tuple[float, ...]:
    squares = difference.double().square().mean(dim=tuple(range(1, difference.ndim)))
    return tuple(squares.sqrt().tolist())
