"""What can go wrong, in words for the person at the screen.

Raised where it happens, caught at the edge: the top of the engine's loop, the command line,
the window. `message` says what is wrong in one sentence, `hint` what to do about it.
"""

from __future__ import annotations


class StudioError(Exception):
    """An error that a person can act on. `str()` gives message and hint as one line."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class BadInput(StudioError):
    """An argument, setting or combination that cannot work (exit code 2)."""


class CannotOpen(StudioError):
    """A file that is missing, is not what it says, or is damaged."""


class CannotWrite(StudioError):
    """A folder or file that cannot be written: no permission, no room."""


class CannotLoad(StudioError):
    """A model that is unknown, incomplete or damaged."""


class Missing(CannotLoad):
    """A model needs something small that can be fetched; `what` is its word, such as "clip"."""

    def __init__(self, message: str, hint: str, what: str) -> None:
        super().__init__(message, hint)
        self.what = what


class OutOfMemory(StudioError):
    """The device or the machine has too little memory for this request."""


class NotNumbers(StudioError):
    """A network's output is infinite, or no number at all."""


class Cancelled(Exception):
    """Not an error: the person asked to stop. Raised at the next safe point."""
