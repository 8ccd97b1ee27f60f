"""Now and then a report, of the many that the files of a download make."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from studio.core.downloads import Download
from studio.models.hub.meter import Meter

EVERY = 0.15
"""Seconds between two reports of how far it is."""


class Telling:
    """`now` is the last report."""

    def __init__(self, now: Download, tell: Callable[[Download], None]) -> None:
        self.now = now
        self._tell = tell
        self._meter, self._last = Meter(), 0.0

    def note(self, done: int, waiting: str) -> None:
        # Called on several threads; two reports at once would only be one too many.
        self._meter.note(done)
        moment = time.monotonic()
        if moment - self._last < EVERY and not waiting and done < self.now.total:
            return
        self._last = moment
        left = self._meter.left(self.now.total - done)
        self.now = replace(
            self.now, done=done, speed=self._meter.speed(), left=left, message=waiting
        )
        self._tell(self.now)
