"""What can go wrong before there is an app to show it in."""

from __future__ import annotations

from studio.core.errors import StudioError


class SetupFailed(StudioError):
    """The environment cannot be made. `details`: the last lines of the tool that failed."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "", details: str = "") -> None:
        super().__init__(message, hint)
        self.details = details

    def __str__(self) -> str:
        sentence = super().__str__()
        return f"{self.details}\n\n{sentence}" if self.details else sentence


class NoScreen(StudioError):
    """A window was asked for where there is nothing to show it on."""

    exit_code = 2
