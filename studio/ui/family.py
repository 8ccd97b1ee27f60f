"""The history as a family tree: each run under the run that it branched from."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QKeyEvent,
    QPainter,
    QPalette,
    QPen,
    QShowEvent,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTreeView, QWidget

from studio.session.lineage import Kin
from studio.session.past import Past
from studio.ui.bind import watch
from studio.ui.controls import name
from studio.ui.family_row import HEIGHT, KIN, KinDelegate, details, title
from studio.ui.history_menu import describe, show_menu

INDENT = 16
Index = QModelIndex | QPersistentModelIndex


class FamilyView(QTreeView):
    """Arrow keys and clicks look at a run's first picture, Left and Right fold and unfold, Enter
    or a double click puts it on the canvas."""

    def __init__(self, past: Past, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.past = past
        name(self, "family", "History as a family tree")
        self.kin = QStandardItemModel(self)
        self.setModel(self.kin)
        self.setItemDelegate(KinDelegate(self))
        self.setHeaderHidden(True)
        self.setIndentation(INDENT)
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("tree", True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setMouseTracking(True)
        self.setIconSize(QSize(HEIGHT, HEIGHT))
        self._stale = True
        self._folded: set[str] = set()
        self.clicked.connect(self._look)
        self.doubleClicked.connect(self._place)
        self.collapsed.connect(lambda index: self._folded.add(_kin(index).run))
        self.expanded.connect(lambda index: self._folded.discard(_kin(index).run))
        self.customContextMenuRequested.connect(self._menu)
        self.verticalScrollBar().valueChanged.connect(self._more)
        watch(past.changed, self, self._changed)

    def showEvent(self, event: QShowEvent) -> None:
        if self._stale:
            self._fill()
        super().showEvent(event)

    def place_of(self, run: str) -> QModelIndex:
        """Where a run is; an index that is not valid if it is not there."""
        return next((i for i in self._indexes() if _kin(i).run == run), QModelIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        entries = _kin(index).entries if index.isValid() else ()
        plain = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers()
        if entries and plain:
            self.past.place(entries[0])
        elif entries and event.key() == Qt.Key.Key_Delete:
            self.past.remove(*entries, with_file=True)
        else:
            super().keyPressEvent(event)
            if self.currentIndex() != index:
                self._look(self.currentIndex())

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """Lines from the parents, and a chevron on what can be folded."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        line = self.palette().color(QPalette.ColorRole.Mid)
        painter.setPen(QPen(line, 1.5))
        middle, right = rect.center().y() + 0.5, float(rect.right())
        own = self.kin.index(index.row(), 0, index.parent())
        x = right - INDENT / 2
        if own.parent().isValid():
            last = not own.sibling(own.row() + 1, 0).isValid()
            up = x - INDENT
            painter.drawLine(
                QPointF(up, rect.top()), QPointF(up, middle if last else rect.bottom())
            )
            painter.drawLine(QPointF(up, middle), QPointF(x - 5, middle))
            above, up = own.parent(), up - INDENT
            while above.parent().isValid():
                if above.sibling(above.row() + 1, 0).isValid():
                    painter.drawLine(QPointF(up, rect.top()), QPointF(up, rect.bottom() + 1))
                above, up = above.parent(), up - INDENT
        if self.kin.hasChildren(own):
            opened = self.isExpanded(own)
            if opened:
                painter.drawLine(QPointF(x, middle + 7), QPointF(x, rect.bottom() + 1))
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.PlaceholderText), 1.6))
            arrow = (
                ((-3, -1.5), (0, 1.5), (3, -1.5)) if opened else ((-1.5, -3), (1.5, 0), (-1.5, 3))
            )
            painter.drawPolyline([QPointF(x + dx, middle + dy) for dx, dy in arrow])
        painter.restore()

    def _changed(self) -> None:
        self._stale = True
        if self.isVisible():
            self._fill()

    def _fill(self) -> None:
        """Make the tree anew, with the same run chosen and the same ones folded."""
        self._stale = False
        index = self.currentIndex()
        chosen = _kin(index).run if index.isValid() else ""
        place = self.verticalScrollBar().value()
        folded = set(self._folded)
        self.kin.clear()
        for kin in self.past.families():
            self.kin.appendRow(_item(kin))
        for index in list(self._indexes()):
            if self.kin.hasChildren(index):
                self.setExpanded(index, _kin(index).run not in folded)
        if chosen:
            self.setCurrentIndex(self.place_of(chosen))
        self.verticalScrollBar().setValue(place)

    def _indexes(self) -> Iterator[QModelIndex]:
        stack = [self.kin.index(row, 0) for row in range(self.kin.rowCount())]
        while stack:
            index = stack.pop()
            yield index
            stack += [self.kin.index(row, 0, index) for row in range(self.kin.rowCount(index))]

    def _look(self, index: Index) -> None:
        if not index.isValid():
            return
        kin = _kin(index)
        if kin.entries:
            self.past.look(kin.entries[0])
        elif kin.stopped is not None:
            self.past.look_at_steps(kin.run)

    def _place(self, index: Index) -> None:
        if entries := _kin(index).entries:
            self.past.place(entries[0])

    def _menu(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if index.isValid() and (entries := _kin(index).entries):
            show_menu(self, self.past, entries, self.viewport().mapToGlobal(place))

    def _more(self, value: int) -> None:
        if value >= self.verticalScrollBar().maximum() - HEIGHT:
            self.past.more()


def _item(kin: Kin) -> QStandardItem:
    """A run and all below it."""
    made = QStandardItem()
    made.setData(kin, KIN)
    made.setData(f"{title(kin)}. {details(kin)}", Qt.ItemDataRole.AccessibleTextRole)
    made.setData(describe(kin.entries[0]) if kin.entries else "", Qt.ItemDataRole.ToolTipRole)
    for child in kin.children:
        made.appendRow(_item(child))
    return made


def _kin(index: Index) -> Kin:
    kin = index.data(KIN)
    assert isinstance(kin, Kin)
    return kin
