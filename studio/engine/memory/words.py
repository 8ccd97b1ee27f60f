"""What is said of a plan, in a sentence for the person at the screen."""

from __future__ import annotations

from studio.models.placement import Placement

GIB = 2**30


def gib(count: int) -> str:
    """As the box of a graphics card says it."""
    return f"{count / GIB:.1f} GB" if count >= GIB / 10 else f"{max(1, round(count / 2**20))} MB"


def sentence(
    name: str, placement: Placement, where: str, needs: int, free: int | None, asked: bool
) -> str:
    """Which plan, and why: what it needs, of what there is."""
    what = {
        "full": f"Everything stays in {where}" if where == "memory" else f"All of it is on {where}",
        "encoders": f"The text encoder leaves {where} after reading the prompt",
        "model": f"One network at a time is on {where}",
        "group": f"The network comes to {where} block by block",
        "fp8": "Weights in 8 bits change the picture a little",
    }[name]
    if placement.tile > 1:
        what += ", and the picture is decoded in parts"
    if asked:
        what += ", as you chose"
    if free is None:
        return f"{what}: about {gib(needs)} needed."
    have, want = gib(free), gib(needs)
    if have.split()[1] == want.split()[1]:
        want = want.split()[0]
    return f"{what}: {want} of {have} free."


def marks(placement: Placement) -> str:
    """What of a plan can be seen in the picture, for its record; "" if nothing."""
    said = []
    if placement.small:
        said.append("weights in 8 bits")
    if placement.sliced:
        said.append("attention in slices")
    if placement.tile > 1:
        said.append(f"decoded in parts of 1/{placement.tile}")
    return ", ".join(said)
