"""How far downloads are, in the status bar; a click shows them all."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QToolButton, QWidget

from studio.core.amounts import amount
from studio.session.downloads import ACTIVE, Downloads
from studio.ui.bind import watch
from studio.ui.controls import name
from studio.ui.models.transfers import progress_text


class DownloadBar(QWidget):
    """Shows the one that is coming; hidden while none is."""

    wanted = Signal()
    """A person wants to see them."""

    def __init__(self, downloads: Downloads, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.downloads = downloads
        name(self, "download_bar", "Download under way")
        self.words = QToolButton()
        self.words.setProperty("flat", True)
        name(self.words, "download_words", "Download under way", "Show the downloads")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setFixedSize(80, 6)
        self.progress.setTextVisible(False)
        name(self.progress, "download_progress", "Progress of the download")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 0)
        row.setSpacing(8)
        row.addWidget(self.words)
        row.addWidget(self.progress, 0, Qt.AlignmentFlag.AlignVCenter)
        self.words.clicked.connect(lambda: self.wanted.emit())
        watch(downloads.changed, self, self._show)
        self._show()

    def _show(self) -> None:
        active = [item for item in self.downloads.items.values() if item.state in ACTIVE]
        active.sort(key=lambda item: item.state != "going")
        self.setVisible(bool(active))
        if not active:
            return
        first = active[0]
        more = f" and {len(active) - 1} more" if len(active) > 1 else ""
        speed = f" · {amount(first.speed)}/s" if first.speed else ""
        text = f"Downloading {first.repo.rpartition('/')[2]}{more}{speed}"
        self.words.setText(text)
        self.words.setAccessibleName(f"{text}, {100 * first.done // max(1, first.total)} per cent")
        self.words.setToolTip(f"{first.repo}: {progress_text(first)}")
        self.progress.setValue(round(1000 * first.done / max(1, first.total)))
