"""The ways in which a model can share a device that is too small for all of it, as data."""

from __future__ import annotations

from dataclasses import dataclass

PLANS: tuple[tuple[str, str], ...] = (
    ("auto", "Choose by itself"),
    ("full", "Everything at once"),
    ("encoders", "Text encoders leave after reading"),
    ("model", "One network at a time"),
    ("group", "Block by block"),
    ("fp8", "Weights in 8 bits"),
)
"""Words of `--memory` with what the window calls them, from the fastest to the smallest."""

MEANINGS = {
    "auto": "The fastest way that fits, predicted before every run.",
    "full": "Fastest. All networks stay on the device.",
    "encoders": "Costs a moment when the prompt is new.",
    "model": "Costs a moment at the beginning and the end of every run.",
    "group": "Every step takes longer. Runs where nothing else fits.",
    "fp8": "Half the memory, and a picture that is a little different.",
}


@dataclass(frozen=True)
class Planned:
    """How a run will share the device, predicted before its first step.

    `plan` is one of `PLANS`; `says` a sentence for the person, with the reason. `needs`: bytes on
    the device at the most; `free`: bytes that there are, None if the system won't say. `apart`:
    whether the device has a memory of its own, so that there is another plan to choose.
    """

    run: str
    plan: str
    says: str
    needs: int
    free: int | None
    apart: bool = True
