"""One run in the family tree: its thumbnail, what it did differently, and where it forked."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.core.samplers import SAMPLERS
from studio.session.changes import changed, summary
from studio.session.lineage import Kin
from studio.ui import icons
from studio.ui.history_menu import thumbnail

PICTURE = 48
HEIGHT = PICTURE + 12
KIN = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


def title(kin: Kin) -> str:
    """What it is, or of a branch what it did differently."""
    if kin.step is not None:
        found = [change.short for change in changed(kin.record)]
        text = ", ".join(map(_together, found)) or summary(())
        return text[:1].upper() + text[1:]
    return kin.record.recipe.prompt or "No prompt"


def _together(change: str) -> str:
    """A short change stays on one line."""
    return change.replace(" ", "\u00a0") if len(change) <= 18 else change


def details(kin: Kin) -> str:
    """Where it forked, and the numbers that tell it from others."""
    recipe = kin.record.recipe
    parts = [f"From step {kin.step}"] if kin.step is not None else []
    if kin.stopped is not None:
        return " · ".join((*parts, f"stopped after {kin.stopped.taken} of {kin.stopped.steps}"))
    if not kin.entries:
        return " · ".join((*parts, "no longer kept"))
    info = SAMPLERS.get(recipe.sampler)
    if kin.step is None:
        sampler = info.label if info else recipe.sampler
        parts += [f"{recipe.steps} steps, {sampler}", f"seed {recipe.seed}"]
    return " · ".join(parts)


class KinDelegate(QStyledItemDelegate):
    """Paints a `Kin`."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(PICTURE + 120, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        kin = index.data(KIN)
        if not isinstance(kin, Kin):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        rect, palette = QRectF(option.rect), option.palette
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        row = rect.adjusted(1, 2, -3, -2)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            # The style sheet makes Highlight transparent, or the lines beside would be filled.
            shade = QColor(palette.color(QPalette.ColorRole.Accent))
            shade.setAlpha(64 if chosen else 26)
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Accent), 1) if chosen else shade)
            painter.setBrush(shade)
            painter.drawRoundedRect(row.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        place = QRectF(row.left() + 4, row.top() + 4, PICTURE, PICTURE)
        self._picture(painter, kin, place, palette)
        words = QRectF(place.right() + 8, row.top() + 4, 0, row.height() - 8)
        words.setRight(row.right() - 4)
        self._words(painter, kin, words, palette, option.font)
        painter.restore()

    def _picture(self, painter: QPainter, kin: Kin, place: QRectF, palette: QPalette) -> None:
        if not kin.entries and not (kin.stopped and kin.stopped.thumbnail):
            pen = QPen(palette.color(QPalette.ColorRole.PlaceholderText), 1, Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
            return
        small = kin.entries[0].thumbnail if kin.entries else kin.stopped and kin.stopped.thumbnail
        picture = thumbnail(small or b"")
        if not picture.isNull():
            painter.drawPixmap(place, picture, _middle(picture))
        if kin.stopped is not None:
            self._badge(painter, "stopped", place, palette)
        if len(kin.entries) > 1:
            self._badge(painter, f"×{len(kin.entries)}", place, palette)

    def _badge(self, painter: QPainter, text: str, place: QRectF, palette: QPalette) -> None:
        font = QFont(painter.font())
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        width = QFontMetrics(font).horizontalAdvance(text) + 8
        badge = QRectF(place.right() - width - 2, place.bottom() - 17, width, 15)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawRoundedRect(badge, 4, 4)
        painter.setPen(QColor("white"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)

    def _words(
        self, painter: QPainter, kin: Kin, place: QRectF, palette: QPalette, font: QFont
    ) -> None:
        painter.setFont(font)
        metrics = QFontMetrics(font)
        height, left = metrics.height(), place.left()
        first = title(kin)
        lines = _wrapped(first, metrics, int(place.width()), 2)
        top = place.top() + (place.height() - height * (len(lines) + 1)) / 2
        there = kin.entries or kin.stopped is not None
        role = QPalette.ColorRole.Text if there else QPalette.ColorRole.PlaceholderText
        painter.setPen(palette.color(role))
        for number, line in enumerate(lines):
            painter.drawText(QPointF(left, top + number * height + metrics.ascent()), line)
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        baseline = top + len(lines) * height + metrics.ascent()
        if kin.step is not None:
            glyph = icons.pixmap(
                "git-branch",
                round(11 * painter.device().devicePixelRatioF()),
                palette.color(QPalette.ColorRole.PlaceholderText),
            )
            painter.drawPixmap(QRectF(left, baseline - 10, 11, 11), glyph, QRectF(glyph.rect()))
            left += 15
        width = int(place.right() - left)
        text = metrics.elidedText(details(kin), Qt.TextElideMode.ElideRight, width)
        painter.drawText(QPointF(left, baseline), text)


def _middle(picture: QPixmap) -> QRectF:
    """The largest square in the middle."""
    side = min(picture.width(), picture.height())
    return QRectF((picture.width() - side) / 2, (picture.height() - side) / 2, side, side)


def _wrapped(text: str, metrics: QFontMetrics, width: int, most: int) -> list[str]:
    """At most so many lines of whole words, the last one cut."""
    lines: list[str] = []
    words = text.split(" ")
    while words and len(lines) < most - 1:
        line = words.pop(0)
        while words and metrics.horizontalAdvance(f"{line} {words[0]}") <= width:
            line = f"{line} {words.pop(0)}"
        lines.append(line)
    if words:
        lines.append(" ".join(words))
    return [metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines]
