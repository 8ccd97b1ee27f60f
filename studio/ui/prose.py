"""Running text with symbols in it: x̂₀ and ᾱ_t′ are set as maths, the rest as words."""

from __future__ import annotations

import re
import unicodedata

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from studio.core.maths import Accent, Symbol
from studio.core.typeset import Letter
from studio.ui.formula import LIGHT, Ink, compose
from studio.ui.mathbox import Box, beside, space

SYMBOL = re.compile(
    r"(?P<letter>[A-Za-zα-ω])(?P<accent>[\u0302\u0303\u0304])?"
    r"(?:_(?P<sub>[a-zηθ½↑↓](?:′|\b|$))|(?P<digit>[₀-₉])|(?<=[\u0302\u0303\u0304]))"
)
"""A letter with an accent, a subscript or both, as `typeset.symbol_text` writes it."""
DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
NAMES: dict[str, Accent] = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar"}


def paragraph(text: str, font: QFont, color: QColor, width: float) -> list[Box]:
    """The text in lines of at most `width`; each is at least as tall as the font."""
    metrics = QFontMetricsF(font)
    ink = Ink(dict.fromkeys(LIGHT, color), color, metrics.height() * 0.98)
    gap = metrics.horizontalAdvance(" ")
    done: list[list[Box]] = [[]]
    used = 0.0
    for word in unicodedata.normalize("NFD", text).split():
        box = _word(word, font, metrics, ink)
        if done[-1] and used + gap + box.width > width:
            done.append([])
            used = 0.0
        if done[-1]:
            done[-1].append(space(gap))
            used += gap
        done[-1].append(box)
        used += box.width
    strut = Box(0.0, metrics.ascent(), metrics.descent(), lambda painter, x, y: None)
    return [beside([strut, *boxes]) for boxes in done]


def _word(word: str, font: QFont, metrics: QFontMetricsF, ink: Ink) -> Box:
    parts, end = [], 0
    for found in SYMBOL.finditer(word):
        if found.start() > end:
            parts.append(_plain(word[end : found.start()], font, metrics, ink.plain))
        sub = found["sub"] or (found["digit"] or "").translate(DIGITS)
        accent = NAMES.get(found["accent"] or "", "")
        symbol = Symbol("", found["letter"], "", 0.0, accent, sub)
        box = compose(Letter(symbol), ink)
        parts.append(Box(box.width, box.ascent, box.descent, box.draw))
        end = found.end()
    if end < len(word):
        parts.append(_plain(word[end:], font, metrics, ink.plain))
    return parts[0] if len(parts) == 1 else beside(parts)


def _plain(text: str, font: QFont, metrics: QFontMetricsF, color: QColor) -> Box:
    text = unicodedata.normalize("NFC", text)

    def draw(painter: QPainter, x: float, y: float) -> None:
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(QPointF(x, y), text)

    return Box(metrics.horizontalAdvance(text), 0.0, 0.0, draw)
