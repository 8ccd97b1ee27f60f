"""Pictures of steps, as the engine has shown them: what is there, what is wanted, what to ask for.

A step is seen three times: as the thumbnail that came with it, through the quick preview a moment
later, and at full quality when the person rests on it and the engine has time.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from psygnal import Signal

from studio.core.events import Looked
from studio.core.picture import Picture
from studio.core.wishes import HEAT, Look, View
from studio.session.backend import Backend

QUICK, EXACT = 32 * 2**20, 96 * 2**20
"""Bytes of each kind that are kept; the engine can make the others again."""


@dataclass(frozen=True)
class Spot:
    """Where one looks: one view of one step of one picture of a run. `pure`: see `Look`."""

    run: str
    step: int
    image: int = 0
    view: View = "x0"
    pure: bool = False


@dataclass(frozen=True)
class Sight:
    """What is seen there; `scale`: see `Looked`."""

    picture: Picture
    exact: bool
    scale: float = 0.0


class Sights:
    """One thread's: the window's."""

    changed = Signal(Spot)
    """A place that is looked at has a better picture."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._kept: dict[bool, OrderedDict[Spot, Sight]] = {
            False: OrderedDict(),
            True: OrderedDict(),
        }
        self._looking: dict[str, Spot] = {}
        """The place looked at, in each slot."""
        self._seen: dict[str, tuple[Spot, Sight]] = {}
        self._asked: dict[tuple[str, bool], Spot] = {}
        """The wish of each slot that is not answered yet."""

    def find(self, place: Spot) -> Sight | None:
        """The best picture there is of this place."""
        for exact in (True, False):
            sight = self._kept[exact].get(place)
            if sight is not None:
                self._kept[exact].move_to_end(place)
                return sight
        return None

    def seen(self, slot: str, place: Spot) -> tuple[Spot, Sight] | None:
        """What to show in this slot for this place: its best picture; or, for the moment until
        there is one, what was seen there last if that was the same view of another step."""
        sight = self.find(place)
        if sight is not None:
            self._seen[slot] = place, sight
        last = self._seen.get(slot)
        if last is None or replace(last[0], step=place.step) != place:
            return None
        return last

    def look(self, slot: str, place: Spot | None) -> None:
        """Look there now, in the place of where this slot looked before. None looks nowhere."""
        if place is None:
            self._looking.pop(slot, None)
            return
        self._looking[slot] = place
        if self.find(place) is None:
            self._ask(slot, place, False)

    def rest(self) -> None:
        """What is looked at will be looked at for a while: ask for full quality."""
        for slot, place in self._looking.items():
            if place not in self._kept[True]:
                self._ask(slot, place, True)

    @property
    def sharp(self) -> bool:
        """Whether all that is looked at is there at full quality."""
        return all(place in self._kept[True] for place in self._looking.values())

    def fold(self, event: Looked) -> None:
        """Take in what the engine shows."""
        place = Spot(event.run, event.index, event.image, event.view, event.pure)
        self._asked = {key: asked for key, asked in self._asked.items() if asked != place}
        kept = self._kept[event.exact]
        kept[place] = Sight(event.picture, event.exact, event.scale)
        kept.move_to_end(place)
        budget = EXACT if event.exact else QUICK
        size = sum(sight.picture.pixels.nbytes for sight in kept.values())
        while size > budget and len(kept) > 1:
            _, gone = kept.popitem(last=False)
            size -= gone.picture.pixels.nbytes
        if place in self._looking.values():
            self.changed.emit(place)

    def grown(self, run: str) -> None:
        """The run has taken another step, so the scale of its heat maps may be another one."""
        for kept in self._kept.values():
            for place in [p for p in kept if p.run == run and p.view in HEAT]:
                del kept[place]

    def _ask(self, slot: str, place: Spot, exact: bool) -> None:
        if self._asked.get((slot, exact)) == place:
            return
        self._asked[slot, exact] = place
        self._backend.ask(
            Look(place.run, place.step, place.image, place.view, exact, place.pure, slot)
        )
