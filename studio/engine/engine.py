"""The queue and the one thread that works it off. Imports no torch: the thread does, later.

Everything that happens is told to one listener: on the engine's thread, or on that of whoever
submits or cancels. The listener must not raise.
"""

from __future__ import annotations

import secrets
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from threading import Condition, Thread
from typing import TYPE_CHECKING

from studio.core import events
from studio.core.edits import Edit
from studio.core.exports import Export
from studio.core.limits import Limits
from studio.core.picture import Mask
from studio.core.request import Request
from studio.core.wishes import Recall, Wish
from studio.engine.darkroom import Darkroom
from studio.engine.helm import NOT_GOING, Change, Helm, with_edit
from studio.engine.manners import give_way
from studio.engine.tasks import Errand, Filming, Job
from studio.library.library import Library
from studio.models.catalogue import Catalogue

if TYPE_CHECKING:  # They import torch.
    from studio.engine.memory.room import Room
    from studio.engine.worker import Worker

Listener = Callable[[events.Event], None]


class Engine:
    """Takes requests from any thread and works them off one after the other."""

    def __init__(
        self,
        library: Library,
        catalogue: Catalogue,
        listen: Listener,
        device: str = "",
        polite: bool = False,
        threads: int = 0,
        room: Room | None = None,
    ) -> None:
        """`polite`: there is a window, which has the processor first. `threads` to compute with on
        the CPU; 0: as many as it has. `room`: the device's memory, if it is not the device's own.
        """
        self.library = library
        self.catalogue = catalogue
        self.limits = Limits()
        self._means = device, lambda: self.limits, threads, room
        self._polite = polite
        self._listen = listen
        self._jobs: deque[Job] = deque()
        self._wishes: dict[str, Wish] = {}
        self._exports: deque[Filming] = deque()
        self._running: Job | Errand | Filming | None = None
        self._darkroom = Darkroom(listen)
        self._closing = False
        self._wake = Condition()
        self._thread = Thread(target=self._work, name="studio-engine", daemon=True)

    def start(self) -> None:
        """Begin to work: load the libraries, tell the device and the models, wait for requests."""
        self._thread.start()

    def submit(self, request: Request) -> str:
        """Queue a request; returns its run's id. Raises BadInput if it can be seen to be wrong."""
        request.check()
        job = Job(_run_id(), request)
        # Told before it can begin, so that no listener hears of a run's start first.
        self._listen(events.Queued(job.run, request.recipe))
        with self._wake:
            self._jobs.append(job)
            self._wake.notify()
        return job.run

    def cancel(self, run: str) -> None:
        """Stop a run or an export, waiting or going; without effect if it has ended."""
        with self._wake:
            for filming in self._exports:
                if filming.id == run:
                    filming.cancel.set()
            waiting = next((job for job in self._jobs if job.run == run), None)
            if waiting:
                self._jobs.remove(waiting)
            match self._running:
                case Job(run=going, cancel=stop) if going == run:
                    stop.set()
                case Errand(wish=wish, cancel=stop) if _again(wish, run):
                    stop.set()
            unasked = [slot for slot, wish in self._wishes.items() if _again(wish, run)]
            for slot in unasked:
                del self._wishes[slot]
        if waiting or unasked:
            self._listen(events.Stopped(run))

    def pause(self, run: str) -> None:
        """Have a run wait before its next step, or before its first; nothing if it has ended."""
        self._helm(run, Helm.pause)

    def resume(self, run: str) -> None:
        """Have a paused run go on."""
        self._helm(run, Helm.resume)

    def step_once(self, run: str) -> None:
        """Have a run take one step and wait."""
        self._helm(run, Helm.step_once)

    def edit(self, run: str, edit: Edit, mask: Mask | None = None) -> None:
        """Change a run from its next step on; the edit's own step and mask do not count.

        Told by `Edited`, or by `Warned` if the run cannot be changed so. Raises BadInput for
        values that cannot be, and if the run has ended.
        """
        job = self._going(run)
        if job is None or job.helm.over:
            raise NOT_GOING
        with_edit(replace(job.request.recipe, edits=()), edit, 0)
        job.helm.change(Change(edit, mask))

    def _helm(self, run: str, do: Callable[[Helm], None]) -> None:
        job = self._going(run)
        if job is not None:
            do(job.helm)

    def _going(self, run: str) -> Job | None:
        with self._wake:
            jobs = [*self._jobs, *([self._running] if isinstance(self._running, Job) else [])]
        return next((job for job in jobs if job.run == run), None)

    def ask(self, wish: Wish) -> None:
        """Take a wish, in the place of an unanswered one in the same slot.

        What needs no model is answered at once, even while a run is going; the rest when none is.
        """
        if not wish.needs_model:
            self._darkroom.ask(wish)
            return
        with self._wake:
            self._wishes[wish.slot] = wish
            self._wake.notify()
            if isinstance(self._running, Job):
                self._running.helm.wake()

    def configure(self, limits: Limits) -> None:
        """Keep no more steps than this, from the next run on."""
        self.limits = limits

    def export(self, export: Export) -> str:
        """Take steps away when no run goes; returns the id to cancel it by. Raises BadInput."""
        filming = Filming(f"export-{_run_id()}", export.check())
        with self._wake:
            self._exports.append(filming)
            self._wake.notify()
        return filming.id

    def close(self, timeout: float = 30.0) -> bool:
        """Cancel everything and end the threads; False if one has not ended within `timeout` s."""
        with self._wake:
            self._closing = True
            self._jobs.clear()
            self._wishes.clear()
            for filming in self._exports:
                filming.cancel.set()
            if self._running:
                self._running.cancel.set()
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return self._darkroom.close(timeout) and not self._thread.is_alive()

    def _work(self) -> None:
        with self._wake:
            if self._closing:
                return
        if self._polite:
            give_way()
        # Here, not at the top: loading torch takes a second, and the window is to be seen first.
        try:
            from studio.engine.answers import Answers
            from studio.engine.counting import Counter
            from studio.engine.worker import Worker
        except Exception as error:  # noqa: BLE001 - importing damaged libraries can raise anything
            self._fail_all(error)
            return

        worker = Worker(self.library, self.catalogue, self._listen, *self._means)
        counter = Counter(worker.finder, self.library.folders)
        self._darkroom.open(Answers(worker.archive, self.catalogue, worker.encodings, counter))
        while True:
            with self._wake:
                while not (self._jobs or self._wishes or self._exports or self._closing):
                    self._wake.wait()
                if self._closing:
                    break
                task = self._running = self._next()
            match task:
                case Job():
                    worker.run(task, lambda: self._idle(worker))
                case Errand():
                    worker.answer(task)
                case Filming():
                    if not worker.film(task):
                        with self._wake:
                            self._exports.remove(task)
            with self._wake:
                self._running = None
        for filming in self._exports:
            worker.film(filming)  # Cancelled by now: it clears up after itself.

    def _idle(self, worker: Worker) -> bool:
        """While a run is paused: one wish about steps that are kept, if there is one.

        The model stays the paused run's own, so a wish that needs another waits.
        """
        with self._wake:
            looks = [slot for slot, wish in self._wishes.items() if worker.can(wish)]
            wish = self._wishes.pop(looks[0]) if looks and not self._closing else None
        if wish is not None:
            worker.answer(Errand(wish))
        return wish is not None

    def _next(self) -> Job | Errand | Filming:
        """What to do now: an export gives way to all else, frame by frame."""
        if self._jobs:
            return self._jobs.popleft()
        if self._wishes:
            return Errand(self._wishes.pop(next(iter(self._wishes))))
        return self._exports[0]

    def _fail_all(self, error: Exception) -> None:
        """Without its libraries the engine can do nothing but say so, at once and to each run."""
        details = "".join(traceback.format_exception(error))
        short = isinstance(error, MemoryError)
        reason = "there is too little memory" if short else next(iter(str(error).splitlines()), "")
        hint = "Close other programs." if short else "Install Diffusion Studio again."
        run = ""
        while True:
            self._listen(
                events.Failed(
                    run,
                    f"The libraries that draw cannot be loaded: {reason or type(error).__name__}.",
                    f"{hint} Your pictures stay.",
                    details,
                )
            )
            with self._wake:
                while not (self._jobs or self._closing):
                    self._wake.wait()
                if self._closing:
                    return
                run = self._jobs.popleft().run


def _again(wish: Wish, run: str) -> bool:
    """Whether this wish makes that run's steps again."""
    return isinstance(wish, Recall) and wish.run == run


def _run_id() -> str:
    """Sorts by time, and two never collide."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
