"""The models that are on this machine: a list to search, and what is known of the chosen one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.controls import label, name
from studio.ui.models.details import Details
from studio.ui.models.folders import FolderBar
from studio.ui.models.model_list import ModelListView
from studio.ui.models.rows import Row, everything
from studio.ui.models.search import SearchField

NOTHING = "No model has these words."


class Yours(QWidget):
    """Follows the session's models and files."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        name(self, "models_yours", "Your models")
        tip = "Part of a name, a family, a kind of file, or a folder"
        self.search = SearchField("models_search", "Search your models", tip)
        self.view = ModelListView("models_list", "Your models")
        self.details = Details(session)
        self.folders = FolderBar(session.collection)
        self.empty = QLabel(NOTHING)
        self.empty.setProperty("quiet", True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.state = label("", "quiet")
        name(self.state, "models_state", "What is going on")
        left = QVBoxLayout()
        left.setContentsMargins(12, 12, 6, 12)
        left.setSpacing(8)
        left.addWidget(self.search)
        left.addWidget(self.view, 1)
        left.addWidget(self.empty, 1)
        left.addWidget(self.state)
        left.addWidget(self.folders)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(left, 3)
        box.addWidget(self.details, 2)
        self.search.textChanged.connect(self._search)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._look())
        self.view.doubleClicked.connect(lambda _: self.details.use())
        watch(session.models_changed, self, self._fill)
        watch(session.collection.changed, self, self._fill)
        self._fill()

    def _fill(self, *_: object) -> None:
        self._show(everything(self.session.models, self.session.collection.files))
        collection = self.session.collection
        if collection.converting:
            text = f"Writing {collection.converting} as safetensors…"
        elif collection.looking:
            text = "Looking through your folders…"
        elif collection.hashing:
            text = f"Computing the hash of {collection.hashing}…"
        else:
            count = len(collection.files)
            text = f"{count} file{'s' if count != 1 else ''} in your folders" if count else ""
        self.state.setText(text)
        self.state.setVisible(bool(text))

    def _search(self, words: str) -> None:
        self._show(self.view.list.rows, words)

    def _show(self, rows: tuple[Row, ...] | object, words: str | None = None) -> None:
        chosen = self.view.chosen
        self.view.list.show(rows, words)  # type: ignore[arg-type]
        self.view.choose(chosen)
        found = bool(self.view.list.shown)
        self.view.setVisible(found)
        self.empty.setVisible(not found)
        self._look()

    def _look(self) -> None:
        self.details.show_row(self.view.chosen)
