"""A dialog that says how a file is to be written, and asks where to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.ui.controls import name

Ask = Callable[[Path, str], Path | None]


class FileBox(QDialog):
    """`rows` for what is chosen, `go` and `leave` below.

    `ask` gives the path to write to for a suggested one and a form, or None; by default the
    system's file dialog does.
    """

    def __init__(
        self,
        object_name: str,
        title: str,
        words: tuple[str, str],
        ask: Ask | None,
        parent: QWidget | None,
    ) -> None:
        """`words`: what is on the two buttons."""
        super().__init__(parent)
        self.ask = ask or self._dialog
        self.setWindowTitle(title)
        name(self, object_name, title)
        prefix = object_name.removesuffix("_box")
        self.go, self.leave = QPushButton(f"{words[0]}…"), QPushButton(words[1])
        self.go.setProperty("primary", True)
        self.go.setDefault(True)
        name(self.go, f"{prefix}_go", words[0])
        self.leave.setProperty("secondary", True)
        name(self.leave, f"{prefix}_{words[1].lower()}", words[1])
        self.rows = QFormLayout()
        self.rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.rows.setHorizontalSpacing(18)
        self.rows.setVerticalSpacing(10)

    def arrange(
        self, top: QLayout, width: int, *below: QWidget, foot: QWidget | None = None
    ) -> None:
        """Lay it out, at least so wide; `foot` is beside the buttons."""
        buttons = QHBoxLayout()
        if foot is not None:
            buttons.addWidget(foot, 1)
        else:
            buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.go)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 18, 20, 16)
        box.setSpacing(14)
        box.addLayout(top)
        for part in below:
            box.addWidget(part)
        box.addStretch(1)
        box.addLayout(buttons)
        self.setMinimumWidth(width)

    def kind_of(self, form: str) -> str:
        """What the file dialog says of a form, such as "PNG (*.png)"."""
        return "All files (*)"

    def _dialog(self, suggested: Path, form: str) -> Path | None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.windowTitle(), str(suggested), self.kind_of(form)
        )
        return Path(chosen) if chosen else None
