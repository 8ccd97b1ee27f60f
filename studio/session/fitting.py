"""Whether a model fits this machine: a first answer, before anything of it is here.

The weights decide. What a run needs beside them (activations, the decoder's working memory) is
taken as a share of the device and an amount; a run's own plan is made from exact numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from studio.core.amounts import amount
from studio.core.downloads import Machine

Fit = Literal["fits", "offload", "large", "unknown"]
WORK = 1.5e9
"""Bytes beside the weights, for a picture of 1024 pixels."""
SHARE = 0.9
"""Of a device's memory that can be used: the rest is the desktop's."""
LEAST = 3e9
"""Bytes of a device below which not even the pieces of a large network fit."""
DOUBLE = 2
"""A processor without 16-bit arithmetic computes in 32."""


def fit(weights: Mapping[str, int], machine: Machine | None) -> tuple[Fit, str]:
    """`weights`: bytes by part in 16 bits. The answer, and the sentence for it."""
    if machine is None or not weights or not machine.ram:
        return "unknown", ""
    whole, largest = sum(weights.values()) + WORK, max(weights.values()) + WORK
    if not machine.memory:
        whole = (1 if machine.half else DOUBLE) * sum(weights.values()) + WORK
        where = f"of this machine's {amount(machine.ram)}"
        if whole <= SHARE * machine.ram:
            return "fits", f"Uses about {amount(whole)} {where}; without a GPU it is slow."
        return "large", f"Needs about {amount(whole)} {where} of memory."
    where = f"of the GPU's {amount(machine.memory)}"
    if whole <= SHARE * machine.memory:
        return "fits", f"Uses about {amount(whole)} {where}."
    if whole > SHARE * machine.ram:
        return (
            "large",
            f"Needs about {amount(whole)} of memory; this machine has {amount(machine.ram)}.",
        )
    if largest <= SHARE * machine.memory:
        return "offload", f"Its parts take turns: {amount(largest)} {where} at a time."
    if machine.memory < LEAST:
        return "large", f"Needs a GPU of at least {amount(LEAST)}."
    return "offload", f"Goes through {where.removeprefix('of ')} piece by piece, which is slow."
