"""What went wrong or went well, above the canvas: never in the way, never modal."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.session.message import Message, Offer
from studio.ui.controls import button, name
from studio.ui.icons import pixmap

INFO_STAYS = 6000
"""Milliseconds. Warnings and errors stay until they are dismissed."""
OFFERS_STAY = 15000
"""With something to do about it, such as undo, there is time to think."""
ICONS = {"info": "info", "warning": "triangle-alert", "error": "circle-alert"}
AMBER = QColor("#c98a1b")


class MessageBar(QFrame):
    """Shows the newest message; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("bar", True)
        name(self, "messages", "Message")
        self.message: Message | None = None
        self.icon = QLabel()
        self.text = QLabel()
        self.hint = QLabel()
        self.hint.setProperty("quiet", True)
        for part in (self.text, self.hint):
            part.setWordWrap(True)
            part.setTextFormat(Qt.TextFormat.PlainText)
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        name(self.text, "message_text", "Message")
        name(self.hint, "message_hint", "What to do")
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setFixedHeight(140)
        name(self.details, "message_details", "Details")
        self.more = QPushButton("Details")
        self.more.setCheckable(True)
        name(self.more, "show_details", "Details", "Show what a report needs")
        self.copy = button("copy", "copy_details", "Copy details")
        self.dismiss = button("x", "dismiss", "Dismiss", "Dismiss (Esc)")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.text)
        words.addWidget(self.hint)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.offers = QHBoxLayout()
        self.offers.setSpacing(6)
        row.addLayout(self.offers)
        for control in (self.more, self.copy, self.dismiss):
            row.addWidget(control, 0, Qt.AlignmentFlag.AlignTop)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 8, 8, 8)
        box.addLayout(row)
        box.addWidget(self.details)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.clear)
        self.more.toggled.connect(self.details.setVisible)
        self.dismiss.clicked.connect(self.clear)
        self.copy.clicked.connect(self._copy)
        self.hide()

    def show_message(self, message: Message) -> None:
        """Show this one instead of what is there."""
        self.message = message
        self.text.setText(message.text)
        self.hint.setText(message.hint)
        self.hint.setVisible(bool(message.hint))
        self.details.setPlainText(message.details)
        self.details.hide()
        self.more.setChecked(False)
        self.more.setVisible(bool(message.details))
        self.copy.setVisible(bool(message.details))
        self._show_offers(message.offers)
        self.setAccessibleDescription(f"{message.text} {message.hint}".strip())
        self._draw_icon()
        self.show()
        # A screen reader says it, wherever the focus is.
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        if message.kind == "info":
            self._timer.start(OFFERS_STAY if message.offers else INFO_STAYS)
        else:
            self._timer.stop()

    def clear(self) -> None:
        self._timer.stop()
        self.message = None
        self.hide()

    def _show_offers(self, offers: tuple[Offer, ...]) -> None:
        while item := self.offers.takeAt(0):
            if old := item.widget():
                old.hide()
                old.deleteLater()
        for number, offer in enumerate(offers):
            made = QPushButton(offer.text)
            name(made, f"offer_{number}", offer.text)
            made.clicked.connect(lambda _=False, offer=offer: self._take(offer))
            self.offers.addWidget(made)

    def _take(self, offer: Offer) -> None:
        # First away with the message: what is done may say something itself.
        self.clear()
        offer.do()

    def _draw_icon(self) -> None:
        if self.message is None:
            return
        palette = self.palette()
        color = {
            "info": palette.color(QPalette.ColorRole.Highlight),
            "warning": AMBER,
            "error": palette.color(QPalette.ColorRole.BrightText),
        }[self.message.kind]
        ratio = self.devicePixelRatioF()
        picture = pixmap(ICONS[self.message.kind], round(18 * ratio), color)
        picture.setDevicePixelRatio(ratio)
        self.icon.setPixmap(picture)
        self.icon.setFixedSize(QSize(18, 20))

    def _copy(self) -> None:
        if self.message is not None:
            parts = (self.message.text, self.message.hint, self.message.details)
            QGuiApplication.clipboard().setText("\n".join(part for part in parts if part))
