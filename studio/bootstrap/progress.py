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
        if self._live:
            self.update("")
        else:
            print(f"  {self.elapsed}  {what}", file=self._stream, flush=True)

    def update(self, how_far: str) -> None:
        """How far it is; cheap to call often."""
        now = time.monotonic()
        if not self._live or (how_far and now - self._shown < TICK):
            return
        self._shown = now
        line = f"  {self.elapsed}  {self._what}{', ' if how_far else ''}{how_far}"
        width = shutil.get_terminal_size().columns - 1
        print(f"\r\x1b[K{line[:width]}", end="", file=self._stream, flush=True)

    def _clear(self) -> None:
        if self._live:
            print("\r\x1b[K", end="", file=self._stream, flush=True)
