"""The runs of earlier times, brought back with their steps."""

from __future__ import annotations

from collections.abc import Callable

from studio.core.events import Event, Failed, Recalled, StepsGone, Stopped
from studio.core.record import Record
from studio.core.wishes import Recall
from studio.session.queue import Queue
from studio.session.runs import RunView

Then = Callable[[RunView], object]


class Recalls:
    """One thread's: the window's. Of several runs asked for only the newest is waited for."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._wanted: tuple[str, Then, Callable[[], object]] | None = None
        self._again: dict[str, Then] = {}

    def want(self, run: str, then: Then, gone: Callable[[], object]) -> None:
        """Call `then` with that run and its steps, now or as soon as they are read; or `gone`, if
        they are no longer kept."""
        self._wanted = None
        known = self._queue.runs.get(run)
        if known is not None and (known.previews or known.active):
            then(known)
        elif run:
            self._wanted = (run, then, gone)
            self._queue.backend.ask(Recall(run))
        else:
            gone()

    def again(self, record: Record, then: Then) -> None:
        """Take the steps of this record's run again; `then` is called when all are there.

        Meanwhile it is in the queue like any other, and can be cancelled.
        """
        if record.run in self._again:
            return
        self._again[record.run] = then
        self._queue.begin(record.run, record.recipe)
        self._queue.backend.ask(Recall(record.run, again=True, slot=f"again {record.run}"))

    def fold(self, event: Event) -> None:
        """Take in what the engine answers."""
        match event:
            case Recalled(run=run) if run in self._again:
                self._again.pop(run)(self._queue.recall(event))
            case Failed(run=run) | Stopped(run=run):
                self._again.pop(run, None)
            case Recalled(run=run) if self._wanted and self._wanted[0] == run:
                _, then, _ = self._wanted
                self._wanted = None
                then(self._queue.recall(event))
            case StepsGone(run=run) if self._wanted and self._wanted[0] == run:
                _, _, gone = self._wanted
                self._wanted = None
                gone()
            case _:
                pass
