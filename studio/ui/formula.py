"""Formulas as seen: set in boxes, coloured by what symbols stand for, broken into lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPalette

from studio.core.maths import Accent, Hue, Symbol
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
    Kind,
    accented,
    beside,
    bracket,
    fraction,
    glyphs,
    marked,
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
            return glyphs(text, "upright", size, ink.plain)
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
    done: list[list[Box]] = [[]]
    used = 0.0
    for piece in _pieces(_loose(node.parts), ("=", "+", "−")):
        whole = _set(piece, ink)
        smaller = [whole] if whole.width <= width - indent else []
        for box in smaller or [_set(part, ink) for part in _pieces(piece, TIGHT)]:
            room = width - (indent if len(done) > 1 else 0.0)
            if done[-1] and used + box.width > room:
                done.append([])
                used = 0.0
            room = width - (indent if len(done) > 1 else 0.0)
            done[-1].append(box if box.width <= room else _shrunk(box, room))
            used += box.width
    return [beside([space(indent if n else 0.0), *boxes]) for n, boxes in enumerate(done)]


def _set(parts: Sequence[Node], ink: Ink) -> Box:
    return compose(Row(tuple(parts)), ink)


def _shrunk(box: Box, width: float) -> Box:
    """The box as if seen from farther off, `width` wide."""
    part = width / box.width

    def draw(painter: QPainter, x: float, y: float) -> None:
        painter.save()
        painter.translate(x, y)
        painter.scale(part, part)
        box.draw(painter, 0, 0)
        painter.restore()

    spots = [
        (QRectF(r.x() * part, r.y() * part, r.width() * part, r.height() * part), key)
        for r, key in box.spots
    ]
    return Box(width, box.ascent * part, box.descent * part, draw, tuple(spots))


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
    color = ink.color(symbol).rgba()
    return _drawn(symbol.letter, symbol.accent, symbol.sub, symbol.sup, size, color)


@lru_cache(maxsize=1024)
def _drawn(letter: str, accent: Accent, sub: str, sup: str, size: float, rgba: int) -> Box:
    """A symbol's letter: the same whatever its value, at every step."""
    color = QColor.fromRgba(rgba)
    base = glyphs(letter, "upright" if len(letter) > 1 else "italic", size, color)
    base = accented(base, accent, size, color)
    if not sub and not sup:
        return base
    if sup == "′":  # stands high by itself
        return beside([base, glyphs("′", "upright", size, color)])
    low = _script(sub, size * SMALL, color) if sub else None
    high = _script(sup, size * SMALL, color) if sup else None
    return scripted(base, low, high, size)


def _script(text: str, size: float, color: QColor) -> Box:
    """Letters lean, signs and words do not: t|t′, but "skip"."""
    if len(text.rstrip("′")) > 1 and text.isalpha():
        return glyphs(text, "upright", size, color)
    kinds: list[Kind] = ["italic" if letter.isalpha() else "upright" for letter in text]
    parts = zip(text, kinds, strict=True)
    return beside([glyphs(letter, kind, size, color) for letter, kind in parts])


def _digits(text: str, size: float, color: QColor) -> Box:
    """A number; a power of ten with its exponent raised."""
    size *= 0.86
    mantissa, _, exponent = text.partition("·10")
    if not exponent:
        return glyphs(text, "figures", size, color)
    small = glyphs(exponent.translate(POWERS), "figures", size * SMALL, color)
    return beside([glyphs(f"{mantissa}·10", "figures", size, color), shifted(small, size * 0.4)])


def _sign(text: str, ink: Ink, size: float) -> Box:
    return _aired(text, size, ink.plain.rgba())


@lru_cache(maxsize=128)
def _aired(text: str, size: float, rgba: int) -> Box:
    if not text:
        return space(size * 0.14)
    air = size * (0.16 if text == "·" else 0.26)
    sign = glyphs(text, "upright", size, QColor.fromRgba(rgba))
    return beside([space(air), sign, space(air)])
