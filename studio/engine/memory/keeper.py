"""One run's memory: the plan it begins with, and what is done when that was not enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

import torch

from studio.core.errors import OutOfMemory
from studio.core.events import Event, Planned, Warned
from studio.core.geometry import Size
from studio.core.record import Record
from studio.core.request import Request
from studio.diffusion.state import State, Step
from studio.engine.failures import lacks_memory
from studio.engine.large import tile_side
from studio.engine.memory.estimate import Estimates
from studio.engine.memory.needs import Needs, Phase, Rung, best, forced, rungs
from studio.engine.memory.room import Room
from studio.engine.memory.words import gib, marks, sentence
from studio.models.family import Family
from studio.models.parts import Parts, parts_of
from studio.models.placement import Placement

Made = TypeVar("Made")
LACKS = (torch.OutOfMemoryError, MemoryError, RuntimeError)
RESCUED = "The decoder's numbers overflowed in half precision, so it was computed in 32 bits."


@dataclass
class Keeper:
    """For one run with this model."""

    run: str
    family: Family
    room: Room
    estimates: Estimates
    wish: str = "auto"
    _told: list[Event] = field(default_factory=list)
    _ways: list[Rung] = field(default_factory=list)
    _index: int = 0
    _needs: Needs | None = None

    @property
    def _parts(self) -> Parts | None:
        return parts_of(self.family)

    def news(self) -> list[Event]:
        """What there is to tell since the last time."""
        parts = self._parts
        if parts is not None and parts.rescued:
            parts.rescued.clear()
            self._told.append(Warned(self.run, RESCUED, "The picture is as it should be."))
        news, self._told = self._told, []
        return news

    def noted(self, record: Record) -> Record:
        """The record, with what of the way the memory was shared can be seen in the picture."""
        seen = marks(self._ways[self._index][1]) if self._ways else ""
        if not seen:
            return record
        software = tuple(pair for pair in record.software if pair[0] != "memory")
        return replace(record, software=(*software, ("memory", seen)))

    def plan(self, request: Request) -> None:
        """Choose how this run shares the device, from what it needs and what is free."""
        parts = self._parts
        if parts is None:
            return
        recipe, size = request.recipe, _size(request, self.family)
        free = self.room.free()
        if free is not None:
            free = max(0, free + parts.there)
        needs = self._needs = self.estimates.of(self.family, parts, recipe, size, free)
        if not self.room.apart:
            # The weights are in the machine's memory, wherever they are used.
            needs = Needs({}, {}, needs.text, needs.step, needs.decode, needs.halves)
            self._needs = needs
        room = self.room.usable(free) if free is not None else 2**62
        self._ways = self._possible(needs, room)
        self._index = best(self._ways, needs.most, room)
        name, placement = self._ways[self._index]
        if not self.room.apart and free is not None and needs.most(placement) > free:
            # The system would not refuse it: it would end some program, and maybe this one.
            raise _too_little(self.room)
        parts.follow(placement)
        asked = self.wish not in ("auto", "") and name == self.wish
        most = needs.most(placement)
        says = sentence(name, placement, self.room.name, most, free, asked)
        self._told.append(Planned(self.run, name, says, most, free, self.room.apart))

    def _possible(self, needs: Needs, room: int) -> list[Rung]:
        if not self.room.apart:
            tiles = sorted(needs.decode)
            # Nothing can be elsewhere, and weights in 8 bits would come beside those at home.
            return [("full", Placement(sliced=s, tile=t)) for s in (False, True) for t in tiles]
        return rungs(needs, room) if self.wish in ("auto", "") else forced(self.wish, needs, room)

    def within(self, phase: Phase, work: Callable[[], Made]) -> Made:
        """What `work` returns. It is done again in less memory, as often as it takes too much.

        Raises OutOfMemory, with what to do, if there is no way to take less.
        """
        while True:
            try:
                return work()
            except LACKS as error:
                if not lacks_memory(error):
                    raise
            self._step_down(phase)

    def steps(self, walk: Callable[[State], Iterator[Step]], state: State) -> Iterator[Step]:
        """The steps from `state` on. One that takes too much memory is taken again in less."""
        steps = walk(state)
        while True:
            step = None
            try:
                step = next(steps, None)
                if step is None:
                    return
            except LACKS as error:
                if not lacks_memory(error):
                    raise
            if step is None:
                self._step_down("step", state.index)
                steps = walk(state)
                continue
            state = step.after
            yield step

    def _step_down(self, phase: Phase, step: int | None = None) -> None:
        parts, needs = self._parts, self._needs
        self.room.tidy()
        if parts is None or needs is None:
            raise _too_little(self.room)
        parts.leave()
        now = self._ways[self._index][1]
        before = needs.in_phase(phase, now)
        free = self.room.free()
        room = self.room.usable(free) if free is not None else 2**62
        self._ways = [
            (name, placement)
            for name, placement in self._possible(needs, room)
            if needs.in_phase(phase, placement) < before
            or (phase == "step" and placement.sliced and not now.sliced)
        ]
        if not self._ways:
            parts.follow(Placement())
            raise _too_little(self.room)
        self._index = best(self._ways, needs.most, room)
        name, placement = self._ways[self._index]
        parts.follow(placement)
        where = {"text": "to read the prompt", "decode": "to decode the picture"}.get(phase, "")
        where = where or f"at step {(step or 0) + 1}"
        most = needs.most(placement)
        says = sentence(name, placement, self.room.name, most, free, False)
        self._told += [
            Warned(self.run, f"There was too little memory {where}, so it is tried again.", says),
            Planned(self.run, name, says, most, free),
        ]


def _size(request: Request, family: Family) -> Size:
    """About the size at which the model will work: with a mask on a part of the picture."""
    recipe, native = request.recipe, family.info.abilities.native_size
    if request.mask is not None or recipe.extend:
        return native
    sourced = request.source is not None
    return native if tile_side(recipe, recipe.size, sourced, family) else recipe.size


def _too_little(room: Room) -> OutOfMemory:
    free = room.free()
    free = max(0, free) if free is not None else None
    than = f"the {gib(free)} that are free" if free is not None else "there is"
    return OutOfMemory(
        f"There is not enough memory for this picture: it needs more than {than}.",
        "Choose a smaller size or another model, or close other programs.",
    )


def unplanned(run: str, family: Family) -> Keeper:
    """For a run that shares the device as the one before it did, and fails if it cannot."""
    return Keeper(run, family, Room(family.device), Estimates())
