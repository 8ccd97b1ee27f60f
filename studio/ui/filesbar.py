"""What is being opened or saved, in the status bar, once it takes long enough to wonder."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from studio.session.clerk import QUIET, Clerk, Job
from studio.ui.bind import watch
from studio.ui.controls import button, name

PATIENCE = 250
"""Milliseconds before it shows: most files are there by then, and nothing should flicker."""


class FilesBar(QWidget):
    """Shows the job that has waited longest. Opening can be given up; a save is always finished."""

    def __init__(self, clerk: Clerk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.clerk = clerk
        name(self, "files_bar", "File under way")
        self.words = QLabel()
        name(self.words, "files_words", "File under way")
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setFixedSize(80, 6)
        self.progress.setTextVisible(False)
        name(self.progress, "files_progress", "Under way")
        self.stop = button("x", "files_cancel", "Do not open it")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 0)
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.words)
        row.addWidget(self.progress, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.stop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PATIENCE)
        self._timer.timeout.connect(self._show)
        self.stop.clicked.connect(lambda: clerk.give_up())
        watch(clerk.changed, self, self._changed)
        self.hide()

    @property
    def job(self) -> Job | None:
        """What to tell of."""
        return next((job for job in self.clerk.going if job.kind not in QUIET), None)

    def _changed(self) -> None:
        if self.job is None:
            self._timer.stop()
            self.hide()
        elif self.isVisible():
            self._show()
        elif not self._timer.isActive():
            self._timer.start()

    def _show(self) -> None:
        job = self.job
        if job is None:
            return
        self.words.setText(job.text)
        self.stop.setVisible(job.kind == "open")
        self.show()
