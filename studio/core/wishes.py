"""What may be asked of the engine besides new pictures: of steps it has kept, or may yet take.

A wish is answered by an event, or not at all: a newer wish in the same slot takes its place, for
who scrubs past a step no longer wants to see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from studio.core.counting import Count, Name
from studio.core.explanation import Place
from studio.core.picture import Picture
from studio.core.request import Request

View = Literal["x0", "x", "noise", "prompted", "unprompted", "guidance", "change"]
"""What can be seen of a step.

x0: the clean picture predicted, x̂0. x: the noisy sample before the step, x_t. noise: the noise
predicted, ε = (x_t − alpha·x̂0)/sigma. prompted, unprompted: x̂0 under the prompt alone, and under
the negative prompt (or none) alone. guidance: a heat map of their difference. change: a heat map
of what x̂0 changed since the step before.
"""

VIEWS: tuple[tuple[View, str, str], ...] = (
    ("x0", "Prediction", "The clean picture predicted"),
    ("x", "Noisy", "The noisy sample before the step"),
    ("noise", "Noise", "The noise predicted"),
    ("prompted", "With prompt", "The prediction under the prompt alone"),
    ("unprompted", "Without prompt", "The prediction without the prompt"),
    ("guidance", "Guidance", "Where the prompt makes a difference"),
    ("change", "Change", "What changed since the step before"),
)
"""Name, title, one line. The order to show them in. In words: fonts do badly with a hat on an x."""

GUIDED: frozenset[View] = frozenset({"prompted", "unprompted", "guidance"})
"""Views that only a run under guidance has."""

HEAT: frozenset[View] = frozenset({"guidance", "change"})
"""Views that are heat maps: `Looked.scale` says what their brightest colour stands for."""


@dataclass(frozen=True)
class Look:
    """One view of one step of one picture of a batch, answered by `Looked`.

    `exact`: through the model's own decoder, when the engine is idle. Otherwise through its
    linear preview, at once, even while a run is going. `pure`: a heat map alone, without the
    picture dimmed beneath it.
    """

    run: str
    index: int
    image: int = 0
    view: View = "x0"
    exact: bool = True
    pure: bool = False
    slot: str = "look"

    @property
    def needs_model(self) -> bool:
        """Whether it has to wait for the device; every wish says so."""
        return self.exact


@dataclass(frozen=True)
class Explain:
    """The formulas of one step with its numbers at `place` (the middle), answered by `Explained`.

    Needs no network, so it is answered during a run too.
    """

    run: str
    index: int
    image: int = 0
    place: Place | None = None
    slot: str = "explain"

    @property
    def needs_model(self) -> bool:
        return False


@dataclass(frozen=True)
class Forward:
    """A picture noised to timestep t, 0 to 1000, under each forward process: answered by
    `Forwarded`.

    `shared`: the jump takes the noise that the small steps have piled up. `latents`: noise the
    latents that `Begin` has encoded, seen through the model's preview, instead of pixels.
    """

    picture: Picture
    t: int
    seed: int = 0
    shared: bool = False
    latents: bool = False
    slot: str = "forward"

    @property
    def needs_model(self) -> bool:
        return False


@dataclass(frozen=True)
class Begin:
    """Where a run with this request would start, answered by `Began`.

    `exact`: encoded and decoded by the model, when the engine is idle; otherwise at once, from
    latents that were encoded before or, if there are none, from pixels.
    """

    request: Request
    exact: bool = True
    slot: str = "begin"

    @property
    def needs_model(self) -> bool:
        return self.exact


@dataclass(frozen=True)
class Recall:
    """A run of an earlier time, answered by `Recalled`; by `StepsGone` if its steps are gone.

    `again`: then they are made again, from the record of its picture. Told as the run was:
    Started, Stepped; `Stopped` if it is cancelled.
    """

    run: str
    again: bool = False
    slot: str = "recall"

    @property
    def needs_model(self) -> bool:
        return self.again


Wish = Recall | Look | Explain | Forward | Begin | Count | Name
