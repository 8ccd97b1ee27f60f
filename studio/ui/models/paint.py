"""How one model looks in a list: its preview, its name over what it is, its size at the end."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPalette, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui.icons import pixmap
from studio.ui.models.rows import Row

HIGH, HEADING, SIDE, GAP = 52, 30, 40, 10
"""Pixels: a row, a heading, a preview, and what is between things."""
RADIUS = 5.0
ROW = Qt.ItemDataRole.UserRole


class RowPainter(QStyledItemDelegate):
    """Paints in the palette's colours."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        line = option.fontMetrics.height()
        if isinstance(index.data(ROW), str):
            return QSize(120, max(HEADING, line + 12))
        return QSize(120, max(HIGH, 2 * line + 18))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        row = index.data(ROW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if isinstance(row, str):
            self._heading(painter, option, row)
        elif isinstance(row, Row):
            self._row(painter, option, row, index.data(Qt.ItemDataRole.DecorationRole))
        painter.restore()

    def _heading(self, painter: QPainter, option: QStyleOptionViewItem, text: str) -> None:
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
        box = option.rect.adjusted(GAP, 6, -GAP, 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _row(
        self, painter: QPainter, option: QStyleOptionViewItem, row: Row, preview: QPixmap | None
    ) -> None:
        box = option.rect.adjusted(4, 1, -4, -1)
        self._ground(painter, option, box)
        draw_row(painter, option.palette, option.fontMetrics, box, row, preview)

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, box: QRect) -> None:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if not (chosen or over):
            return
        color = QColor(option.palette.color(QPalette.ColorRole.Highlight))
        color.setAlphaF(0.24 if chosen else 0.10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(box, RADIUS, RADIUS)


def draw_row(
    painter: QPainter,
    palette: QPalette,
    metrics: QFontMetrics,
    box: QRect,
    row: Row,
    preview: QPixmap | None,
) -> None:
    """A row in this box, without a ground."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    side = min(SIDE, box.height() - 8)
    square = QRect(box.left() + 6, box.center().y() - side // 2 + 1, side, side)
    _draw_picture(painter, palette, square, row, preview)
    quiet = palette.color(QPalette.ColorRole.PlaceholderText)
    line = metrics.height()
    left, right = square.right() + GAP, box.right() - 8
    top = box.center().y() - line
    second = QRect(left, top + line + 3, right - left, line)
    if row.size:
        width = metrics.horizontalAdvance(row.size)
        painter.setPen(quiet)
        place = QRect(right - width, top, width + 1, line)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight, row.size)
        right -= width + GAP
    title = QRect(left, top, right - left, line)
    muted = QPalette.ColorGroup.Disabled if row.problem else QPalette.ColorGroup.Active
    painter.setPen(palette.color(muted, QPalette.ColorRole.Text))
    elide = Qt.TextElideMode.ElideRight
    painter.drawText(title, 0, metrics.elidedText(row.title, elide, title.width()))
    painter.setPen(quiet)
    text = row.problem or row.about
    painter.drawText(second, 0, metrics.elidedText(text, elide, second.width()))


def _draw_picture(
    painter: QPainter, palette: QPalette, square: QRect, row: Row, preview: QPixmap | None
) -> None:
    shape = QPainterPath()
    shape.addRoundedRect(QRectF(square), RADIUS, RADIUS)
    painter.save()
    painter.setClipPath(shape)
    if preview is not None:
        painter.drawPixmap(square, preview)
    else:
        painter.fillRect(square, palette.color(QPalette.ColorRole.Midlight))
        color = palette.color(QPalette.ColorRole.PlaceholderText)
        kind = "triangle-alert" if row.problem else "image" if row.name else "layers"
        ratio = painter.device().devicePixelRatioF()
        icon = pixmap(kind, round(18 * ratio), color)
        icon.setDevicePixelRatio(ratio)
        painter.drawPixmap(square.center().x() - 8, square.center().y() - 8, icon)
    painter.restore()
