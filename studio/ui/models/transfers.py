"""Models on their way: how far each is, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.core.amounts import amount, time_left
from studio.core.downloads import Download
from studio.session.downloads import Downloads
from studio.ui.bind import watch
from studio.ui.controls import ElidedLabel, button, label, name
from studio.ui.icons import dress

ROWS = 3
"""Shown without scrolling."""
ASK_FROM = 50e6
"""Bytes from which it is asked before they are deleted: fewer are back in a moment."""


def progress_text(item: Download) -> str:
    """How far it is, in words."""
    done = f"{amount(item.done)} of {amount(item.total)}"
    match item.state:
        case "waiting":
            return f"Waiting for its turn · {done}"
        case "paused":
            return f"Paused · {done}"
        case "failed":
            return item.message
        case "done":
            return f"Arrived and checked · {amount(item.total)}"
    if item.message:
        return item.message
    speed = f"{amount(item.speed)}/s" if item.speed else ""
    return " · ".join(part for part in (done, speed, time_left(item.left)) if part)


class Transfer(QFrame):
    """One download."""

    def __init__(self, downloads: Downloads, id: str) -> None:
        super().__init__()
        self._downloads, self._id = downloads, id
        short = id.replace("--", "/", 1)
        name(self, f"transfer_{id}", short)
        self.setProperty("card", True)
        self.title = ElidedLabel()
        self.words = ElidedLabel()
        self.words.setProperty("quiet", True)
        name(self.title, "transfer_title", "Model")
        name(self.words, "transfer_words", "How far it is")
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        name(self.bar, "transfer_progress", f"Progress of {short}")
        self.use = QPushButton("Use it")
        name(self.use, "transfer_use", f"Draw with {short}")
        self.hold = button("pause", "transfer_hold", f"Pause {short}")
        self.drop = button("x", "transfer_cancel", f"Cancel {short}")
        self.delete = QPushButton("Delete")
        self.keep = QPushButton("Keep")
        name(self.delete, "transfer_delete", "Delete what has arrived")
        name(self.keep, "transfer_keep", "Keep what has arrived")
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.title)
        words.addWidget(self.bar)
        words.addWidget(self.words)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(6)
        row.addLayout(words, 1)
        row.addSpacing(6)
        for control in (self.use, self.delete, self.keep, self.hold, self.drop):
            row.addWidget(control)
        self.hold.clicked.connect(self._hold)
        self.drop.clicked.connect(self._drop)
        self.use.clicked.connect(lambda: downloads.use(id))
        self.keep.clicked.connect(lambda: self._ask(False))
        self.delete.clicked.connect(lambda: downloads.cancel(id))
        self._asking = False
        self.show_item(downloads.items[id])

    def show_item(self, item: Download) -> None:
        self._item = item
        going = item.state in ("going", "waiting")
        self.title.setText(item.repo)
        self.words.setText(
            f"Delete the {amount(item.done)} that have arrived?"
            if self._asking
            else progress_text(item)
        )
        self.words.setToolTip(f"{item.message} {item.hint}".strip())
        failed = item.state == "failed" and not self._asking
        if self.words.property("warning") != failed:
            self.words.setProperty("quiet", not failed)
            self.words.setProperty("warning", failed)
            self.words.style().polish(self.words)
        self.bar.setValue(round(1000 * item.done / max(1, item.total)))
        self.bar.setVisible(item.state != "done")
        # A bar that stands still is grey.
        self.bar.setEnabled(going)
        word, icon = ("Pause", "pause") if going else ("Go on with", "play")
        dress(self.hold, icon)
        self.hold.setAccessibleName(f"{word} {item.repo}")
        self.hold.setToolTip("Pause" if going else "Go on")
        done = item.state == "done"
        tip = "Take it off this list" if done else "Cancel, and delete what has arrived"
        self.drop.setToolTip(tip)
        self.use.setVisible(done and bool(item.model))
        self.hold.setVisible(not done and not self._asking)
        self.drop.setVisible(not self._asking)
        self.delete.setVisible(self._asking)
        self.keep.setVisible(self._asking)

    def _hold(self) -> None:
        if self._item.state in ("going", "waiting"):
            self._downloads.pause(self._id)
        else:
            self._downloads.resume(self._id)

    def _drop(self) -> None:
        if self._item.state != "done" and self._item.done >= ASK_FROM:
            self._ask(True)
            self.keep.setFocus()
        else:
            self._downloads.cancel(self._id)

    def _ask(self, asking: bool) -> None:
        self._asking = asking
        self.show_item(self._item)
        if not asking:
            self.drop.setFocus()


class Transfers(QWidget):
    """All of them, the newest last; hidden while there are none."""

    def __init__(self, downloads: Downloads, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._downloads = downloads
        name(self, "transfers", "Downloads")
        self.rows: dict[str, Transfer] = {}
        self._box = QVBoxLayout()
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(6)
        inside = QWidget()
        inside.setLayout(self._box)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inside)
        name(self._area, "transfers_area", "Downloads")
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 6, 12, 12)
        box.setSpacing(6)
        box.addWidget(label("Downloads", "heading"))
        box.addWidget(self._area)
        watch(downloads.changed, self, self._show)
        self._show()

    def _show(self) -> None:
        items = self._downloads.items
        for id in [id for id in self.rows if id not in items]:
            row = self.rows.pop(id)
            self._box.removeWidget(row)
            row.hide()
            row.deleteLater()
        for id, item in items.items():
            if id in self.rows:
                self.rows[id].show_item(item)
            else:
                self.rows[id] = Transfer(self._downloads, id)
                self._box.addWidget(self.rows[id])
        self.setVisible(bool(items))
        if self.rows:
            high = max(row.sizeHint().height() for row in self.rows.values())
            shown = min(ROWS, len(self.rows))
            self._area.setFixedHeight(shown * high + (shown - 1) * self._box.spacing() + 2)
