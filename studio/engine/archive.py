"""The steps of the runs so far, so that they can be looked at and branched.

The newest are in memory within a budget, the others in the library's files, and what is in
neither can be made again: the recipe is the truth and this is a cache.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Lock

from studio.core.errors import BadInput, CannotOpen, CannotWrite
from studio.core.limits import Limits
from studio.engine.release import give_back
from studio.engine.restore import restore
from studio.engine.trajectory import Trajectory
from studio.library.library import Library

__all__ = ["Archive", "Forgotten", "Trajectory"]


class Forgotten(BadInput):
    """The steps of this run are neither in memory nor on the disk."""


def _silent(warning: CannotWrite) -> None:
    pass


class Archive:
    """Trajectories by run id. Safe to use from any thread.

    `limits` is asked each time room is needed. `warn` hears, once until it works again, that
    steps could not be written; the run goes on all the same.
    """

    def __init__(
        self,
        library: Library | None = None,
        limits: Callable[[], Limits] = Limits,
        warn: Callable[[CannotWrite], None] = _silent,
    ) -> None:
        self._library = library
        self._limits = limits
        self._warn = warn
        self._warned = False
        self._kept: dict[str, Trajectory] = {}
        """Those used last come last."""
        self._written: set[str] = set()
        self._lock = Lock()

    def add(self, trajectory: Trajectory) -> None:
        """Keep a run, from its first step on, and make room for it."""
        with self._lock:
            self._kept.pop(trajectory.run, None)
            self._kept[trajectory.run] = trajectory
            self._written.discard(trajectory.run)
        self.trim(trajectory.run)

    def write(self, run: str) -> None:
        """Write the steps of a run that is over to its file, so that memory may let it go."""
        trajectory = self.get(run)
        limits = self._limits()
        if self._library is not None and limits.disk and trajectory.steps:
            try:
                self._library.runs.write(run, trajectory.rows(), trajectory.record, limits.disk)
                self._warned = False
                with self._lock:
                    self._written.add(run)
            except CannotWrite as error:
                if not self._warned:
                    self._warned = True
                    self._warn(error)
        self.trim("" if run in self._written else run)

    def get(self, run: str) -> Trajectory:
        """From memory, or from its file. Raises Forgotten if it is in neither."""
        with self._lock:
            if run in self._kept:
                self._kept[run] = self._kept.pop(run)
                return self._kept[run]
        if self._library is not None and run in self._library.runs:
            with suppress(CannotOpen):
                trajectory = restore(self._library.runs.read(run), self._library)
                self.add(trajectory)
                return trajectory
        raise Forgotten(
            "The steps of this run are no longer kept.",
            "Make the picture again from its recipe, then go on from there.",
        )

    def __contains__(self, run: str) -> bool:
        with self._lock:
            kept = run in self._kept
        return kept or (self._library is not None and run in self._library.runs)

    def trim(self, keep: str) -> None:
        """Let runs go until memory's budget is met: first those that are in a file, and of them
        the one not used for longest. Never the run `keep`."""
        budget, gone = self._limits().archive, False
        with self._lock:
            others = [run for run in self._kept if run != keep]
            for run in sorted(others, key=lambda run: run not in self._written):
                if self._total() <= budget:
                    break
                del self._kept[run]
                gone = True
        if gone:
            give_back()

    @property
    def nbytes(self) -> int:
        with self._lock:
            return self._total()

    def _total(self) -> int:
        blocks: dict[int, int] = {}
        for trajectory in self._kept.values():
            blocks |= trajectory.blocks()
        return sum(blocks.values())
