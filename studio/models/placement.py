"""How the networks of a model share the device, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Placement:
    """`together`: which networks are on the device at the same time: "all" of them; the text
    encoders and the "rest" by turns; or "one" at a time.

    `budget`: bytes of one network's weights that may stay on the device while it is used; the
    rest of it comes block by block. None: all of it stays. `small`: the weights of the network
    that denoises are kept on the device in 8 bits. `sliced`: attention is computed in slices.
    `tile`: pictures are decoded in parts of the native size divided by this; 1: as a whole, if
    they are not much larger than that.
    """

    together: Literal["all", "rest", "one"] = "all"
    budget: int | None = None
    small: bool = False
    sliced: bool = False
    tile: int = 1

    def goes(self, here: str, wanted: str) -> bool:
        """Whether the part `here` leaves the device when `wanted` is used."""
        if self.together == "one":
            return here != wanted
        return self.together == "rest" and reads(here) != reads(wanted)


def reads(part: str) -> bool:
    """Whether a part is a text encoder: used before the first step, and then no more."""
    return part.startswith("text_encoder")


def denoises(part: str) -> bool:
    """Whether a part is the network that is called at every step."""
    return part in ("unet", "transformer")
