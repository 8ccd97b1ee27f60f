"""How fast bytes come, and how long the rest will take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

WINDOW = 6.0
"""Seconds that the speed is an average of: short enough to follow, long enough to read."""
LEAST = 1.0


class Meter:
    """`clock` in seconds. What was here before the first `note` is no part of the speed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, done: int) -> None:
        now = self._clock()
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()  # a file began again
        self._seen.append((now, done))
        while len(self._seen) > 2 and self._seen[1][0] < now - WINDOW:
            self._seen.popleft()

    def speed(self) -> float:
        """Bytes a second; 0 while that is not known."""
        if len(self._seen) < 2:
            return 0.0
        (then, before), (_, done) = self._seen[0], self._seen[-1]
        seconds = self._clock() - then
        return (done - before) / seconds if seconds >= LEAST else 0.0

    def left(self, missing: int) -> float | None:
        """Seconds; None while that is not known."""
        speed = self.speed()
        return missing / speed if speed > 0 else None
