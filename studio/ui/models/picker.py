"""Choosing the model: a card that shows the one in use, and a list to search that opens from it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPalette, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.controls import name
from studio.ui.icons import pixmap
from studio.ui.models.model_list import ModelListView, thumb
from studio.ui.models.paint import draw_row
from studio.ui.models.rows import Row, of_model, to_choose
from studio.ui.models.search import SearchField

HIGH = 56
WIDE, TALL = 420, 460
"""Pixels of the list; taller ones scroll."""
KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class ModelPicker(QAbstractButton):
    """Shows and changes the session's model. `manage`: the person wants to see all their files."""

    manage = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        name(self, "model", "Model", "The model that draws (click to choose another)")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.list = ModelMenu(session, self)
        self.clicked.connect(self.open)
        watch(session.models_changed, self, self._show_model)
        watch(session.settings.events.model, self, self._show_model)
        self._show_model()

    @property
    def row(self) -> Row:
        """What is shown: the model, or its bare name where there is none of it (yet)."""
        info = self.session.model
        if info is not None:
            return of_model(info)
        about = "Looking for models…" if not self.session.models else "Not among your models"
        return Row(self.session.settings.model, about, "", self.session.settings.model)

    def names(self) -> list[str]:
        """The models there are to choose from."""
        return [info.name for info in self.session.models]

    def open(self) -> None:
        """Show the list under the card, or over it where there is no room."""
        self.list.open_at(self)

    def sizeHint(self) -> QSize:
        return QSize(200, max(HIGH, 2 * self.fontMetrics().height() + 20))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F4)
        if event.key() in keys and not event.modifiers():
            self.open()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        option = QStyleOptionButton()
        option.initFrom(self)
        if self.isDown() or self.list.isVisible():
            option.state |= QStyle.StateFlag.State_Sunken
        self.style().drawControl(QStyle.ControlElement.CE_PushButtonBevel, option, painter, self)
        if self.hasFocus():
            painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 4, 4)
        row = self.row
        # In a narrow panel the name needs all of its line.
        about = " · ".join(filter(None, (row.about, row.size)))
        row = replace(row, about=about, size="")
        box = self.rect().adjusted(2, 2, -26, -2)
        draw_row(
            painter,
            self.palette(),
            self.fontMetrics(),
            box,
            row,
            thumb(row.preview) if row.preview else None,
        )
        ratio = self.devicePixelRatioF()
        color = self.palette().color(QPalette.ColorRole.PlaceholderText)
        arrow = pixmap("chevron-down", round(16 * ratio), color)
        arrow.setDevicePixelRatio(ratio)
        painter.drawPixmap(self.width() - 24, self.height() // 2 - 8, arrow)
        painter.end()

    def _show_model(self, *_: object) -> None:
        row = self.row
        self.setAccessibleDescription(", ".join(filter(None, (row.title, row.about, row.size))))
        self.setToolTip(row.about)
        self.setEnabled(bool(self.session.models))
        self.update()


class ModelMenu(QFrame):
    """The list itself: arrows move, letters search, Enter chooses, Ctrl+D makes a favourite."""

    def __init__(self, session: Session, picker: ModelPicker) -> None:
        super().__init__(picker, Qt.WindowType.Popup)
        self.session, self.picker = session, picker
        name(self, "model_menu", "Choose a model")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.search = SearchField("model_search", "Search models", "Part of a name or a family")
        self.view = ModelListView("model_choices", "Models")
        self.empty = QLabel("No model has these words.")
        self.empty.setProperty("quiet", True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.star = QPushButton("Favourite")
        self.star.setProperty("secondary", True)
        name(self.star, "model_favourite", "Favourite", "Shown first from now on (Ctrl+D)")
        self.all = QPushButton("All models…")
        self.all.setProperty("secondary", True)
        name(self.all, "model_manage", "All models", "Your files and folders, and more to download")
        foot = QHBoxLayout()
        foot.addWidget(self.star)
        foot.addStretch(1)
        foot.addWidget(self.all)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 8)
        box.setSpacing(6)
        box.addWidget(self.search)
        box.addWidget(self.view, 1)
        box.addWidget(self.empty, 1)
        box.addLayout(foot)
        self.search.installEventFilter(self)
        self.view.installEventFilter(self)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.search.textChanged.connect(self._search)
        self.view.clicked.connect(self._clicked)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._show_star())
        self.star.clicked.connect(self.toggle)
        self.all.clicked.connect(self._manage)
        QShortcut(QKeySequence("Ctrl+D"), self, self.toggle)
        watch(session.models_changed, self, self._fill)
        watch(session.collection.liked.changed, self, self._fill)

    def open_at(self, card: QWidget) -> None:
        """Show it at the card, with the model in use chosen."""
        self.search.clear()
        self._fill()
        self.view.choose(self.picker.row)
        self.resize(max(WIDE, card.width()), min(TALL, self._wanted()))
        self.move(self._place(card))
        self.show()
        self.search.setFocus()
        self.view.scrollTo(self.view.currentIndex())

    def toggle(self) -> None:
        """Make the chosen one a favourite, or no longer one."""
        row = self.view.chosen
        if row is not None:
            self.session.collection.liked.toggle(row.name)
            self.view.choose(row)

    def choose(self) -> None:
        """Draw with the chosen one, and close."""
        row = self.view.chosen
        if row is not None:
            self.session.settings.model = row.name
            self.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in KEYS:
                self.view.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.choose()
                return True
        return super().eventFilter(watched, event)

    def _fill(self) -> None:
        liked, chosen = self.session.collection.liked, self.view.chosen
        rows = to_choose(self.session.models, liked.favourites, liked.recent)
        self.view.list.show(rows)
        self.view.choose(chosen)
        self._show_empty()

    def _search(self, words: str) -> None:
        self.view.list.show(self.view.list.rows, words)
        self.view.choose(None)
        self._show_empty()

    def _show_empty(self) -> None:
        found = bool(self.view.list.shown)
        self.view.setVisible(found)
        self.empty.setVisible(not found)
        self._show_star()

    def _show_star(self) -> None:
        row = self.view.chosen
        self.star.setEnabled(row is not None)
        liked = bool(row and row.name in self.session.collection.liked.favourites)
        self.star.setText("No favourite any more" if liked else "Favourite")

    def _clicked(self, index: QModelIndex) -> None:
        if self.view.list.row(index) is not None:
            self.choose()

    def _manage(self) -> None:
        self.close()
        self.picker.manage.emit()

    def _wanted(self) -> int:
        """Pixels that everything would need."""
        rows = sum(self.view.sizeHintForRow(i) for i in range(len(self.view.list.shown)))
        return rows + 120

    def _place(self, card: QWidget) -> QPoint:
        below = card.mapToGlobal(QPoint(0, card.height() + 2))
        room: QRect = card.screen().availableGeometry()
        if below.y() + self.height() > room.bottom():
            below.setY(max(room.top(), room.bottom() - self.height()))
        below.setX(max(room.left(), min(below.x(), room.right() - self.width())))
        return below
