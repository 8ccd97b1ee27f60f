"""What the window says to the person: one sentence, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from studio.core.errors import StudioError

Kind = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Message:
    """`details` is for a report: longer, and shown only when asked for."""

    text: str
    hint: str = ""
    kind: Kind = "info"
    details: str = ""

    @classmethod
    def of(cls, error: StudioError, kind: Kind = "error") -> Message:
        return cls(error.message, error.hint, kind)
