"""The colours of a prompt's grammar."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette


@dataclass(frozen=True)
class Inks:
    """Each has a contrast of at least 4.5:1 on the field, but `unread`, which is not read."""

    sign: str
    choice: str
    tag: str
    turn: str
    less: str
    unread: str
    wrong: str
    glow: str
    """Behind words that weigh more."""


DARK = Inks(
    sign="#86abf5",
    choice="#e0a654",
    tag="#5cc4a9",
    turn="#c79bf0",
    less="#a3a7ab",
    unread="#6f7478",
    wrong="#ef6b62",
    glow="#3f76e0",
)
LIGHT = Inks(
    sign="#2457bd",
    choice="#8f5200",
    tag="#0b6e57",
    turn="#7a3bb5",
    less="#5c6166",
    unread="#93989d",
    wrong="#c0322a",
    glow="#2f66d6",
)


def inks(palette: QPalette) -> Inks:
    """Those for the field's own colour."""
    return DARK if palette.color(QPalette.ColorRole.Base).lightness() < 128 else LIGHT


def glow(ink: Inks, weight: float) -> QColor:
    """The heavier, the stronger; from 2 on as strong as it gets."""
    colour = QColor(ink.glow)
    colour.setAlphaF(0.10 + 0.28 * min(max(weight - 1.0, 0.0), 1.0))
    return colour
