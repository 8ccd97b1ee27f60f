"""What a run needs at the most, in each of its phases, for any way of sharing the device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from studio.models.placement import Placement, denoises, reads

Phase = Literal["text", "step", "decode"]
SMALL = 0.56
"""What is left of float16 weights in 8 bits: some layers keep theirs, and one is wide at a time."""


@dataclass(frozen=True)
class Needs:
    """In bytes. `sizes`: each part's weights; `blocks`: what of it comes at once in streaming.

    `text`, `step`: what is computed with, besides weights. `decode`: the same by the number that
    the native size is divided by for the parts of a picture; 1 is as a whole.
    """

    sizes: Mapping[str, int]
    blocks: Mapping[str, int]
    text: int
    step: int
    decode: Mapping[int, int]
    halves: bool = field(default=True)
    """Whether the weights have 16 bits, rather than 32."""

    def in_phase(self, phase: Phase, placement: Placement) -> int:
        """Bytes on the device at the most in this phase."""
        used_in: dict[Phase, Callable[[str], bool]] = {
            "text": reads,
            "step": denoises,
            "decode": lambda part: part == "vae",
        }
        wanted = used_in[phase]
        used = [part for part in self.sizes if wanted(part)]
        there = [self._there(part, placement, used) for part in used] or [0]
        computing = {
            "text": self.text if used else 0,
            "step": self.step,
            "decode": self.decode.get(placement.tile, 0),
        }[phase]
        return max(there) + computing

    def most(self, placement: Placement) -> int:
        return max(self.in_phase(phase, placement) for phase in ("text", "step", "decode"))

    def _there(self, part: str, placement: Placement, used: list[str]) -> int:
        """The weights that are on the device while this part is used."""
        stay = [other for other in self.sizes if not placement.goes(other, part)]
        return sum(self._weight(other, placement) for other in stay)

    def _weight(self, part: str, placement: Placement) -> int:
        size = self.sizes[part]
        if placement.small and denoises(part):
            size = int(size * (SMALL if self.halves else SMALL / 2))
        if placement.budget is None:
            return size
        return min(size, placement.budget + self.blocks[part])


Rung = tuple[str, Placement]


def rungs(needs: Needs, room: int) -> list[Rung]:
    """Ways to share the device, each with its name, from the fastest to the one that needs least.

    First those that change no bit of the picture; but pictures are decoded in parts, which can
    hardly be seen, before every step is made slow. `room` is what block by block may fill.
    """
    tiles = sorted(tile for tile in needs.decode if tile > 1)
    whole: list[Rung] = [
        ("full", Placement()),
        ("encoders", Placement("rest")),
        ("model", Placement("one")),
    ]
    if not any(reads(part) for part in needs.sizes):
        del whole[1]
    computing = max(needs.text, needs.step, min(needs.decode.values()))
    block = max(needs.blocks.values(), default=0)
    budget = max(0, room - computing - 2 * block)
    # In steps, so that the next run finds the same blocks where they are.
    budget -= budget % max(1, block)
    slow: list[Rung] = [
        ("group", Placement("one", budget=budget)),
        ("group", Placement("one", budget=0, sliced=True)),
        ("fp8", Placement("one", budget=0, small=True, sliced=True)),
    ]
    quick = whole + [(name, replace(p, tile=tile)) for tile in tiles for name, p in whole]
    return quick + [(name, replace(p, tile=tile)) for name, p in slow for tile in (1, *tiles)]


def forced(name: str, needs: Needs, room: int) -> list[Rung]:
    """The ways of this name; from there on the rest, in case it does not fit after all."""
    if name == "fp8":
        tiles = sorted(needs.decode)
        first = [("fp8", Placement("rest", small=True, tile=tile)) for tile in tiles]
        return [*first, *(rung for rung in rungs(needs, room) if rung[0] == "fp8")]
    every = rungs(needs, room)
    own = [rung for rung in every if rung[0] == name]
    return [*own, *(rung for rung in every[every.index(own[0]) :] if rung not in own)]


def best(ways: list[Rung], need: Callable[[Placement], int], room: int) -> int:
    """The first of them that fits; of none fits the one that needs least."""
    for index, (_, placement) in enumerate(ways):
        if need(placement) <= room:
            return index
    return min(range(len(ways)), key=lambda index: need(ways[index][1]))
