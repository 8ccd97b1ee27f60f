"""What the command line prints: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping


class Console:
    """`as_json`: the result is one JSON object, and nothing else is on standard output."""

    def __init__(self, as_json: bool) -> None:
        self._json = as_json
        self._live = sys.stderr.isatty()
        self._open = False

    def say(self, text: str) -> None:
        """A line for the person."""
        self._end_progress()
        print(text, file=sys.stderr, flush=True)

    def progress(self, text: str) -> None:
        """A line that the next one writes over; not shown where nobody is watching."""
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{text[:width]:<{width}}", end="", file=sys.stderr, flush=True)
            self._open = True

    def result(self, data: Mapping[str, object], text: str) -> None:
        self._end_progress()
        print(_json(data) if self._json else text, flush=True)

    def _end_progress(self) -> None:
        if self._open:
            print(file=sys.stderr)
            self._open = False


def _json(data: Mapping[str, object]) -> str:
    """Readable where standard output's encoding can hold it, else in ASCII."""
    text = json.dumps(data, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(data)
    return text
