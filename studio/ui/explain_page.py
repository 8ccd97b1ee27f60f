"""An explanation as a page of a textbook: words, formulas, what each symbol is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from studio.core.explanation import Explanation, Formula, Section, as_text, check_text
from studio.core.maths import Symbol
from studio.core.maths import symbols as symbols_of
from studio.core.typeset import Digits, Letter, Row, figures, symbol_text, text
from studio.ui.controls import name
from studio.ui.formula import Ink, compose, lines
from studio.ui.mathbox import Box
from studio.ui.prose import paragraph

Mode = Literal["both", "symbols", "numbers"]
MARGIN, PAD = 14.0, 12.0
INDENT = 26.0
LETTERS, VALUES = 50.0, 88.0
"""Widths of the legend's first and last columns."""
Paint = Callable[[QPainter], None]


class ExplainPage(QWidget):
    """As tall as its content at the width it is given. Point at a symbol to see it everywhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "explain_page", "Explanation of the step")
        self.setMouseTracking(True)
        self.explanation: Explanation | None = None
        self.mode: Mode = "both"
        self.hot = ""
        """Key of the symbol pointed at."""
        self.spots: list[tuple[QRectF, str]] = []
        self.tops: list[int] = []
        """Where each section begins."""
        self._paints: list[tuple[QRectF, Paint]] = []
        self._symbols: dict[str, Symbol] = {}
        self._kept: dict[tuple[object, ...], list[Box]] = {}
        self._y = 0.0

    def show_explanation(self, explanation: Explanation | None) -> None:
        self.explanation = explanation
        self._lay_out()

    def describe(self) -> None:
        """Tell screen readers what is shown: not at every step, which would cost as much again."""
        self.setAccessibleDescription(as_text(self.explanation) if self.explanation else "")

    def set_mode(self, mode: Mode) -> None:
        self.mode = mode
        self._lay_out()

    def symbol(self, key: str) -> Symbol | None:
        return self._symbols.get(key)

    def sizeHint(self) -> QSize:
        return QSize(340, round(self._y))

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._lay_out()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._lay_out()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = QRectF(event.rect())
        for place, paint in self._paints:
            if place.intersects(seen):
                paint(painter)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self.key_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point("")
        super().leaveEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            symbol = self.symbol(self.key_at(QPointF(event.pos())))
            if symbol is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos() + QPoint(8, 8), describe(symbol), self)
            return True
        return super().event(event)

    def key_at(self, place: QPointF) -> str:
        """The symbol at a place of the page; "" if there is none."""
        grown = (rect.adjusted(-2, -3, 2, 3) for rect, _ in self.spots)
        pairs = zip(grown, self.spots, strict=True)
        return next((key for rect, (_, key) in pairs if rect.contains(place)), "")

    def _point(self, key: str) -> None:
        if key != self.hot:
            self.hot = key
            self.update()

    # Layout: each part adds what paints it, and moves `_y` on.

    def _lay_out(self) -> None:
        self._paints, self.spots, self._symbols, self.tops = [], [], {}, []
        self._y = MARGIN * 0.6
        self._ink = Ink.of(self.palette())
        self._paints.append((QRectF(0, 0, 1e6, 1e6), self._paint_hot))
        if self.explanation:
            at = self.explanation.place
            self._text(self.explanation.title, 1.25, bold=True)
            where = f"Numbers at channel {at.channel}, row {at.row}, column {at.column}"
            self._text(where, 0.92, muted=True)
            for section in self.explanation.sections:
                self._section(section)
        self._y += MARGIN
        self.setMinimumHeight(round(self._y))
        self.updateGeometry()
        self.update()

    def _section(self, section: Section) -> None:
        self._y += 18
        self.tops.append(round(self._y - 8))
        line, edge = self._y - 8, self.palette().color(QPalette.ColorRole.Mid)
        width = self.width() - 2 * MARGIN
        rule = QRectF(MARGIN, line, width, 1)
        self._paints.append((rule, lambda painter: painter.fillRect(rule, edge)))
        self._text(section.title, 1.08, bold=True)
        self._y += 2
        self._text(section.words, 1.0, muted=True)
        if section.formulas:
            self._y += 8
            self._card(section.formulas)
        self._y += 6
        for symbol in section.legend:
            if symbol.key not in self._symbols:
                self._legend(symbol)

    def _card(self, formulas: tuple[Formula, ...]) -> None:
        """The formulas, on a field of their own."""
        top = self._y
        self._y += PAD * 0.7
        for number, formula in enumerate(formulas):
            if number:
                self._y += 11
            self._formula(formula)
        self._y += PAD * 0.7
        rect = QRectF(MARGIN, top, self.width() - 2 * MARGIN, self._y - top)
        field = self.palette().color(QPalette.ColorRole.Base)

        def paint(painter: QPainter) -> None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(field)
            painter.drawRoundedRect(rect, 6, 6)

        # Behind its content, and behind what is pointed at.
        self._paints.insert(0, (rect, paint))

    def _formula(self, formula: Formula) -> None:
        if formula.note:
            self._note(formula)
        room, left = self.width() - 2 * (MARGIN + PAD), MARGIN + PAD
        symbols, numbers = self.mode != "numbers", self.mode != "symbols"
        if symbols:
            self._boxes(self._letters(formula, room), left)
        if numbers and symbols:
            # Under its symbols a line of numbers begins at the equals sign.
            indent = compose(Letter(formula.left), self._ink).width
            filled = Row(formula.numbers().parts[1:])
            self._boxes(lines(filled, self._ink, room - indent, 10), left + indent)
        elif numbers:
            self._boxes(lines(formula.numbers(), self._ink, room, INDENT), left)
        if formula.check and self.mode != "symbols":
            mark = "✓" if formula.check.agrees else "≠"
            self._text(f"{mark}  {check_text(formula.check)}", 0.85, muted=True, left=PAD)

    def _letters(self, formula: Formula, room: float) -> list[Box]:
        """The formula's symbols: the same at most steps, so they are set once."""
        node = formula.symbols()
        keys = tuple(symbol.key for symbol in symbols_of(formula.right))
        key = (text(node), formula.left.key, keys, room, self._ink.plain.rgba())
        if key not in self._kept:
            self._kept[key] = lines(node, self._ink, room, INDENT)
        return self._kept[key]

    def _boxes(self, boxes: list[Box], x: float) -> None:
        for box in boxes:
            self._box(box, x)
            self._y += 5

    def _note(self, formula: Formula) -> None:
        """A small heading; that of the model's own form stands out."""
        note = f"{formula.note}  ·  this model's form" if formula.own else formula.note
        color = self._ink.hues["noisy"] if formula.own else None
        self._text(note, 0.85, bold=True, muted=True, left=PAD, color=color)
        self._y += 3

    def _legend(self, symbol: Symbol) -> None:
        """The letter, what it means, and its value; under that its size over all places."""
        self._symbols[symbol.key] = symbol
        letter = compose(Letter(symbol), self._ink, 15)
        value = compose(Digits(figures(symbol.value), symbol), self._ink, 14.5)
        left, right = MARGIN + max(LETTERS, letter.width + 10), self.width() - MARGIN
        font, muted = self._font(0.92), QPalette.ColorRole.PlaceholderText
        words = paragraph(
            symbol.meaning, font, self.palette().color(muted), right - VALUES - left - 8
        )
        baseline = self._y + max(words[0].ascent, letter.ascent)
        self._box(letter, MARGIN + 2, baseline)
        self._box(value, right - value.width, baseline)
        bottom = baseline + max(letter.descent, words[0].descent)
        for number, line in enumerate(words):
            at = baseline if not number else bottom + line.ascent
            self._box(line, left, at)
            bottom = max(bottom, at + line.descent)
        if symbol.rms is not None:
            (line,) = paragraph(
                f"RMS {figures(symbol.rms)}", self._font(0.82), self.palette().color(muted), 999
            )
            at = baseline + 4 + line.ascent
            self._box(line, right - line.width, at)
            bottom = max(bottom, at + line.descent)
        self._y = bottom + 5

    def _box(self, box: Box, x: float, baseline: float | None = None) -> None:
        if baseline is None:
            baseline = self._y + box.ascent
            self._y = baseline + box.descent
        y = baseline
        self.spots += [(rect.translated(x, y), key) for rect, key in box.spots]
        # Italics and brackets reach a little beyond their boxes.
        place = QRectF(x, y - box.ascent, box.width, box.height).adjusted(-4, -4, 4, 4)
        self._paints.append((place, lambda painter: box.draw(painter, x, y)))

    def _text(
        self,
        words: str,
        scale: float,
        bold: bool = False,
        muted: bool = False,
        left: float = 0.0,
        color: QColor | None = None,
    ) -> None:
        role = QPalette.ColorRole.PlaceholderText if muted else QPalette.ColorRole.WindowText
        color = color or self.palette().color(role)
        room = self.width() - 2 * (MARGIN + left)
        for line in paragraph(words, self._font(scale, bold), color, room):
            self._box(line, MARGIN + left)

    def _font(self, scale: float, bold: bool = False) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * scale)
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def _paint_hot(self, painter: QPainter) -> None:
        if not self.hot:
            return
        color = QColor(self.palette().color(QPalette.ColorRole.Highlight))
        color.setAlpha(60)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for rect, key in self.spots:
            if key == self.hot:
                painter.drawRoundedRect(rect.adjusted(-2, -2, 2, 2), 3, 3)


def describe(symbol: Symbol) -> str:
    """A symbol in two or three lines, its value to nine figures: what a float32 holds."""
    said = f"{symbol_text(symbol)}: {symbol.meaning}\n= {symbol.value:.9g}"
    return said if symbol.rms is None else f"{said}\nroot mean square {symbol.rms:.9g}"
