"""Families of runs: which branched from which, as trees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from studio.core.record import Record

if TYPE_CHECKING:
    from studio.library.library import Entry
    from studio.library.unfinished import Unfinished


@dataclass(frozen=True)
class Kin:
    """One run of a family, under the run it branched from. Without `entries` it is not kept any
    more, and only known as the parent of another; `record` is then what that one says of it."""

    run: str
    record: Record
    entries: tuple[Entry, ...] = ()
    children: tuple[Kin, ...] = ()
    newest: float = field(default=0.0, compare=False)
    """When the last picture of it or its children was made."""
    stopped: Unfinished | None = None
    """How far it came, if it has no picture because it was stopped."""

    @property
    def step(self) -> int | None:
        """The step of its parent that it branched from."""
        return self.record.origin.step if self.record.origin else None


def families(entries: Iterable[Entry], unfinished: Iterable[Unfinished] = ()) -> tuple[Kin, ...]:
    """Trees of runs, the family with the newest picture first; children by the step of the fork.

    Those that were stopped before their end are among them, where they have no picture.
    """
    kept: dict[str, list[Entry]] = {}
    records: dict[str, Record] = {}
    parents: dict[str, str] = {}
    for entry in entries:
        run = _name(entry.record, entry.id)
        kept.setdefault(run, []).append(entry)
        records[run] = entry.record
    stopped = {one.run: one for one in unfinished if one.run not in kept}
    records |= {run: one.record for run, one in stopped.items()}
    for run, record in list(records.items()):
        while record.origin is not None:
            parents[run] = record.origin.run
            run, record = record.origin.run, record.origin.record
            records.setdefault(run, record)
    below: dict[str, list[str]] = {}
    for run, parent in parents.items():
        below.setdefault(parent, []).append(run)
    made: dict[str, Kin] = {}
    for run in _leaves_first(records, below):
        children = sorted((made[child] for child in below.get(run, ())), key=_order)
        own = tuple(sorted(kept.get(run, ()), key=lambda entry: entry.record.image))
        halted = stopped.get(run)
        times = [entry.created for entry in own] + [child.newest for child in children]
        times += [halted.time] if halted else []
        first = own[0].record if own else records[run]
        made[run] = Kin(run, first, own, tuple(children), max(times, default=0.0), halted)
    roots = (made[run] for run in records if run not in parents)
    return tuple(sorted(roots, key=lambda kin: -kin.newest))


def missing(entries: Iterable[Entry]) -> set[str]:
    """Runs that others in `entries` branched from, and that are not there themselves."""
    records = [entry.record for entry in entries]
    wanted: set[str] = set()
    for record in records:
        origin = record.origin
        while origin is not None:
            wanted.add(origin.run)
            origin = origin.record.origin
    return wanted - {record.run for record in records}


def _name(record: Record, number: int) -> str:
    return record.run or f"picture {number}"


def _order(kin: Kin) -> tuple[int, float]:
    first = min((entry.created for entry in kin.entries), default=kin.newest)
    return kin.step or 0, first


def _leaves_first(records: Iterable[str], below: Mapping[str, Sequence[str]]) -> list[str]:
    """All runs, each after its children."""
    order: list[str] = []
    seen: set[str] = set()
    for start in records:
        stack = [(start, False)]
        while stack:
            run, done = stack.pop()
            if done:
                order.append(run)
            elif run not in seen:
                seen.add(run)
                stack += [(run, True), *((child, False) for child in below.get(run, ()))]
    return order
