"""The steps in the trajectory strip, and where each is; without Qt."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field

from studio.core.picture import Picture

GAP = 4.0
SMALLEST = 34.0
"""Width of a thumbnail, in logical pixels, below which the strip scrolls instead."""
SCROLLED = 60.0
"""Width of a thumbnail when it does: then there is no need to be small."""


@dataclass
class Film:
    """`steps` places, of which those before `first` are skipped; pictures come one by one."""

    steps: int = 0
    first: int = 0
    running: bool = False
    selected: int | None = None
    pictures: dict[int, Picture] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    _known: list[int] = field(default_factory=list)

    def add(self, index: int, picture: Picture, text: str) -> None:
        """Raises IndexError if there is no such place."""
        if not 0 <= index < self.steps:
            raise IndexError(f"step {index} of {self.steps}")
        if index not in self.pictures:
            bisect.insort(self._known, index)
        self.pictures[index] = picture
        self.texts[index] = text

    @property
    def newest(self) -> int | None:
        return self._known[-1] if self._known else None

    @property
    def oldest(self) -> int | None:
        return self._known[0] if self._known else None

    @property
    def aspect(self) -> float:
        """Width of the pictures over their height; 1 as long as there is none."""
        if not self._known:
            return 1.0
        size = self.pictures[self._known[0]].size
        return min(3.0, max(1 / 3, size.width / size.height))

    def nearest(self, index: int) -> int | None:
        """The step with a picture that is nearest to `index`, if any has one."""
        if not self._known:
            return None
        place = bisect.bisect_left(self._known, index)
        around = self._known[max(0, place - 1) : place + 1]
        return min(around, key=lambda known: (abs(known - index), known))

    def neighbour(self, by: int) -> int | None:
        """The step that a press of an arrow key goes to: `by` pictures on, within those there are.

        From no step, back goes to the newest and forward to the oldest.
        """
        if not self._known:
            return None
        if self.selected is None:
            return self._known[-1 if by < 0 else 0]
        place = bisect.bisect_left(self._known, self.selected) + by
        return self._known[min(max(place, 0), len(self._known) - 1)]


@dataclass(frozen=True)
class Layout:
    """Places of `steps` thumbnails in a strip `room` wide, in logical pixels.

    They take what height there is, less if then all of them fit, and scroll if they would be
    too small.
    """

    steps: int
    width: float
    height: float

    @classmethod
    def of(cls, steps: int, aspect: float, room: float, height: float) -> Layout:
        tallest = max(1.0, height) * aspect
        fitting = (room - GAP) / max(1, steps) - GAP
        width = min(tallest, fitting if fitting >= SMALLEST else SCROLLED)
        return cls(steps, width, width / aspect)

    @property
    def pitch(self) -> float:
        return self.width + GAP

    @property
    def total(self) -> float:
        """How wide all of it is."""
        return self.steps * self.pitch + GAP

    def left(self, index: int) -> float:
        return GAP + index * self.pitch

    def index_at(self, x: float) -> int:
        """The step at x, or the nearest one."""
        return min(max(int((x - GAP / 2) // self.pitch), 0), max(0, self.steps - 1))

    def between(self, left: float, right: float) -> range:
        """The steps of which something is seen between two places."""
        return range(self.index_at(left), min(self.index_at(right) + 1, self.steps))

    def label_every(self, label_width: float) -> int:
        """1 if each number has room under its thumbnail, else 5, 10, 50, …"""
        for every in (1, 5, 10, 50, 100):
            if label_width <= every * self.pitch:
                return every
        return 500
