"""Pictures made before, newest first: look at them, go back to them, use what they were made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLabel, QListView, QWidget

from studio.session.past import Past
from studio.ui.bind import watch
from studio.ui.controls import name
from studio.ui.history_menu import THUMB, describe, show_menu, thumbnail
from studio.ui.icons import true_icon

if TYPE_CHECKING:
    from studio.library.library import Entry

Index = QModelIndex | QPersistentModelIndex
CELL = THUMB + 10
EMPTY = "Pictures you make\nappear here"
NOT_FOUND = "No picture\nhas these words"


class HistoryModel(QAbstractListModel):
    """The entries as Qt asks for them; thumbnails are decoded when they come into view."""

    def __init__(self, past: Past, parent: QWidget) -> None:
        super().__init__(parent)
        self.past = past
        self.entries: tuple[Entry, ...] = ()
        watch(past.changed, self, self._changed)
        self._changed()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entry(index)
        if entry is None:
            return None
        if role == Qt.ItemDataRole.DecorationRole:
            return true_icon(thumbnail(entry.thumbnail))
        if role == Qt.ItemDataRole.ToolTipRole:
            return describe(entry)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return entry.record.recipe.prompt or entry.path.name
        return None

    def entry(self, index: Index) -> Entry | None:
        return self.entries[index.row()] if 0 <= index.row() < len(self.entries) else None

    def canFetchMore(self, parent: Index) -> bool:
        return not self.past.complete and bool(self.entries)

    def fetchMore(self, parent: Index) -> None:
        self.past.more()

    def _changed(self) -> None:
        old, new = self.entries, self.past.entries
        ids = [entry.id for entry in new]
        if old and new[: len(old)] == old:
            self.beginInsertRows(QModelIndex(), len(old), len(new) - 1)
            self.entries = new
            self.endInsertRows()
        elif old and old[0].id in ids and [e.id for e in old] == ids[ids.index(old[0].id) :]:
            # New pictures at the top: the others keep their place and their selection.
            self.beginInsertRows(QModelIndex(), 0, ids.index(old[0].id) - 1)
            self.entries = new
            self.endInsertRows()
        elif (gone := _gone(old, new)) is not None:
            # One less: the others keep their place, and the keys go on from the next one.
            self.beginRemoveRows(QModelIndex(), gone, gone)
            self.entries = new
            self.endRemoveRows()
        else:
            self.beginResetModel()
            self.entries = new
            self.endResetModel()


class HistoryView(QListView):
    """Arrow keys and clicks look at a picture, Enter or a double click puts it on the canvas."""

    def __init__(self, past: Past, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.past = past
        name(self, "history", "History", "")
        self.list = HistoryModel(past, self)
        self.setModel(self.list)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(THUMB, THUMB))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMinimumWidth(THUMB + 36)
        self.setProperty("thumbs", True)
        self.empty = QLabel(EMPTY, self)
        self.empty.setProperty("quiet", True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(self._look)
        self.doubleClicked.connect(self._place)
        self.customContextMenuRequested.connect(self._menu)
        for change in (self.list.rowsInserted, self.list.modelReset, self.list.rowsRemoved):
            change.connect(self._show_empty)
        self._show_empty()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entry = self.list.entry(self.currentIndex())
        if entry and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.past.place(entry)
        elif entry and event.key() == Qt.Key.Key_Delete:
            self.past.remove(entry, with_file=True)
        else:
            before = self.currentIndex()
            super().keyPressEvent(event)
            if self.currentIndex() != before:
                self._look(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        # As many columns as fit, and the room that is left shared among them. Room for the scroll
        # bar is always left, or its coming and going would change what fits.
        room = self.width() - self.verticalScrollBar().sizeHint().width() - 4
        columns = max(1, room // CELL)
        self.setGridSize(QSize(max(CELL, room // columns), CELL))
        super().resizeEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.empty.setGeometry(self.viewport().geometry())
        return super().viewportEvent(event)

    def _menu(self, place: QPoint) -> None:
        entry = self.list.entry(self.indexAt(place))
        if entry is not None:
            show_menu(self, self.past, (entry,), self.viewport().mapToGlobal(place))

    def _look(self, index: Index) -> None:
        entry = self.list.entry(index)
        if entry:
            self.past.look(entry)

    def _place(self, index: Index) -> None:
        entry = self.list.entry(index)
        if entry:
            self.past.place(entry)

    def _show_empty(self, *_: object) -> None:
        self.empty.setText(NOT_FOUND if self.past.query else EMPTY)
        self.empty.setVisible(self.list.rowCount() == 0)


def _gone(old: Sequence[Entry], new: Sequence[Entry]) -> int | None:
    """The row that is missing from `new`, if that is all that has changed."""
    if len(new) != len(old) - 1:
        return None
    gone = next((row for row, entry in enumerate(new) if entry != old[row]), len(new))
    return gone if tuple(new[gone:]) == tuple(old[gone + 1 :]) else None
