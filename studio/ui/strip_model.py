"""The steps in the trajectory strip, and where each is; without Qt."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.core.picture import Picture
from studio.session.marks import Mark

GAP = 4.0
SMALLEST = 34.0
"""Width of a thumbnail, in logical pixels, below which the strip scrolls instead."""
SCROLLED = 60.0
"""Width of a thumbnail when it does: then there is no need to be small."""
LOWEST_ROW = 40.0
"""Height below which pictures of a batch are not shown all at once."""
HIGH = 96.0
"""Height of a thumbnail that is enough where something else needs the room."""
SPREAD = 420.0
"""Few steps are spread over this width, so that the curves under them can be read."""


@dataclass
class Film:
    """`steps` places, of which those before `first` are not the run's own: they have no picture,
    or were taken over from the run that it branched from. Pictures come step by step, `batch` at
    a time."""

    steps: int = 0
    first: int = 0
    batch: int = 1
    running: bool = False
    selected: int | None = None
    image: int = 0
    """The picture of the batch that is looked at."""
    pictures: dict[int, tuple[Picture, ...]] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    marks: Mapping[int, tuple[Mark, ...]] = field(default_factory=dict)
    _known: list[int] = field(default_factory=list)

    def add(self, index: int, pictures: tuple[Picture, ...], text: str) -> None:
        """Raises IndexError if there is no such place."""
        if not 0 <= index < self.steps:
            raise IndexError(f"step {index} of {self.steps}")
        if index not in self.pictures:
            bisect.insort(self._known, index)
        self.pictures[index] = pictures
        self.texts[index] = text

    def picture(self, index: int, image: int) -> Picture | None:
        """One picture of a step; a batch's last one for a number beyond it."""
        pictures = self.pictures.get(index)
        return pictures[min(image, len(pictures) - 1)] if pictures else None

    def inherited(self, index: int) -> bool:
        """Whether the step was taken by the run that this one branched from."""
        return index < self.first and index in self.pictures

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
        size = self.pictures[self._known[0]][0].size
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
    """Places of `steps` thumbnails in each of `rows` rows, in logical pixels.

    They take what height there is, less if then all of them fit, and scroll if they would be
    too small. `pitch` is the way from one to the next.
    """

    steps: int
    rows: int
    width: float
    height: float
    pitch: float

    @classmethod
    def of(cls, steps: int, aspect: float, room: float, height: float, batch: int = 1) -> Layout:
        rows = batch if height >= batch * (LOWEST_ROW + GAP) - GAP else 1
        tallest = max(1.0, (height - (rows - 1) * GAP) / rows) * aspect
        fitting = (room - GAP) / max(1, steps) - GAP
        width = min(tallest, fitting if fitting >= SMALLEST else SCROLLED)
        pitch = max(width + GAP, (min(SPREAD, room) - GAP) / max(1, steps))
        return cls(steps, rows, width, width / aspect, pitch)

    @classmethod
    def enough(cls, steps: int, aspect: float, room: float, rows: int) -> float:
        """A height that holds all rows well, and leaves none of itself empty."""
        one = cls.of(steps, aspect, room, HIGH)
        return rows * (one.height + GAP) - GAP

    @property
    def total(self) -> float:
        """How wide all of it is."""
        return self.steps * self.pitch + GAP

    @property
    def tall(self) -> float:
        """How high all rows are together."""
        return self.rows * (self.height + GAP) - GAP

    def left(self, index: int) -> float:
        """Where a thumbnail begins: in the middle of its share of the width."""
        return self.centre(index) - self.width / 2

    def centre(self, index: int) -> float:
        return GAP / 2 + (index + 0.5) * self.pitch

    def index_at(self, x: float) -> int:
        """The step at x, or the nearest one."""
        return min(max(int((x - GAP / 2) // self.pitch), 0), max(0, self.steps - 1))

    def row_at(self, y: float) -> int:
        """The row at y, from the top of the first one, or the nearest one."""
        return min(max(int((y + GAP / 2) // (self.height + GAP)), 0), self.rows - 1)

    def between(self, left: float, right: float) -> range:
        """The steps of which something is seen between two places."""
        return range(self.index_at(left), min(self.index_at(right) + 1, self.steps))

    def label_every(self, label_width: float) -> int:
        """1 if each number has room under its thumbnail, else 5, 10, 50, …"""
        for every in (1, 5, 10, 50, 100):
            if label_width <= every * self.pitch:
                return every
        return 500
