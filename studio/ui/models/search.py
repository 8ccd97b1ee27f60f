"""A line to search in."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QToolButton

from studio.ui.controls import name
from studio.ui.icons import dress


class SearchField(QLineEdit):
    """With a glass in front and a cross behind."""

    def __init__(self, object_name: str, accessible: str, tip: str) -> None:
        super().__init__()
        self.setPlaceholderText("Search")
        self.setClearButtonEnabled(True)
        name(self, object_name, accessible, tip)
        glass = QAction(self)
        dress(glass, "search")
        self.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        for part in self.findChildren(QToolButton):
            found = part.defaultAction() is glass
            end, text = ("icon", "Search") if found else ("clear", "Clear")
            name(part, f"{object_name}_{end}", text)
