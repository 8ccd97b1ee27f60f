"""All that helps in one prompt field, kept up with its text."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QTimer, QUrl
from PySide6.QtGui import QAction, QColor, QDesktopServices, QPainter, QPen, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from studio.core.counting import Counted
from studio.session.message import Message
from studio.session.prompting import Prompting
from studio.ui.bind import watch
from studio.ui.prompts.colouring import colour, place_of
from studio.ui.prompts.completion import Completion
from studio.ui.prompts.counter import TokenCounter
from studio.ui.prompts.inks import inks

REST = 60
"""Milliseconds without a letter typed, after which the prompt is counted."""

FLAG = 4.0
TAGGED = "prompt"
"""The only prompt that can name LoRAs."""


class Aids(QObject):
    """Colours at once, the count a moment later. `role` is the field of the settings."""

    def __init__(
        self, box: QPlainTextEdit, role: str, accessible: str, prompting: Prompting
    ) -> None:
        super().__init__(box)
        self._box, self._role, self._prompting = box, role, prompting
        self.counter = TokenCounter(f"{role}_tokens", f"{accessible}: length")
        self.completion = Completion(box, prompting, role == TAGGED)
        self.open_wildcards = QAction("Open the Folder of &Wildcards", self)
        self.open_wildcards.setObjectName("open_wildcards")
        self.open_wildcards.triggered.connect(self._open_wildcards)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(lambda: prompting.count(role))
        box.textChanged.connect(self._changed)
        watch(prompting.counted, self, self._counted)
        watch(prompting.stale, self, self._count_soon)
        self._counted(role)

    @property
    def _known(self) -> Counted | None:
        """The count of the text that is there now."""
        counted = self._prompting.known(self._role)
        if counted is None or counted.wish.prompt != self._box.toPlainText():
            return None
        return counted

    def colour(self) -> None:
        colour(self._box, self._known, self._role == TAGGED)
        self._box.viewport().update()

    def mark_turns(self) -> None:
        """Draw where the model begins another part of the prompt. While the box is painted."""
        counted = self._known
        if counted is None or not counted.turns:
            return
        text = self._box.toPlainText()
        painter = QPainter(self._box.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QColor(inks(self._box.palette()).turn)
        painter.setPen(QPen(ink, 1))
        painter.setBrush(ink)
        cursor = QTextCursor(self._box.document())
        for turn in counted.turns:
            cursor.setPosition(place_of(text, turn))
            rect = self._box.cursorRect(cursor)
            # A flag, so that it is not taken for the cursor.
            top, bottom = QPointF(rect.topLeft()), QPointF(rect.bottomLeft())
            painter.drawLine(top, bottom)
            painter.drawPolygon([top, top + QPointF(FLAG, FLAG / 2), top + QPointF(0, FLAG)])
        painter.end()

    def _open_wildcards(self) -> None:
        """Where the files are that `__name__` in a prompt stands for."""
        folder = self._prompting.session.library.folders.wildcards
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            self._prompting.session.say(
                Message(f"The folder {folder} cannot be made.", "Check its permissions.", "warning")
            )
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _changed(self) -> None:
        self.colour()
        self._count_soon()

    def _count_soon(self) -> None:
        self._rest.start()

    def _counted(self, role: str) -> None:
        if role == self._role:
            # Of a moment ago while one types: figures that come and go would flicker.
            self.counter.show_count(self._prompting.known(role))
            self.colour()
