"""Formulas as seen: set in boxes, coloured by what symbols stand for, broken into lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette

from studio.core.maths import Hue, Symbol
from studio.core.typeset import (
    Bracket,
    Digits,
    Letter,
    Node,
    Over,
    Radical,
    Raised,
    Row,
    Sign,
    Word,
)
from studio.ui.mathbox import (
    SMALL,
    Box,
    accented,
    beside,
    bracket,
    figure_font,
    fraction,
    glyphs,
    marked,
    math_font,
    radical,
    scripted,
    shifted,
    space,
)

DARK: dict[Hue, str] = {
    "noisy": "#8fb8ff",
    "clean": "#7ed191",
    "noise": "#ff9c88",
    "fresh": "#f2c35f",
    "level": "#d3d6d9",
    "next": "#cda4ff",
    "choice": "#62d2d8",
}
LIGHT: dict[Hue, str] = {
    "noisy": "#1d5bcb",
    "clean": "#1a7431",
    "noise": "#b9362a",
    "fresh": "#875900",
    "level": "#3c4146",
    "next": "#7439bd",
    "choice": "#006b73",
}
"""Each has a contrast of at least 4.5:1 on the fields and windows of its theme."""
TIGHT = ("·", "")
POWERS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "−0123456789")


@dataclass(frozen=True)
class Ink:
    """Colours and sizes of one look."""

    hues: Mapping[Hue, QColor]
    plain: QColor
    size: float = 16.0

    @classmethod
    def of(cls, palette: QPalette, size: float = 16.0) -> Ink:
        dark = palette.color(QPalette.ColorRole.Window).lightness() < 128
        hues = {hue: QColor(color) for hue, color in (DARK if dark else LIGHT).items()}
        return cls(hues, palette.color(QPalette.ColorRole.Text), size)

    def color(self, symbol: Symbol | None) -> QColor:
        return self.hues[symbol.hue] if symbol else self.plain


def compose(node: Node, ink: Ink, size: float = 0.0) -> Box:
    """The box of a node at `size` logical pixels (the ink's own by default)."""
    size = size or ink.size
    match node:
        case Letter(symbol):
            return marked(_letter(symbol, ink, size), symbol.key)
        case Digits(text, symbol):
            made = _digits(text, size, ink.color(symbol))
            return marked(made, symbol.key) if symbol else made
        case Sign(text):
            return _sign(text, ink, size)
        case Word(text):
            return glyphs(text, math_font(size, False), ink.plain)
        case Bracket(inside):
            return bracket(compose(inside, ink, size), size, ink.plain)
        case Row(parts):
            return beside([compose(part, ink, size) for part in _loose(parts)])
        case Over(top, bottom):
            inner = size * 0.92
            return fraction(compose(top, ink, inner), compose(bottom, ink, inner), size, ink.plain)
        case Radical(inside):
            return radical(compose(inside, ink, size), size, ink.plain)
        case Raised(base, exponent):
            above = compose(exponent, ink, size * SMALL)
            return scripted(compose(base, ink, size), None, above, size)


def lines(node: Row, ink: Ink, width: float, indent: float = 0.0) -> list[Box]:
    """The node in lines of at most `width`, each after the first moved in by `indent`.

    Broken before + and −, then before a product's dot where that is still too wide; a part that
    fits no line is set smaller.
    """
    pieces = _pieces(node.parts, ("=", "+", "−"))
    done: list[list[Node]] = [[]]
    for piece in pieces:
        for part in [piece] if _fits(piece, ink, width - indent) else _pieces(piece, TIGHT):
            room = width - (indent if len(done) > 1 else 0.0)
            if done[-1] and not _fits([*done[-1], *part], ink, room):
                done.append([])
            done[-1] += part
    made = []
    for number, parts in enumerate(done):
        room = width - (indent if number else 0.0)
        box = compose(Row(tuple(parts)), ink)
        if box.width > room:
            box = compose(Row(tuple(parts)), ink, max(9.0, ink.size * room / box.width))
        made.append(beside([space(indent), box]) if number else box)
    return made


def _fits(parts: Sequence[Node], ink: Ink, width: float) -> bool:
    return compose(Row(tuple(parts)), ink).width <= width


def _pieces(parts: Sequence[Node], before: Sequence[str]) -> list[list[Node]]:
    """The parts, opened before each of these signs."""
    pieces: list[list[Node]] = [[]]
    for part in parts:
        if isinstance(part, Sign) and part.text in before and pieces[-1]:
            pieces.append([])
        pieces[-1].append(part)
    return pieces


def _loose(parts: Sequence[Node]) -> list[Node]:
    """Without thin spaces where a bracket or a fraction's own air is enough."""
    kept: list[Node] = []
    for number, part in enumerate(parts):
        if isinstance(part, Sign) and not part.text:
            after = parts[number + 1] if number + 1 < len(parts) else None
            if isinstance(after, Bracket | Over) or not kept:
                continue
        kept.append(part)
    return kept


def _letter(symbol: Symbol, ink: Ink, size: float) -> Box:
    color = ink.color(symbol)
    upright = len(symbol.letter) > 1
    letter = glyphs(symbol.letter, math_font(size, not upright), color)
    letter = accented(letter, symbol.accent, size, color)
    if not symbol.sub and not symbol.sup:
        return letter
    sub = _script(symbol.sub, size * SMALL, color) if symbol.sub else None
    sup = _script(symbol.sup, size * SMALL, color) if symbol.sup else None
    return scripted(letter, sub, sup, size)


def _script(text: str, size: float, color: QColor) -> Box:
    italic = len(text.rstrip("′")) == 1 and text[0].isalpha()
    return glyphs(text, math_font(size, italic), color)


def _digits(text: str, size: float, color: QColor) -> Box:
    """A number; a power of ten with its exponent raised."""
    font = figure_font(size * 0.86)
    mantissa, _, exponent = text.partition("·10")
    if not exponent:
        return glyphs(text, font, color)
    small = figure_font(size * 0.86 * SMALL)
    return beside(
        [
            glyphs(f"{mantissa}·10", font, color),
            shifted(glyphs(exponent.translate(POWERS), small, color), size * 0.36),
        ]
    )


def _sign(text: str, ink: Ink, size: float) -> Box:
    if not text:
        return space(size * 0.14)
    air = size * (0.16 if text == "·" else 0.26)
    return beside([space(air), glyphs(text, math_font(size, False), ink.plain), space(air)])
