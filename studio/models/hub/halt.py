"""Stopping a download from another thread, at once: waits are woken, sockets shut down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

from studio.core.errors import Cancelled


class Halt:
    """A flag that also does something to whatever would keep a thread from looking at it."""

    def __init__(self) -> None:
        self._flag = Event()
        self._lock = Lock()
        self._cuts: list[Callable[[], object]] = []

    def __bool__(self) -> bool:
        return self._flag.is_set()

    def set(self) -> None:
        """Stop; without effect if it has been."""
        with self._lock:
            self._flag.set()
            cuts, self._cuts = self._cuts, []
        for cut in cuts:
            cut()

    def check(self) -> None:
        """Raises Cancelled if it is set."""
        if self._flag.is_set():
            raise Cancelled

    def wait(self, seconds: float) -> None:
        """Raises Cancelled, at once, if it is set meanwhile."""
        if self._flag.wait(seconds):
            raise Cancelled

    @contextmanager
    def cutting(self, cut: Callable[[], object]) -> Iterator[None]:
        """Have `cut` called, on the thread that sets it, if it is set within the block."""
        with self._lock:
            if not self._flag.is_set():
                self._cuts.append(cut)
        self.check()
        try:
            yield
        finally:
            with self._lock:
                if cut in self._cuts:
                    self._cuts.remove(cut)
