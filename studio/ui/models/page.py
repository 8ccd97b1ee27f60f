"""Everything about models in one window: those that are here, and room for getting more."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QTabWidget, QVBoxLayout, QWidget

from studio.session.session import Session
from studio.ui.controls import name
from studio.ui.models.browse import Browse
from studio.ui.models.yours import Yours


class ModelsPage(QDialog):
    """Not modal: pictures are made, and files are looked through, while it is open."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Models")
        name(self, "models_page", "Models")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        name(self.tabs, "models_tabs", "Models")
        self.yours = Yours(session)
        self.tabs.addTab(self.yours, "Yours")
        self.browse = Browse(session)
        self.tabs.addTab(self.browse, "Browse")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.tabs)
        self.resize(940, 640)

    def open_at(self, page: QWidget) -> None:
        """Show this tab, in front of the window."""
        self.tabs.setCurrentWidget(page)
        self.show()
        self.raise_()
        self.activateWindow()
