"""Boxes that maths is set in: glyphs, rows, fractions, roots, brackets, accents.

A box has a width, and an ascent and descent from its baseline, in logical pixels. It draws itself
at a point of its baseline, and knows where its symbols are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from studio.core.maths import Accent

Draw = Callable[[QPainter, float, float], None]
Spot = tuple[QRectF, str]
"""Where a symbol is, from the box's origin on its baseline, and the symbol's key."""

SERIF = (
    "STIX Two Text",
    "Latin Modern Roman",
    "Cambria",
    "Nimbus Roman",
    "Times New Roman",
    "DejaVu Serif",
)
SMALL = 0.72
"""Of the size: sub- and superscripts."""


@dataclass(frozen=True)
class Box:
    width: float
    ascent: float
    descent: float
    draw: Draw
    spots: tuple[Spot, ...] = ()

    @property
    def height(self) -> float:
        return self.ascent + self.descent


Kind = Literal["italic", "upright", "figures"]


@dataclass(frozen=True)
class Face:
    """A font with its measures, which are dear to ask for."""

    font: QFont
    metrics: QFontMetricsF


@lru_cache(maxsize=256)
def face(kind: Kind, size: float) -> Face:
    """`size` in logical pixels, at any scaling. Figures all have one width, so that numbers stand
    under each other and do not jump."""
    font = QFont()
    if kind == "figures":
        font.setFeature(QFont.Tag("tnum"), 1)
    else:
        font.setFamilies(list(SERIF))
        font.setStyleHint(QFont.StyleHint.Serif)
        font.setItalic(kind == "italic")
    # Whole pixels only in Qt's pixel sizes; points of 72 to the inch at 96 are finer.
    font.setPointSizeF(size * 0.75)
    return Face(font, QFontMetricsF(font))


@lru_cache(maxsize=4096)
def _extent(text: str, kind: Kind, size: float) -> tuple[float, float, float]:
    """Width, ascent and descent of what is drawn, overhang of italics included."""
    metrics = face(kind, size).metrics
    tight, width = metrics.tightBoundingRect(text), metrics.horizontalAdvance(text)
    if kind == "italic":
        width = max(width, tight.right())
    return width, max(-tight.top(), metrics.xHeight()), max(0.0, tight.bottom())


def glyphs(text: str, kind: Kind, size: float, color: QColor) -> Box:
    width, ascent, descent = _extent(text, kind, size)
    font = face(kind, size).font

    def draw(painter: QPainter, x: float, y: float) -> None:
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(QPointF(x, y), text)

    return Box(width, ascent, descent, draw)


def space(width: float) -> Box:
    return Box(width, 0.0, 0.0, lambda painter, x, y: None)


def beside(boxes: Sequence[Box]) -> Box:
    """Boxes on one baseline."""
    places, x = [], 0.0
    spots: list[Spot] = []
    for box in boxes:
        places.append(x)
        spots += [(rect.translated(x, 0), key) for rect, key in box.spots]
        x += box.width

    def draw(painter: QPainter, left: float, y: float) -> None:
        for place, box in zip(places, boxes, strict=True):
            box.draw(painter, left + place, y)

    return Box(
        x,
        max((box.ascent for box in boxes), default=0.0),
        max((box.descent for box in boxes), default=0.0),
        draw,
        tuple(spots),
    )


def shifted(box: Box, up: float) -> Box:
    """The box `up` pixels above the baseline (below, if negative)."""
    return Box(
        box.width,
        box.ascent + up,
        box.descent - up,
        lambda painter, x, y: box.draw(painter, x, y - up),
        tuple((rect.translated(0, -up), key) for rect, key in box.spots),
    )


def marked(box: Box, key: str) -> Box:
    """The box as the place of a symbol."""
    rect = QRectF(0, -box.ascent, box.width, box.height)
    return Box(box.width, box.ascent, box.descent, box.draw, ((rect, key),))


def fraction(top: Box, bottom: Box, size: float, color: QColor) -> Box:
    """The bar is at the height of a minus sign."""
    axis, line, gap = size * 0.27, max(1.0, size * 0.055), size * 0.16
    width = max(top.width, bottom.width) + size * 0.3
    over = shifted(top, axis + gap + line / 2 + top.descent)
    under = shifted(bottom, axis - gap - line / 2 - bottom.ascent)
    left, left1 = (width - top.width) / 2, (width - bottom.width) / 2

    def draw(painter: QPainter, x: float, y: float) -> None:
        over.draw(painter, x + left, y)
        under.draw(painter, x + left1, y)
        painter.fillRect(QRectF(x, y - axis - line / 2, width, line), color)

    spots = [(rect.translated(left, 0), key) for rect, key in over.spots]
    spots += [(rect.translated(left1, 0), key) for rect, key in under.spots]
    return beside([space(size * 0.08), Box(width, over.ascent, under.descent, draw, tuple(spots))])


def radical(inside: Box, size: float, color: QColor) -> Box:
    line, gap, hook = max(1.0, size * 0.055), size * 0.14, size * 0.55
    ascent, descent = inside.ascent + gap + line, inside.descent + size * 0.04
    width = hook + inside.width + size * 0.1

    def draw(painter: QPainter, x: float, y: float) -> None:
        high, low = y - ascent + line / 2, y + descent
        path = QPainterPath(QPointF(x, y - inside.height * 0.12 - size * 0.12))
        path.lineTo(x + hook * 0.28, y - inside.height * 0.12 - size * 0.2)
        path.lineTo(x + hook * 0.56, low)
        path.lineTo(x + hook * 0.94, high)
        path.lineTo(x + width, high)
        _stroke(painter, path, color, line)
        inside.draw(painter, x + hook, y)

    spots = tuple((rect.translated(hook, 0), key) for rect, key in inside.spots)
    return Box(width, ascent, descent, draw, spots)


def bracket(inside: Box, size: float, color: QColor) -> Box:
    """Round brackets as tall as what they hold."""
    line, side = max(1.0, size * 0.06), size * 0.34
    ascent = max(inside.ascent, size * 0.68) + size * 0.04
    descent = max(inside.descent, size * 0.18) + size * 0.04
    bulge = min(size * 0.26, (ascent + descent) * 0.16)

    def draw(painter: QPainter, x: float, y: float) -> None:
        high, low = y - ascent, y + descent
        for at, out in (
            (x + side * 0.85, -bulge * 1.4),
            (x + side * 1.15 + inside.width, bulge * 1.4),
        ):
            path = QPainterPath(QPointF(at, high))
            path.quadTo(QPointF(at + out, (high + low) / 2), QPointF(at, low))
            _stroke(painter, path, color, line)
        inside.draw(painter, x + side, y)

    spots = tuple((rect.translated(side, 0), key) for rect, key in inside.spots)
    return Box(inside.width + 2 * side, ascent, descent, draw, spots)


def accented(letter: Box, accent: Accent, size: float, color: QColor) -> Box:
    """A hat, bar or tilde over one letter; italic letters carry theirs a little to the right."""
    if not accent:
        return letter
    half, gap, line = size * 0.17, size * 0.1, max(1.0, size * 0.065)
    rise = 0.0 if accent == "bar" else size * 0.12

    def draw(painter: QPainter, x: float, y: float) -> None:
        letter.draw(painter, x, y)
        middle, base = x + letter.width / 2 + size * 0.05, y - letter.ascent - gap
        path = QPainterPath(QPointF(middle - half, base))
        if accent == "hat":
            path.lineTo(middle, base - rise)
            path.lineTo(middle + half, base)
        elif accent == "bar":
            path.lineTo(middle + half, base)
        else:
            path.cubicTo(
                QPointF(middle - half * 0.4, base - rise * 1.6),
                QPointF(middle + half * 0.4, base + rise * 0.8),
                QPointF(middle + half, base - rise * 0.8),
            )
        _stroke(painter, path, color, line)

    return Box(letter.width, letter.ascent + gap + rise + line, letter.descent, draw)


def scripted(base: Box, sub: Box | None, sup: Box | None, size: float) -> Box:
    """A letter with what stands low and high at its right."""
    low = shifted(sub, -size * 0.2) if sub else space(0)
    high = shifted(sup, size * 0.42) if sup else space(0)
    width = max(low.width, high.width) + size * 0.04

    def draw(painter: QPainter, x: float, y: float) -> None:
        base.draw(painter, x, y)
        low.draw(painter, x + base.width, y)
        high.draw(painter, x + base.width, y)

    spots = list(base.spots)
    for part in (low, high):
        spots += [(rect.translated(base.width, 0), key) for rect, key in part.spots]
    return Box(
        base.width + width,
        max(base.ascent, high.ascent),
        max(base.descent, low.descent),
        draw,
        tuple(spots),
    )


def _stroke(painter: QPainter, path: QPainterPath, color: QColor, width: float) -> None:
    pen = QPen(color, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
