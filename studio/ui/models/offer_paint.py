"""How a model of the browser looks: its title and a badge, what it is good for, its facts."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui.icons import pixmap
from studio.ui.models.offers import OFFER, Offer

PAD, LEADING, GAP = 12, 4, 8
"""Pixels around the words, between lines, and between cards."""
RADIUS = 6.0
ICON = 12
ELIDE = Qt.TextElideMode.ElideRight


class OfferPainter(QStyledItemDelegate):
    """Paints in the palette's colours: a frame, filled when it is chosen."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(240, 3 * option.fontMetrics.height() + 2 * (PAD + LEADING) + GAP)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        offer = index.data(OFFER)
        if not isinstance(offer, Offer):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = option.rect.adjusted(1, 1, -1, -GAP + 1)
        self._frame(painter, option, box)
        inner = box.adjusted(PAD, PAD - 1, -PAD, -PAD)
        line = option.fontMetrics.height()
        first = QRect(inner.left(), inner.top(), inner.width(), line)
        second = first.translated(0, line + LEADING)
        third = second.translated(0, line + LEADING)
        taken = self._badge(painter, option, first, offer)
        strong = QFont(option.font)
        strong.setWeight(QFont.Weight.DemiBold)
        painter.setFont(strong)
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        first.setRight(first.right() - taken)
        painter.drawText(
            first, 0, QFontMetrics(strong).elidedText(offer.model.title, ELIDE, first.width())
        )
        painter.setFont(option.font)
        text = option.fontMetrics.elidedText(offer.model.good_for, ELIDE, second.width())
        painter.drawText(second, 0, text)
        self._facts(painter, option, third, offer)
        painter.restore()

    def _frame(self, painter: QPainter, option: QStyleOptionViewItem, box: QRect) -> None:
        # Not the view's own, whose grounds its style sheet has made transparent.
        palette = QGuiApplication.palette()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        accent = palette.color(QPalette.ColorRole.Highlight)
        ground = palette.color(QPalette.ColorRole.Button)
        if chosen:
            ground = _mixed(ground, accent, 0.16)
        line = accent if chosen else palette.color(QPalette.ColorRole.Mid)
        if over and not chosen:
            line = palette.color(QPalette.ColorRole.PlaceholderText)
        painter.setPen(line)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)

    def _badge(
        self, painter: QPainter, option: QStyleOptionViewItem, line: QRect, offer: Offer
    ) -> int:
        """Paints it at the end of the line; the width that it takes."""
        if not offer.badge:
            return 0
        color = _color(option.palette, offer)
        width = option.fontMetrics.horizontalAdvance(offer.badge) + 16
        box = QRectF(line.right() - width, line.top() - 2, width, line.height() + 4)
        ground = QColor(color)
        ground.setAlphaF(0.14)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setPen(color)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, offer.badge)
        return width + GAP

    def _facts(
        self, painter: QPainter, option: QStyleOptionViewItem, line: QRect, offer: Offer
    ) -> None:
        quiet = option.palette.color(QPalette.ColorRole.PlaceholderText)
        painter.setPen(quiet)
        left = line.left()
        text = option.fontMetrics.elidedText(offer.facts, ELIDE, line.width())
        painter.drawText(line, 0, text)
        if not offer.model.gated:
            return
        left += option.fontMetrics.horizontalAdvance(text) + 12
        gate = "licence to accept"
        if left + ICON + 4 + option.fontMetrics.horizontalAdvance(gate) > line.right():
            gate = ""
        ratio = painter.device().devicePixelRatioF()
        lock = pixmap("lock", round(ICON * ratio), quiet)
        lock.setDevicePixelRatio(ratio)
        painter.drawPixmap(left, line.center().y() - ICON // 2 + 1, lock)
        painter.drawText(line.adjusted(left - line.left() + ICON + 4, 0, 0, 0), 0, gate)


def _color(palette: QPalette, offer: Offer) -> QColor:
    role = QPalette.ColorRole
    if offer.here or offer.badge.endswith("%"):
        return palette.color(role.Link)
    roles = {"offload": role.LinkVisited, "large": role.BrightText}
    return palette.color(roles.get(offer.fit, role.PlaceholderText))


def _mixed(one: QColor, other: QColor, share: float) -> QColor:
    def part(a: float, b: float) -> float:
        return a + (b - a) * share

    return QColor.fromRgbF(
        part(one.redF(), other.redF()),
        part(one.greenF(), other.greenF()),
        part(one.blueF(), other.blueF()),
    )
