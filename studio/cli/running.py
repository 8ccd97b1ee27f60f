"""The engine as the command line uses it: one request at a time, waited for."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from queue import Queue
from types import TracebackType
from typing import Self

from studio.cli.console import Console
from studio.core import events
from studio.core.errors import Cancelled, StudioError
from studio.core.exports import Export
from studio.core.limits import Limits
from studio.core.request import Request
from studio.engine.engine import Engine
from studio.library.folders import Folders
from studio.library.library import Library
from studio.models.catalogue import Catalogue


class Running:
    """An engine for the time of a `with` block. Ctrl+C cancels the run in progress."""

    def __init__(
        self, console: Console, device: str = "", threads: int = 0, memory: str = "auto"
    ) -> None:
        folders = Folders.default()
        self.library = Library(folders)
        self.band: int | None = None
        self._console = console
        self._events: Queue[events.Event] = Queue()
        self._engine = Engine(
            self.library, Catalogue(folders), self._events.put, device, threads=threads
        )
        self._engine.configure(Limits(plan=memory))

    def __enter__(self) -> Self:
        self._engine.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._engine.close()
        self.library.close()

    def run(self, request: Request) -> events.Finished:
        """Wait for the run's end. Raises StudioError if it fails, Cancelled if it was stopped."""
        run = self._engine.submit(request)
        try:
            return self._wait(run)
        except KeyboardInterrupt:
            self._engine.cancel(run)
            self._console.say("Cancelling …")
            return self._wait(run)

    def aside(self, request: Request) -> tuple[events.Finished, bytes]:
        """Like `run`, but the picture goes to a temporary file: returned as PNG bytes."""
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "again.png"
            finished = self.run(replace(request, out=out, trajectory=None, scratch=True))
            return finished, out.read_bytes()

    def rerun(self, request: Request) -> str:
        """Make an ancestor again; its picture is not kept. Returns the run's id."""
        if request.until is not None:
            return self.run(replace(request, trajectory=None, scratch=True)).run
        return self.aside(request)[0].run

    def export(self, export: Export) -> None:
        """Wait for an export's end. Raises StudioError if it fails, Cancelled if it was stopped."""
        id = self._engine.export(export)
        try:
            self._wait_for_export(id)
        except KeyboardInterrupt:
            self._engine.cancel(id)
            self._wait_for_export(id)

    def _wait_for_export(self, id: str) -> None:
        while True:
            match self._events.get():
                case events.Exporting(done=done, total=total):
                    self._console.progress(f"Picture {done} of {total}")
                case events.Failed(message=message, hint=hint):
                    raise StudioError(message, hint)
                case events.Exported(export=ended, written=written) if ended == id:
                    if not written:
                        raise Cancelled
                    return
                case events.Loading(message=message):
                    self._console.progress(f"{message} …")
                case _:
                    pass

    def _wait(self, run: str) -> events.Finished:
        while True:
            match self._events.get():
                case events.Finished() as finished if finished.run == run:
                    return finished
                case events.Failed(message=message, hint=hint) as failed:
                    if failed.run in (run, ""):
                        raise StudioError(message, hint)
                case events.Stopped(run=stopped) if stopped == run:
                    raise Cancelled
                case events.Warned(message=message, hint=hint):
                    self._console.say(f"{message} {hint}")
                case events.Loading(message=message):
                    self._console.progress(f"{message} …")
                case events.Planned(says=says):
                    self._console.progress(says)
                case events.Started(plan=plan):
                    self.band = plan.band if plan else None
                case events.Stepped() as step:
                    left = (step.steps - step.index - 1) * step.seconds
                    self._console.progress(
                        f"Step {step.index + 1} of {step.steps}, {left:.0f} s left"
                    )
                case _:
                    pass
