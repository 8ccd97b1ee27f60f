"""The history with what finds things in it: words to search for, and grid or family tree."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.session.past import Past
from studio.ui.bind import watch
from studio.ui.controls import button, name
from studio.ui.family import FamilyView
from studio.ui.history import HistoryView
from studio.ui.icons import dress

WAIT = 200
"""Milliseconds after the last letter until the search begins."""


class HistoryPanel(QWidget):
    """Grid and tree show the same entries."""

    tree_toggled = Signal(bool)

    def __init__(self, past: Past, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.past = past
        name(self, "history_panel", "History")
        self.grid = HistoryView(past, self)
        self.tree = FamilyView(past, self)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search")
        self.search.setClearButtonEnabled(True)
        name(
            self.search,
            "history_search",
            "Search the history",
            "Words of the prompt, a model, a sampler, a seed, or part of a file's name",
        )
        glass = QAction(self.search)
        dress(glass, "search")
        self.search.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        for part in self.search.findChildren(QToolButton):
            found = part.defaultAction() is glass
            name(
                part,
                f"history_search_{'icon' if found else 'clear'}",
                "Search" if found else "Clear",
            )
        self.tree_button = button(
            "list-tree", "history_tree", "Family tree", "Show branches under what they came from"
        )
        self.tree_button.setCheckable(True)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.grid)
        self.pages.addWidget(self.tree)
        row = QHBoxLayout()
        row.setContentsMargins(6, 2, 6, 4)
        row.setSpacing(4)
        row.addWidget(self.search, 1)
        row.addWidget(self.tree_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(row)
        box.addWidget(self.pages, 1)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT)
        self._wait.timeout.connect(self._search)
        self.search.textChanged.connect(lambda: self._wait.start())
        self.search.returnPressed.connect(self._search)
        self.tree_button.toggled.connect(self._show_tree)
        watch(past.changed, self, self._show_page)

    @property
    def is_tree(self) -> bool:
        return self.tree_button.isChecked()

    def set_tree(self, on: bool) -> None:
        self.tree_button.setChecked(on)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
            self._search()
        elif event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            (self.tree if self.pages.currentWidget() is self.tree else self.grid).setFocus()
        else:
            super().keyPressEvent(event)

    def _search(self) -> None:
        self._wait.stop()
        self.past.search(self.search.text())

    def _show_tree(self, on: bool) -> None:
        self._show_page()
        self.tree_toggled.emit(on)

    def _show_page(self) -> None:
        # The grid is what says that there is nothing.
        tree = self.is_tree and (bool(self.past.entries) or bool(self.past.families()))
        self.pages.setCurrentWidget(self.tree if tree else self.grid)
