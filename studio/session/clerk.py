"""Opens and saves files on threads of its own, so that the window never waits for a disk."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from psygnal import Signal

from studio.core.errors import StudioError

T = TypeVar("T")
Kind = Literal["open", "save", "estimate", "keep", "safe"]
KINDS: tuple[Kind, ...] = ("open", "save", "estimate", "keep", "safe")
QUIET: tuple[Kind, ...] = ("estimate", "keep", "safe")
"""What nobody waits for."""

Deliver = Callable[[Callable[[], None]], None]


@dataclass(eq=False)
class Job:
    """Something that is being done; `text` says what: "Opening photo.jpg…"."""

    kind: Kind
    text: str
    done: Callable[[Any], None]
    future: Future[Any] | None = None


class Clerk:
    """One thread's: the session's, where each job's `done` is called as well.

    Until `start` every job is done at once, where it is asked for. Saves are all done, one after
    the other; of the other kinds the newest takes the place of those before.
    """

    changed = Signal()
    """`going` has changed."""

    def __init__(self) -> None:
        self.going: list[Job] = []
        self._deliver: Deliver | None = None
        self._pools: dict[Kind, ThreadPoolExecutor] = {}

    @property
    def saving(self) -> bool:
        return any(job.kind == "save" for job in self.going)

    def start(self, deliver: Deliver) -> None:
        """Work on threads from now on. `deliver` may be called on any of them, and has what it is
        given called on the session's."""
        self._deliver = deliver
        for kind in KINDS:
            self._pools[kind] = ThreadPoolExecutor(1, f"studio-{kind}")

    def do(
        self, kind: Kind, text: str, work: Callable[[], T], done: Callable[[T | StudioError], None]
    ) -> None:
        """Have `work` done, and `done` called with what came of it, an error as a value."""
        if kind != "save":
            self.give_up(kind)
        if self._deliver is None:
            done(_outcome(work))
            return
        job = Job(kind, text, done)
        self.going.append(job)
        self.changed.emit()
        deliver = self._deliver
        job.future = self._pools[kind].submit(_outcome, work)
        job.future.add_done_callback(lambda _: deliver(lambda: self._tell(job)))

    def give_up(self, kind: Kind = "open") -> None:
        """Wait no longer for what is being opened (estimated): it will not come any more."""
        for job in [job for job in self.going if job.kind == kind]:
            if job.future is not None:
                job.future.cancel()
            self.going.remove(job)
            self.changed.emit()

    def close(self, patience: float) -> bool:
        """Finish what is being saved; False if a thread would not end within that many seconds."""
        for kind in ("open", *QUIET):
            self.give_up(kind)
        futures = [job.future for job in self.going if job.future is not None]
        for pool in self._pools.values():
            # one job more, which is done when all before it are
            futures.append(pool.submit(lambda: None))
            pool.shutdown(wait=False)
        ended = not wait(futures, patience).not_done
        if ended:
            for pool in self._pools.values():
                pool.shutdown()  # idle: its thread is on its way out, and this sees it go
        return ended

    def _tell(self, job: Job) -> None:
        if job not in self.going or job.future is None:
            return
        self.going.remove(job)
        self.changed.emit()
        job.done(job.future.result())


def _outcome(work: Callable[[], T]) -> T | StudioError:
    try:
        return work()
    except StudioError as error:
        return error
