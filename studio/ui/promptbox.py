"""A field for a prompt: grows no lines of its own, knows weights, earlier prompts, and names."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QMimeData, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QPlainTextEdit

from studio.session.prompting import Prompting
from studio.session.settings import Settings
from studio.ui.bind import bind
from studio.ui.controls import name
from studio.ui.prompts.aids import Aids
from studio.ui.weights import STEP, weigh

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


class PromptBox(QPlainTextEdit):
    """Bound to one text of the settings.

    Ctrl+Up/Down change the weight of the words at the cursor, Alt+Up/Down go through `earlier`
    prompts (newest first); what was being written is the step below the newest.
    """

    def __init__(
        self,
        settings: Settings,
        field: str,
        accessible: str,
        hint: str,
        lines: int,
        earlier: Callable[[], Sequence[str]] = tuple,
        prompting: Prompting | None = None,
    ) -> None:
        super().__init__()
        name(self, field, accessible)
        self.setPlaceholderText(hint)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.document().setDocumentMargin(6)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + 16)
        self._earlier = earlier
        self._back = -1
        self._draft = ""
        self.aids = Aids(self, field, accessible, prompting) if prompting else None
        bind(settings, field, self, self.textChanged, self.toPlainText, self._write)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Paste)
            and not _words_copied()
        ):
            event.ignore()  # a picture: the window's shortcut puts it on the canvas
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.aids:
            self.aids.mark_turns()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.aids:
            self.aids.colour()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.createStandardContextMenu(event.pos())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.aids:
            menu.addSeparator()
            menu.addAction(self.aids.open_wildcards)
        menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        step = steps.get(Qt.Key(event.key()))
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if step and modifiers == CTRL:
            self._weigh(step * STEP)
        elif step and modifiers == ALT:
            self._recall(step)
        else:
            if event.text():
                self._back = -1
            super().keyPressEvent(event)
            if event.text() and self.aids:
                self.aids.completion.typed()

    def _write(self, text: str) -> None:
        self._replace(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def _replace(self, text: str) -> None:
        """Set the text so that undo brings the old one back."""
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)

    def _weigh(self, change: float) -> None:
        cursor = self.textCursor()
        text, start, end = weigh(
            self.toPlainText(), cursor.selectionStart(), cursor.selectionEnd(), change
        )
        if text != self.toPlainText():
            self._replace(text)
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            self.setTextCursor(cursor)

    def _recall(self, step: int) -> None:
        earlier = self._earlier()
        back = min(max(self._back + step, -1), len(earlier) - 1)
        if back == self._back:
            return
        if self._back == -1:
            self._draft = self.toPlainText()
        self._back = back
        self._write(earlier[back] if back >= 0 else self._draft)


def _words_copied() -> bool:
    """Whether the clipboard holds words, rather than a picture or the path of one."""
    data: QMimeData | None = QGuiApplication.clipboard().mimeData()
    return data is not None and data.hasText() and not any(u.isLocalFile() for u in data.urls())
