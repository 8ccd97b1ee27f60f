"""All that is known of one model file, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImageReader, QPixmap
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.core.model_file import Role
from studio.session.session import Session
from studio.ui.controls import label, name
from studio.ui.models.rows import Row, numbers, size

PICKLED = (".ckpt", ".pt", ".pth", ".bin")
HIGH = 220
"""Pixels of the preview."""


class Details(QFrame):
    """Shows one row; empty without one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.row: Row | None = None
        name(self, "model_details", "Details")
        self.picture = QLabel()
        self.picture.setFixedHeight(HIGH)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        name(self.picture, "model_preview", "Preview")
        self.title = QLabel()
        self.title.setWordWrap(True)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        self.title.setFont(font)
        name(self.title, "model_title", "Model")
        self.problem = label("", "warning")
        self.problem.setWordWrap(True)
        name(self.problem, "model_problem", "Problem")
        self.facts = QFormLayout()
        self.facts.setHorizontalSpacing(14)
        self.facts.setVerticalSpacing(6)
        self.facts.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self.facts.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.use_button = self._button("Use", "model_use", primary=True)
        self.show_button = self._button("Show in folder", "model_show")
        self.convert_button = self._button("Convert", "model_convert")
        self.convert_button.setToolTip("Write it again as safetensors, which cannot run programs")
        self.convert_button.clicked.connect(self._convert)
        self.forget_button = self._button("Forget", "model_forget")
        self.forget_button.setToolTip("Take it off the list; its files stay")
        self.forget_button.clicked.connect(self._forget)
        self.use_button.clicked.connect(self.use)
        self.show_button.clicked.connect(self._show_folder)
        buttons = QHBoxLayout()
        buttons.addWidget(self.use_button)
        buttons.addWidget(self.show_button)
        buttons.addWidget(self.convert_button)
        buttons.addWidget(self.forget_button)
        buttons.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.setSpacing(10)
        box.addWidget(self.picture)
        box.addWidget(self.title)
        box.addWidget(self.problem)
        box.addLayout(self.facts)
        box.addStretch(1)
        box.addLayout(buttons)
        self.setMinimumWidth(320)
        self.show_row(None)

    def show_row(self, row: Row | None) -> None:
        self.row = row
        self.title.setText(row.title if row else "")
        self.problem.setText(row.problem if row else "")
        self.problem.setVisible(bool(row and row.problem))
        while self.facts.rowCount():
            self.facts.removeRow(0)
        for key, value in facts(row) if row else ():
            words = QLabel(value)
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            name(words, f"model_fact_{key.lower().replace(' ', '_')}", key)
            self.facts.addRow(label(key, "quiet"), words)
        picture = _preview(row) if row else None
        self.picture.setVisible(picture is not None)
        self.picture.setPixmap(picture or QPixmap())
        self.use_button.setVisible(bool(row and row.name))
        self.show_button.setVisible(bool(row and row.path))
        file = row.file if row else None
        pickled = file is not None and file.path.suffix in PICKLED and file.role is not Role.DAMAGED
        self.convert_button.setVisible(pickled)
        self.convert_button.setEnabled(not self.session.collection.converting)
        folders = self.session.collection.folders
        path = row.path if row and row.info else None
        by_itself = path is not None and not any(path.is_relative_to(one) for one in folders)
        self.forget_button.setVisible(by_itself)

    def use(self) -> None:
        """Draw with this model from now on."""
        if self.row is not None and self.row.name:
            self.session.settings.model = self.row.name

    def _show_folder(self) -> None:
        if self.row is not None and self.row.path is not None:
            folder = self.row.path if self.row.path.is_dir() else self.row.path.parent
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _convert(self) -> None:
        if self.row is not None and self.row.file is not None:
            self.session.collection.convert(self.row.file.path)

    def _forget(self) -> None:
        if self.row is not None:
            self.session.collection.remove(self.row.name)

    def _button(self, text: str, object_name: str, primary: bool = False) -> QPushButton:
        made = QPushButton(text)
        made.setProperty("primary" if primary else "secondary", True)
        name(made, object_name, text)
        return made


def facts(row: Row) -> list[tuple[str, str]]:
    """What is known, as pairs of a word and its value; what is not known is left out."""
    info, file = row.info, row.file
    found: list[tuple[str, str]] = []
    if file is None:
        found += [("About", row.about), ("Folder", str(row.path or ""))]
    else:
        found += [
            ("Kind", " · ".join(t for t in (file.role.value, file.detail) if t)),
            ("Family", file.title),
            ("Precision", file.precision),
            ("Size", size(file.bytes)),
            ("Parameters", numbers(file.parameters) if file.parameters else ""),
            ("Words", ", ".join(file.words)),
        ]
    if info is not None:
        native = info.abilities.native_size
        found += [("Pictures", f"{native.width} × {native.height}")]
        if file is not None:
            found += [("Name", info.name)]
    if file is not None:
        found += [("Hash", file.short_hash), ("File", str(file.path))]
    return [(key, value) for key, value in found if value]


def _preview(row: Row) -> QPixmap | None:
    if row.preview is None:
        return None
    reader = QImageReader(str(row.preview))
    reader.setAutoTransform(True)
    whole = reader.size()
    if whole.isEmpty() or whole.width() * whole.height() > 100_000_000:
        return None
    reader.setScaledSize(whole.scaled(QSize(2 * HIGH, HIGH), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return None if image.isNull() else QPixmap.fromImage(image)
