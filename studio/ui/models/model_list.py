"""The rows as Qt asks for them: headings cannot be chosen, previews are read when they are seen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QImageReader, QKeyEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from studio.ui.controls import name
from studio.ui.models.paint import RowPainter
from studio.ui.models.rows import Row, grouped

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
THUMB = 80
"""Pixels a preview is read in; shown at half of it, and sharp at 200 %."""

STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -8,
    Qt.Key.Key_PageDown: 8,
}
"""Rows that a key goes on."""


class ModelRows(QAbstractListModel):
    """`rows` with their headings, those that fit the words."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: Sequence[Row] = ()
        self.words = ""
        self.shown: tuple[Row | str, ...] = ()

    def show(self, rows: Sequence[Row], words: str | None = None) -> None:
        """Show these rows, or those of them that fit all of the words."""
        if words is not None:
            self.words = words
        wanted = self.words.lower().split()
        shown = tuple(grouped([row for row in rows if row.fits(wanted)]))
        self.rows = rows
        if shown != self.shown:
            self.beginResetModel()
            self.shown = shown
            self.endResetModel()

    def row(self, index: Index) -> Row | None:
        found = self.shown[index.row()] if 0 <= index.row() < len(self.shown) else None
        return found if isinstance(found, Row) else None

    def place(self, wanted: Row) -> int:
        """Where the row of the same model or file is; -1 if it is not shown."""

        def same(row: Row | str) -> bool:
            if isinstance(row, str):
                return False
            file, other = row.file, wanted.file
            return row.name == wanted.name and (file and file.path) == (other and other.path)

        return next((place for place, row in enumerate(self.shown) if same(row)), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.shown)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.row(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.shown):
            return None
        row = self.shown[index.row()]
        if role == ROW:
            return row
        if isinstance(row, str):
            texts = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return row if role in texts else None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.problem or (str(row.file.path) if row.file else row.about)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(text for text in (row.title, row.about, row.size) if text)
        if role == Qt.ItemDataRole.DecorationRole:
            return thumb(row.preview) if row.preview else None
        return None


class ModelListView(QListView):
    """Keys move from row to row; typing goes to the search field that it was given."""

    def __init__(self, object_name: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, object_name, accessible)
        self.list = ModelRows(self)
        self.setModel(self.list)
        self.setItemDelegate(RowPainter(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("models", True)

    @property
    def chosen(self) -> Row | None:
        return self.list.row(self.currentIndex())

    def choose(self, row: Row | None) -> None:
        """Select the row of the same model, or the first one."""
        place = self.list.place(row) if row is not None else -1
        if place < 0:
            first = (i for i, shown in enumerate(self.list.shown) if isinstance(shown, Row))
            place = next(first, -1)
        self.setCurrentIndex(self.list.index(place) if place >= 0 else QModelIndex())

    def step(self, by: int) -> None:
        """Go on to the next row, over headings."""
        places = [i for i, row in enumerate(self.list.shown) if isinstance(row, Row)]
        now = self.currentIndex().row()
        after = [place for place in places if (place > now if by > 0 else place < now)]
        if after:
            ahead = after if by > 0 else after[::-1]
            self.setCurrentIndex(self.list.index(ahead[min(abs(by), len(ahead)) - 1]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -8,
            Qt.Key.Key_PageDown: 8,
        }
        by = keys.get(Qt.Key(event.key()))
        if by is not None and not event.modifiers():
            self.step(by)
        else:
            super().keyPressEvent(event)


@lru_cache(maxsize=600)
def thumb(path: Path) -> QPixmap | None:
    """The middle of a preview picture, square; None if it cannot be read."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    whole = reader.size()
    if whole.isEmpty() or whole.width() * whole.height() > 100_000_000:
        return None
    reader.setScaledSize(
        whole.scaled(QSize(THUMB, THUMB), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
    )
    image = reader.read()
    if image.isNull():
        return None
    # From the top: faces are there.
    return QPixmap.fromImage(image.copy((image.width() - THUMB) // 2, 0, THUMB, THUMB))
