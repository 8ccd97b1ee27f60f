"""How far exports are, in the status bar, each with a button to give it up."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from studio.session.exporting import Exports
from studio.ui.bind import watch
from studio.ui.controls import button, name


class ExportBar(QWidget):
    """Shows the export that was asked for first; hidden while there is none."""

    def __init__(self, exports: Exports, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.exports = exports
        name(self, "export_bar", "Export under way")
        self.words = QLabel()
        self.progress = QProgressBar()
        self.progress.setFixedSize(120, 6)
        self.progress.setTextVisible(False)
        name(self.progress, "export_progress", "Progress of the export")
        self.stop: QToolButton = button("x", "export_cancel", "Cancel the export")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 0)
        row.setSpacing(8)
        row.addWidget(self.words)
        row.addWidget(self.progress, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.stop)
        self.stop.clicked.connect(self._cancel)
        watch(exports.changed, self, self._show)
        self._show()

    def _show(self) -> None:
        going = next(iter(self.exports.going.values()), None)
        self.setVisible(going is not None)
        if going is None:
            return
        more = len(self.exports.going) - 1
        self.words.setText(f"Exporting {going.path.name}" + (f" and {more} more" if more else ""))
        self.progress.setRange(0, going.total)
        self.progress.setValue(going.done)

    def _cancel(self) -> None:
        first = next(iter(self.exports.going), None)
        if first is not None:
            self.exports.cancel(first)
