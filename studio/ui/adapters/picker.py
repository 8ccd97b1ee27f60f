"""A list of LoRAs to add from: those that fit the model, and the others with the reason."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from studio.session.adapters import Offer
from studio.ui.controls import label, name
from studio.ui.models.model_list import ModelListView
from studio.ui.models.rows import Row, about, size
from studio.ui.models.search import SearchField

WIDE, HIGH = 400, 440
FIT, OTHERS, ALL = "For this model", "For other models", "LoRAs"
EMPTY = (
    "There are no LoRAs yet. Put their files into {folder}, or add the folder that you have them "
    "in with Models."
)


class Picker(QFrame):
    """A popup. Type to search, Enter or a click adds; it closes then, with Ctrl it stays."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        name(self, "lora_picker", "Add a LoRA")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.search = SearchField("lora_search", "Search LoRAs", "Part of a name or a folder")
        self.list = ModelListView("lora_list", "LoRAs")
        self.said = label("", "quiet")
        self.said.setWordWrap(True)
        name(self.said, "lora_said", "About it")
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.setSpacing(6)
        box.addWidget(self.search)
        box.addWidget(self.list, 1)
        box.addWidget(self.said)
        self._rows: tuple[Row, ...] = ()
        self._empty = ""
        self.search.textChanged.connect(self._searched)
        self.search.installEventFilter(self)
        self.list.activated.connect(lambda _: self.take())
        self.list.clicked.connect(lambda _: self.take())
        selection = self.list.selectionModel()
        selection.currentChanged.connect(lambda *_: self._tell())

    def sizeHint(self) -> QSize:
        return QSize(WIDE, HIGH)

    def offer(self, offers: Sequence[Offer], worn: Sequence[str], empty: str) -> None:
        """Show these; `worn` are on the stack already."""
        self._empty = empty
        self._rows = tuple(_row(one, one.name in worn) for one in offers)
        self.list.list.show(self._rows, self.search.text())
        self.list.choose(None)
        self._tell()

    def open_at(self, below: QWidget) -> None:
        """Beside the button that it was asked with, within the screen."""
        self.search.clear()
        self.resize(self.sizeHint())
        corner = below.mapToGlobal(QPoint(0, below.height() + 2))
        screen = QGuiApplication.screenAt(corner) or below.screen()
        room = screen.availableGeometry()
        x = min(max(corner.x(), room.left()), room.right() - self.width())
        y = corner.y()
        if y + self.height() > room.bottom():
            y = max(room.top(), room.bottom() - self.height())
        self.move(x, y)
        self.show()
        self.search.setFocus()

    def take(self) -> None:
        """Add the row that is chosen, if it fits."""
        row = self.list.chosen
        if row is None or row.problem:
            return
        keys = QGuiApplication.keyboardModifiers()
        if not keys & Qt.KeyboardModifier.ControlModifier:
            self.hide()
        self.chosen.emit(row.name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.take()
                return True
            if event.key() in (
                Qt.Key.Key_Up,
                Qt.Key.Key_Down,
                Qt.Key.Key_PageUp,
                Qt.Key.Key_PageDown,
            ):
                self.list.keyPressEvent(event)
                return True
        return super().eventFilter(watched, event)

    def _searched(self, words: str) -> None:
        self.list.list.show(self._rows, words)
        self.list.choose(None)
        self._tell()

    def _tell(self) -> None:
        row = self.list.chosen
        if not self._rows:
            words = self._empty
        elif row is None:
            words = "Nothing has these words."
        elif row.problem:
            words = f"{row.title} cannot be added: {row.problem}"
        else:
            words = ", ".join(row.file.words) if row.file and row.file.words else ""
        self.said.setText(words)
        self.said.setVisible(bool(words))


def _row(offer: Offer, worn: bool) -> Row:
    file = offer.file
    text = " · ".join(part for part in ("added" if worn else "", about(file)) if part)
    group = OTHERS if offer.reason else FIT
    return Row(
        offer.name,
        text,
        group,
        offer.name,
        size(file.bytes),
        file.preview,
        file,
        problem=offer.reason,
    )
