"""The runs of this sitting: asked for, going, over."""

from __future__ import annotations

from collections.abc import Callable

from psygnal import Signal

from studio.core.events import Event, Recalled
from studio.core.limits import Limits
from studio.core.recipe import Recipe
from studio.core.request import Request
from studio.session.backend import Backend
from studio.session.runs import RunView

KEPT = 60
"""How many runs that are over stay in memory."""


class Queue:
    """Runs by id, in the order they were asked for."""

    changed = Signal(RunView)
    """A run is new, or anything about it has changed."""

    def __init__(self, backend: Backend, looked_at: Callable[[], RunView | None]) -> None:
        self.backend = backend
        self.budget = Limits().window
        """How many bytes the thumbnails and results of runs that are over may take; all of them
        can be brought back from the history."""
        self._looked_at = looked_at
        self.runs: dict[str, RunView] = {}

    @property
    def active(self) -> list[RunView]:
        """The runs that are going or waiting."""
        return [run for run in self.runs.values() if run.active]

    def submit(self, request: Request, edits: bool) -> RunView:
        """Ask the backend for a run. Raises what the backend raises."""
        id = self.backend.submit(request)
        # A backend that tells at once has already made this run known.
        run = self.know(id, request.recipe)
        run.edits = edits
        run.base = request.source.size if request.source else None
        if run.active:
            run.source, run.mask = request.source, request.mask
        self._forget()
        self.changed.emit(run)
        return run

    def _forget(self, keep: RunView | None = None) -> None:
        """Let the oldest runs that are over go, until the others are few and small enough."""
        over = [run for run in self.runs.values() if not run.active]
        total = sum(run.nbytes for run in over)
        over = [run for run in over if run is not self._looked_at() and run is not keep]
        while len(over) > KEPT or (total > self.budget and len(over) > 1):
            total -= over[0].nbytes
            del self.runs[over.pop(0).id]

    def know(self, id: str, recipe: Recipe) -> RunView:
        """The run of that id, new if it was not known."""
        return self.runs.setdefault(id, RunView(id, recipe))

    def begin(self, id: str, recipe: Recipe) -> RunView:
        """That run from its beginning, in the place of what was known of it."""
        self.runs.pop(id, None)
        run = self.know(id, recipe)
        self.changed.emit(run)
        return run

    def recall(self, event: Recalled) -> RunView:
        """A run of an earlier time as the engine tells it."""
        run = self.runs.get(event.run)
        if run is None or not run.active:
            run = self.begin(event.run, event.record.recipe)
        self.fold(event)
        self._forget(keep=run)
        return run

    def fold(self, event: Event) -> RunView | None:
        """Take an event into its run; the run if it was active before, so that it counts."""
        run = self.runs.get(event.run)
        if run is None:
            return None
        was_active = run.active
        run.fold(event)
        self.changed.emit(run)
        return run if was_active else None

    def cancel(self) -> bool:
        """Stop the run that is going, or else the one queued last; False if there is none."""
        active = [run for run in self.active if not run.stopping]
        going = [run for run in active if run.state != "queued"]
        for run in going[:1] or active[-1:]:
            self._stop(run)
            return True
        return False

    def cancel_all(self) -> None:
        """Stop every run, the waiting ones first."""
        for run in reversed(self.active):
            self._stop(run)

    @property
    def going(self) -> RunView | None:
        """The run that is going, or paused on its way; None while none is."""
        return next((run for run in self.active if run.state in ("running", "paused")), None)

    def toggle_pause(self) -> None:
        """Have the run that is going wait after its step, or let it go on."""
        run = self.going
        if run is None or run.stopping:
            return
        run.pausing = not run.pausing
        (self.backend.pause if run.pausing else self.backend.resume)(run.id)
        self.changed.emit(run)

    def step_once(self) -> None:
        """Have the run that is going take one step and wait."""
        run = self.going
        if run is not None and not run.stopping:
            run.pausing = True
            self.backend.step_once(run.id)
            self.changed.emit(run)

    def _stop(self, run: RunView) -> None:
        run.stopping = True
        self.backend.cancel(run.id)
        self.changed.emit(run)
