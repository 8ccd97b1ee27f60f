"""Running text with symbols in it: x̂₀ and ᾱ_t′ are set as maths, the rest as words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

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
KEPT = 500
"""Paragraphs."""
DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
NAMES: dict[str, Accent] = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar"}


def paragraph(text: str, font: QFont, color: QColor, width: float) -> tuple[Box, ...]:
    """The text in lines of at most `width`; each is at least as tall as the font.

    Most of what is said of a step is said of the next one too, so it is kept.
    """
    key = (text, font.key(), color.rgba(), width)
    if key not in _set:
        if len(_set) >= KEPT:
            _set.clear()
        _set[key] = _broken(text, font, color, width)
    return _set[key]


_set: dict[tuple[str, str, int, float], tuple[Box, ...]] = {}


def _broken(text: str, font: QFont, color: QColor, width: float) -> tuple[Box, ...]:
    metrics = QFontMetricsF(font)
    ink = Ink(dict.fromkeys(LIGHT, color), color, metrics.height() * 0.98)
    gap = metrics.horizontalAdvance(" ")
    done: list[list[Box]] = [[]]
    used = 0.0
    for word in _words(text):
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
    return tuple(beside([strut, *boxes]) for boxes in done)


Part = str | Symbol


@lru_cache(maxsize=512)
def _words(text: str) -> tuple[tuple[Part, ...], ...]:
    """The text word by word; each is plain text and symbols in turn."""
    words = []
    for word in unicodedata.normalize("NFD", text).split():
        parts: list[Part] = []
        end = 0
        for found in SYMBOL.finditer(word):
            parts.append(unicodedata.normalize("NFC", word[end : found.start()]))
            sub = found["sub"] or (found["digit"] or "").translate(DIGITS)
            accent = NAMES.get(found["accent"] or "", "")
            parts.append(Symbol("", found["letter"], "", 0.0, accent, sub))
            end = found.end()
        parts.append(unicodedata.normalize("NFC", word[end:]))
        words.append(tuple(part for part in parts if part))
    return tuple(words)


def _word(parts: tuple[Part, ...], font: QFont, metrics: QFontMetricsF, ink: Ink) -> Box:
    boxes = []
    for part in parts:
        if isinstance(part, str):
            boxes.append(_plain(part, font, metrics, ink.plain))
        else:
            box = compose(Letter(part), ink)
            boxes.append(Box(box.width, box.ascent, box.descent, box.draw))
    return boxes[0] if len(boxes) == 1 else beside(boxes)


def _plain(text: str, font: QFont, metrics: QFontMetricsF, color: QColor) -> Box:
    def draw(painter: QPainter, x: float, y: float) -> None:
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(QPointF(x, y), text)

    return Box(metrics.horizontalAdvance(text), 0.0, 0.0, draw)
