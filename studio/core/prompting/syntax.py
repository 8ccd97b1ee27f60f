"""Which letters of a prompt mean something besides words, for whoever shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from studio.core.prompting.tags import tags
from studio.core.prompting.weights import brackets, parse
from studio.core.prompting.wildcards import marks

Kind = Literal["more", "less", "sign", "escape", "choice", "file", "break", "tag"]
"""more, less: words that weigh more or less than 1. sign: the brackets and numbers that say so.
escape: a backslash that takes a meaning. choice: the signs of wildcards. file: a file of them."""

_BREAK = re.compile(r"(?<!\\)\bBREAK\b")
_ESCAPE = re.compile(r"\\(?=[\\()\[\]{}|<>]|__|BREAK\b)(\\?)")


@dataclass(frozen=True)
class Span:
    """`weight`: that of the words, of kinds `more` and `less`."""

    start: int
    end: int
    kind: Kind
    weight: float = 1.0


def spans(prompt: str, tagged: bool = True) -> tuple[Span, ...]:
    """In the order to draw them: later ones lie over earlier ones. Not `tagged`: tags are words,
    as they are in negative prompts."""
    found = list(_weighed(prompt))
    found += [Span(start, end, "sign") for start, end in brackets(prompt)]
    found += [Span(at.start(), at.start() + 1, "escape") for at in _ESCAPE.finditer(prompt)]
    for start, end, file in marks(prompt):
        found.append(Span(start, end, "file" if file else "choice"))
    found += [Span(at.start(), at.end(), "break") for at in _BREAK.finditer(prompt)]
    found += [Span(tag.start, tag.end, "tag") for tag in (tags(prompt) if tagged else ())]
    return tuple(found)


def _weighed(prompt: str) -> Iterator[Span]:
    for section in parse(prompt):
        for part in section:
            if part.weight != 1.0:
                kind: Kind = "more" if part.weight > 1.0 else "less"
                for start, end in _runs(part.where):
                    yield Span(start, end, kind, part.weight)


def _runs(places: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """[start, end) of each run of places that follow on each other."""
    start = 0
    for number in range(1, len(places) + 1):
        if number == len(places) or places[number] != places[number - 1] + 1:
            yield places[start], places[number - 1] + 1
            start = number
