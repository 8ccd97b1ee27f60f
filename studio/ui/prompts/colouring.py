"""A prompt's grammar in colours, laid over the text without touching it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from studio.core.counting import Counted
from studio.core.prompting.syntax import spans
from studio.ui.prompts.inks import Inks, glow, inks

LONGEST = 4_000
"""Letters, beyond which a prompt is shown without colours: it would be slow to type."""


@dataclass(frozen=True)
class Look:
    """How a letter looks: `ink` is a field of `Inks`, "" the text's own; `weight` is seen from
    behind it."""

    ink: str = ""
    weight: float = 1.0


INKS = {
    "less": "less",
    "sign": "sign",
    "escape": "less",
    "choice": "choice",
    "file": "choice",
    "break": "turn",
    "tag": "tag",
}


def looks(text: str, counted: Counted | None, tagged: bool = True) -> list[Look]:
    """Of each letter. `counted` is of this very text, or None; `tagged`: see `spans`."""
    found = [Look()] * len(text)
    for span in spans(text, tagged):
        for at in range(span.start, span.end):
            if span.kind == "more":
                found[at] = Look("", span.weight)
            else:
                found[at] = replace(found[at], ink=INKS[span.kind])
    if counted is not None:
        for start, end in counted.unknown:
            found[start:end] = [Look("wrong")] * (end - start)
        if counted.cut >= 0:
            found[counted.cut :] = [Look("unread")] * (len(text) - counted.cut)
    return found


def colour(box: QPlainTextEdit, counted: Counted | None, tagged: bool = True) -> None:
    """Colour what is in the box. `counted` and `tagged`: see `looks`."""
    text = box.toPlainText()
    ink = inks(box.palette())
    selections = []
    if len(text) <= LONGEST:
        places = _places(text)
        for start, end, look in _runs(looks(text, counted, tagged)):
            made = QTextEdit.ExtraSelection()
            cursor = QTextCursor(box.document())
            cursor.setPosition(places[start])
            cursor.setPosition(places[end], QTextCursor.MoveMode.KeepAnchor)
            made.cursor, made.format = cursor, _format(look, ink)
            selections.append(made)
    box.setExtraSelections(selections)


def place_of(text: str, index: int) -> int:
    """Where Qt has a character, which counts those beyond the first plane twice."""
    return index + sum(ord(char) > 0xFFFF for char in text[:index])


def _places(text: str) -> list[int]:
    places = [0]
    for char in text:
        places.append(places[-1] + (2 if ord(char) > 0xFFFF else 1))
    return places


def _runs(found: list[Look]) -> Iterator[tuple[int, int, Look]]:
    """[start, end) of letters that look alike and not as words do."""
    start = 0
    for at in range(1, len(found) + 1):
        if at == len(found) or found[at] != found[start]:
            if found[start] != Look():
                yield start, at, found[start]
            start = at


def _format(look: Look, ink: Inks) -> QTextCharFormat:
    style = QTextCharFormat()
    if look.ink:
        style.setForeground(QColor(getattr(ink, look.ink)))
    if look.weight > 1.0:
        style.setBackground(glow(ink, look.weight))
    if look.ink == "wrong":
        style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        style.setUnderlineColor(QColor(ink.wrong))
    style.setFontStrikeOut(look.ink == "unread")
    return style
