"""The folders that the person's models are in: added, found, and taken off the list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from studio.models.files.places import Place, program_of, usual
from studio.session.collection import Collection
from studio.ui.bind import watch
from studio.ui.controls import ElidedLabel, button, label, name

MODELS = "Models (*.safetensors *.sft *.ckpt *.pt *.pth *.bin);;All files (*)"
Ask = Callable[[], Path | None]


class FolderBar(QWidget):
    """One line a folder, those of other programs offered, and a button for any other.

    `ask` gives the folder that the person chooses, or None; the system's dialog does.
    """

    def __init__(
        self, collection: Collection, ask: Ask | None = None, home: Path | None = None
    ) -> None:
        super().__init__()
        self.collection = collection
        self.ask = ask or self._dialog
        self.ask_file: Ask = self._file_dialog
        self.found = usual(home or Path.home())
        name(self, "model_folders", "Folders of models")
        self.rows = QVBoxLayout()
        self.rows.setSpacing(2)
        self.add = QPushButton("Add a folder…")
        self.add.setProperty("secondary", True)
        tip = "Models are used where they are: of ComfyUI, A1111, Forge, InvokeAI, or any folder"
        name(self.add, "model_folder_add", "Add a folder of models", tip)
        self.add.clicked.connect(self._add)
        self.add_file = QPushButton("Add a file…")
        self.add_file.setProperty("secondary", True)
        name(self.add_file, "model_file_add", "Add one model", "A single checkpoint")
        self.add_file.clicked.connect(self._add_file)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(label("Folders", "heading"))
        box.addLayout(self.rows)
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addWidget(self.add_file)
        row.addStretch(1)
        box.addLayout(row)
        self._shown: tuple[object, ...] | None = None
        self._lines: list[QWidget] = []
        watch(collection.changed, self, self._fill)
        self._fill()

    def _fill(self) -> None:
        folders = tuple(self.collection.folders)
        offered = tuple(place for place in self.found if place.path not in folders)
        if self._shown == (folders, offered):
            return
        self._shown = (folders, offered)
        for line in self._lines:
            self.rows.removeWidget(line)
            line.deleteLater()
        self._lines.clear()
        for number, folder in enumerate(folders):
            self._lines.append(self._folder(number, folder))
        for number, place in enumerate(offered):
            self._lines.append(self._offer(number, place))
        for line in self._lines:
            self.rows.addWidget(line)

    def _folder(self, number: int, folder: Path) -> QWidget:
        program = program_of(folder)
        text = f"{program} · {folder}" if program else str(folder)
        gone = button("x", f"model_folder_remove_{number}", f"Do not look in {folder} any more")
        gone.clicked.connect(lambda: self.collection.remove_folder(folder))
        return self._line(text, str(folder), gone)

    def _offer(self, number: int, place: Place) -> QWidget:
        use = QPushButton("Use")
        use.setProperty("secondary", True)
        name(use, f"model_folder_use_{number}", f"Use the models of {place.program}")
        use.clicked.connect(lambda: self.collection.add_folder(place.path))
        return self._line(f"Found: {place.program} in {place.path}", str(place.path), use)

    def _line(self, text: str, tip: str, end: QWidget) -> QWidget:
        line = QFrame()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        words = ElidedLabel(text)
        words.setProperty("quiet", True)
        words.setToolTip(tip)
        row.addWidget(words, 1)
        row.addWidget(end)
        return line

    def _add(self) -> None:
        folder = self.ask()
        if folder is not None:
            self.collection.add_folder(folder)

    def _add_file(self) -> None:
        file = self.ask_file()
        if file is not None:
            self.collection.add(file)

    def _file_dialog(self) -> Path | None:
        chosen, _ = QFileDialog.getOpenFileName(self, "A model", "", MODELS)
        return Path(chosen) if chosen else None

    def _dialog(self) -> Path | None:
        chosen = QFileDialog.getExistingDirectory(self, "A folder of models")
        return Path(chosen) if chosen else None
