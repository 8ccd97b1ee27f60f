"""Steps whose numbers are none are noticed where they appear, not in a black picture."""

from __future__ import annotations

import torch

from studio.core.errors import NotNumbers
from studio.diffusion.state import Step
from studio.models.family import Family
from studio.models.parts import parts_of
from studio.models.sound import sound


def check_sound(step: Step, steps: int, family: Family) -> None:
    """Raises NotNumbers, with what to do, if a step's result is infinite or no number."""
    if sound(step.after.x) and sound(step.x0):
        return
    parts = parts_of(family)
    half = parts is not None and parts.dtype == torch.float16
    hint = (
        "Its numbers are too large for half precision: take another version of it, or lower the "
        "weights of its LoRAs and the guidance."
        if half
        else "Its files may be damaged, or the guidance or a LoRA's weight be too high."
    )
    raise NotNumbers(
        f"At step {step.before.index + 1} of {steps} the model {family.info.title} made something "
        "that is no picture any more.",
        hint,
    )
