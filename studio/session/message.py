"""What the window says to the person: one sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from studio.core.errors import StudioError

Kind = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Offer:
    """Something that can be done about a message, as a button: "Undo", "Finish from here"."""

    text: str
    do: Callable[[], object]


@dataclass(frozen=True)
class Message:
    """`details` is for a report: longer, and shown only when asked for."""

    text: str
    hint: str = ""
    kind: Kind = "info"
    details: str = ""
    offers: tuple[Offer, ...] = ()

    @classmethod
    def of(cls, error: StudioError, kind: Kind = "error") -> Message:
        return cls(error.message, error.hint, kind)
