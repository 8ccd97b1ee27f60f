"""What two things can be compared, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from studio.core.picture import Picture
from studio.core.wishes import View
from studio.session.sights import Spot

Mode = Literal["wipe", "side", "blink"]
MODES: tuple[tuple[Mode, str, str], ...] = (
    ("wipe", "Wipe", "Both in one place, with a divider to drag"),
    ("side", "Side by side", "Both next to each other, zoomed and moved together"),
    ("blink", "Blink", "One after the other in the same place"),
)
RATES = (0.5, 1.0, 2.0)
"""Changes a second when blinking. Three flashes a second can bring on seizures (WCAG 2.3.1)."""


@dataclass(frozen=True)
class Pane:
    """A view of a step of a run, to compare with. `step` None follows the other side by noise
    level, `view` None shows what the other side shows, `image` None the same of the batch."""

    run: str
    step: int | None = None
    view: View | None = None
    image: int | None = None


@dataclass(frozen=True)
class Still:
    """A picture to compare with: the one before, or one from the history."""

    picture: Picture
    title: str


@dataclass(frozen=True)
class Side:
    """One of the two, as it is shown now. `scale`: of a heat map, see `Looked`."""

    picture: Picture
    caption: str
    place: Spot | None = None
    scale: float = 0.0
