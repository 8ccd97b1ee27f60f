"""How often, and after how long, a broken line is tried again."""

from __future__ import annotations

import random

from studio.core.errors import CannotLoad
from studio.models.hub.halt import Halt
from studio.models.hub.refusals import Broken

FIRST = 0.5
"""Seconds of the first wait; each one is twice as long as that before, up to `LONGEST`."""
LONGEST = 15.0
TRIES = 8
KEPT = "Check the network and go on later; what has arrived is kept."
ASKED = 300.0
"""Seconds that the hub may ask to wait and be obeyed; for longer, a person is asked."""


class Patience:
    """Counts failures in a row. Only more bytes than there ever were count as a success: a line
    that breaks in the same place again and again comes to an end too."""

    def __init__(self, tries: int = TRIES, advice: str = KEPT) -> None:
        """`advice`: what to do when there is no hope left."""
        self._tries, self._advice = tries, advice
        self._failures = 0
        self._most = 0

    def progress(self, length: int) -> None:
        if length > self._most:
            self._most, self._failures = length, 0

    def wait(self, broken: Broken, halt: Halt) -> None:
        """Wait before the next try. Raises CannotLoad if there should be none, and Cancelled."""
        self._failures += 1
        if self._failures >= self._tries:
            raise CannotLoad(
                f"{broken.reason}, {self._failures} times in a row.", self._advice
            ) from None
        if broken.wait is not None and broken.wait > ASKED:
            raise CannotLoad(
                f"{broken.reason} and asks to wait {broken.wait / 60:.0f} minutes.",
                "Try again then; what has arrived is kept.",
            ) from None
        usual = min(FIRST * 2 ** (self._failures - 1), LONGEST) * random.uniform(0.8, 1.2)
        halt.wait(max(usual, broken.wait or 0.0))
