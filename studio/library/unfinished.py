"""Runs that were stopped before their end: they have steps, and no picture to be found by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from studio.core.errors import CannotOpen
from studio.core.picture import Picture
from studio.core.record import Record
from studio.library.runs import Runs
from studio.library.thumbnails import thumbnail
from studio.library.trajectory import StoredRows

MOST = 60
"""Of the newest runs whose steps are kept so many are looked at."""


@dataclass(frozen=True)
class Unfinished:
    """`taken` of `steps` steps were taken. `time`: seconds since 1970. `thumbnail`: a JPEG of the
    last step's x̂0; empty if there is none."""

    run: str
    record: Record
    taken: int
    steps: int
    time: float
    thumbnail: bytes


def unfinished(runs: Runs) -> tuple[Unfinished, ...]:
    """Newest first. What cannot be read is left out."""
    found = (_read(runs, run, time) for run, time in runs.newest(MOST))
    return tuple(one for one in found if one is not None)


@lru_cache(maxsize=4 * MOST)
def _read(runs: Runs, run: str, time: float) -> Unfinished | None:
    """None for a run that came to its end. A file of the same time is not read again."""
    try:
        stored = runs.read(run)
        rows, record = stored.rows, stored.record
        taken = int(rows["index"][-1]) + 1
        steps = rows.shape("levels")[0] - 1
        if record.recipe.take >= 0 or taken >= steps:
            return None
        return Unfinished(run, record, taken, steps, time, _last(rows))
    except (CannotOpen, KeyError, IndexError, ValueError):
        return None


def _last(rows: StoredRows) -> bytes:
    if "thumbnails" not in rows:
        return b""
    return thumbnail(Picture(rows.at("thumbnails", rows.shape("thumbnails")[0] - 1)[0]))
