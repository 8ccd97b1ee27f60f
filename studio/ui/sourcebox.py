"""What happens to the picture on the canvas in the next run, and how to say otherwise."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout

from studio.session.session import Session
from studio.session.wording import refine_text
from studio.ui.bind import bind, watch
from studio.ui.controls import button, label, name
from studio.ui.rows import bind_percent, percent

SAYS = {
    "generate": "Shown only: the next picture starts from noise.",
    "refine": "The next picture starts from this one.",
    "fill": "Only what is painted over or added is made anew.",
}


class SourceBox(QFrame):
    """Hidden while the canvas is empty."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setProperty("card", True)
        name(self, "source", "Picture on the canvas")
        self.title = label("", "heading")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.close_button = button(
            "x", "close_picture", "Close picture", "Take the picture off the canvas (Ctrl+W)"
        )
        self.use = QCheckBox("Start from this picture")
        name(self.use, "use_source", "Start from this picture")
        self.says = QLabel()
        self.says.setProperty("quiet", True)
        self.says.setWordWrap(True)
        tip = "How much of the picture is given up: low keeps most, 100 % keeps nothing."
        self.strength = percent("Strength", "strength", tip)
        bind_percent(session.settings, "strength", self.strength)
        self.keep_size = QCheckBox("Keep its size")
        name(
            self.keep_size,
            "keep_size",
            "Keep the picture's size",
            "Otherwise it is scaled to width and height below first, larger too",
        )
        bind(
            session.settings,
            "keep_size",
            self.keep_size,
            self.keep_size.toggled,
            self.keep_size.isChecked,
            self.keep_size.setChecked,
        )
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.close_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 6, 6, 10)
        box.setSpacing(8)
        box.addLayout(top)
        for part in (self.use, self.says, self.strength, self.keep_size):
            box.addWidget(part)
        self.use.clicked.connect(self._clicked)
        self.close_button.clicked.connect(session.close_picture)
        watch(session.action_changed, self, self._show)
        watch(session.document.picture_changed, self, self._show)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_title()

    def _clicked(self, on: bool) -> None:
        self.session.desk.use_source = on

    def _show(self) -> None:
        action = self.session.action
        self.setVisible(self.session.document.picture is not None)
        self.use.setChecked(action != "generate")
        # With a mask the question does not arise: the painted part is filled.
        self.use.setEnabled(action != "fill")
        tiles = refine_text(self.session) if action == "refine" else ""
        self.says.setText(f"{SAYS[action]} {tiles}".strip())
        self.strength.setVisible(action == "refine")
        self.keep_size.setVisible(action == "refine")
        self._show_title()

    def _show_title(self) -> None:
        document = self.session.document
        size = document.picture.size if document.picture else None
        metrics = QFontMetrics(self.title.font())
        end = f"  {size.width} × {size.height}" if size else ""
        room = self.width() - 60 - metrics.horizontalAdvance(end)
        made = document.picture is not None and self.session.desk.known(document.picture)
        # A result's file is named by time and seed, which says little here.
        words = "Result" if made else document.name or "Picture"
        text = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, max(40, room))
        self.title.setText(text + end)
        self.title.setToolTip(document.name)
