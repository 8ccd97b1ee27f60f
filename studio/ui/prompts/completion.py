"""Names to choose from under the cursor: LoRAs, wildcards, textual inversions, or classes."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QCompleter, QListView, QPlainTextEdit

from studio.core.prompting.completing import Meant, meant
from studio.session.prompting import Prompting
from studio.ui.bind import watch
from studio.ui.controls import name
from studio.ui.prompts.colouring import place_of

SHOWN = 8
"""Names seen at once; the rest can be scrolled to."""
CHOOSE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class Completion(QObject):
    """Proposes while the person types. Enter or Tab takes the chosen one, Escape none."""

    def __init__(self, box: QPlainTextEdit, prompting: Prompting, tagged: bool) -> None:
        """`tagged`: LoRAs can be named here."""
        super().__init__(box)
        self._box, self._prompting, self._tagged = box, prompting, tagged
        self._meant: Meant | None = None
        self._asked = False
        self._names = QStringListModel(self)
        self.completer = QCompleter(self._names, self)
        self.completer.setWidget(box)
        self.completer.setMaxVisibleItems(SHOWN)
        self.completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.popup = QListView()
        name(self.popup, "prompt_names", "Names for the prompt")
        self.popup.setProperty("names", True)
        self.completer.setPopup(self.popup)
        self.popup.installEventFilter(self)
        self.popup.clicked.connect(lambda index: self._take(index.row()))
        watch(prompting.named, self, self.propose)
        box.textChanged.connect(self._changed)

    @property
    def open(self) -> bool:
        return self.popup.isVisible()

    def typed(self) -> None:
        """The person has typed: ask for what there is, and propose what is known already."""
        before = self._before(self._box.textCursor())
        if not self._asked or before.lower().endswith(("__", "<lora:", "<lyco:")):
            self._asked = True
            self._prompting.ask_names()
        self.propose()

    def propose(self) -> None:
        """Show what fits, or nothing."""
        cursor = self._box.textCursor()
        before = self._before(cursor)
        known = self._prompting
        names = known.names if self._tagged else replace(known.names, loras=())
        fits = None if cursor.hasSelection() else meant(before, names, known.classes)
        self._meant = fits if self._box.hasFocus() else None
        popup = self.popup
        if self._meant is None:
            popup.hide()
            return
        self._names.setStringList(self._meant.names)
        width = popup.sizeHintForColumn(0) + popup.verticalScrollBar().sizeHint().width() + 12
        rect = self._box.cursorRect()
        rect.translate(self._box.viewport().pos())
        rect.setWidth(min(max(width, 160), 420))
        self.completer.complete(rect)
        popup.setCurrentIndex(self._names.index(0))

    def _changed(self) -> None:
        if self.open:
            self.propose()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self.open:
            key = Qt.Key(event.key())
            if key in CHOOSE and not event.modifiers():
                self._take(self.popup.currentIndex().row())
                return True
        return super().eventFilter(watched, event)

    def _take(self, row: int) -> None:
        """Write the name of this row in the place of what was begun; undo takes it back."""
        self.popup.hide()
        chosen, self._meant = self._meant, None
        if chosen is None or not 0 <= row < len(chosen.texts):
            return
        cursor = self._box.textCursor()
        start = place_of(self._box.toPlainText(), chosen.start)
        cursor.setPosition(start, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(chosen.texts[row])
        self._box.setTextCursor(cursor)
        self.popup.hide()

    def _before(self, cursor: QTextCursor) -> str:
        start = QTextCursor(self._box.document())
        start.setPosition(cursor.position(), QTextCursor.MoveMode.KeepAnchor)
        return start.selectedText().replace("\u2029", "\n")
