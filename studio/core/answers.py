"""What the engine answers to wishes and exports (see `studio.core.wishes`): plain data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.core.explanation import Explanation
from studio.core.picture import Picture
from studio.core.wishes import Begin, Forward, View


@dataclass(frozen=True)
class Looked:
    """One view of one step, as wished for with `Look`; `exact`: at full quality.

    `scale`: the value that the brightest colour of a heat map stands for, the same for all steps
    of a run that is over; 0 for other views. Colours go with the logarithm of the value.
    """

    run: str
    index: int
    image: int
    picture: Picture
    view: View = "x0"
    exact: bool = True
    scale: float = 0.0
    pure: bool = False


@dataclass(frozen=True)
class Explained:
    """A step explained, as wished for with `Explain`; `reason` says why not, if it cannot be."""

    run: str
    index: int
    image: int
    explanation: Explanation | None
    reason: str = ""


@dataclass(frozen=True)
class Noised:
    """A picture under one forward process: `jump` at once, `chain` by small steps.

    `curve` is ᾱ (for flow matching alpha²) at t = 0, 10, … 1000.
    """

    name: str
    alpha: float
    sigma: float
    beta: float
    jump: Picture
    chain: Picture
    curve: tuple[float, ...]


@dataclass(frozen=True)
class Forwarded:
    """A picture noised, as wished for with `Forward`.

    `reached`: how far the chains are. Short of the wish's t they take more steps when they are
    asked again, and a jump with their noise is as far as they are.
    """

    wish: Forward
    reached: int
    noised: tuple[Noised, ...]
    run: str = ""


Sight = Literal["decoded", "preview", "pixels"]


@dataclass(frozen=True)
class Began:
    """Where a run would start, as wished for with `Begin`: step `first` of `steps`.

    `sight`: the very sample through the decoder or the linear preview; or its stand-in, the
    picture's own pixels at the same level. `reason` says why there is none.
    """

    wish: Begin
    picture: Picture | None
    first: int = 0
    steps: int = 0
    alpha: float = 1.0
    sigma: float = 0.0
    timestep: float = 0.0
    sight: Sight = "pixels"
    reason: str = ""
    run: str = ""


@dataclass(frozen=True)
class Exporting:
    """An export is under way: so many of its frames are made."""

    run: str
    export: str
    path: Path
    done: int
    total: int


@dataclass(frozen=True)
class Exported:
    """An export has ended. `written`: it is all there; otherwise it was cancelled, or a Failed
    without a run has said what was wrong, and nothing is left of it."""

    run: str
    export: str
    path: Path
    written: bool = True
