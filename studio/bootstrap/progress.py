"""What a person sees while the environment is made: what is being done, how far, how long.

On a terminal one line that is rewritten; elsewhere (a log, CI) one line for each thing begun.
"""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType
from typing import Self, TextIO

TICK = 0.1
"""Seconds between two writings of the line on a terminal."""

STILL = 10.0
"""Seconds after which a log is told again what is being done."""


class Progress:
    """A context: the line is cleared away at its end, whatever happened."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._begun = time.monotonic()
        self._shown = float("-inf")
        self._what = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._clear()

    @property
    def elapsed(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._begun), 60)
        return f"{minutes}:{seconds:02d}"

    def say(self, sentence: str) -> None:
        """A line that stays."""
        self._clear()
        print(sentence, file=self._stream, flush=True)

    def begin(self, what: str) -> None:
        """Something new is being done."""
        self._what = what
        self._write("")

    def update(self, how_far: str) -> None:
        """How far it is; cheap to call often."""
        if time.monotonic() - self._shown >= (TICK if self._live else STILL):
            self._write(how_far)

    def _write(self, how_far: str) -> None:
        self._shown = time.monotonic()
        line = f"  {self.elapsed}  {self._what}{', ' if how_far else ''}{how_far}"
        if self._live:
            line = f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}"
        print(line, end="" if self._live else "\n", file=self._stream, flush=True)

    def _clear(self) -> None:
        if self._live:
            print("\r\x1b[K", end="", file=self._stream, flush=True)
