"""Under the canvas: which picture of the batch, and whether to take it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from studio.core.picture import Picture
from studio.session.captions import result_text
from studio.session.runs import RunView
from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.controls import label, name
from studio.ui.icons import dress, true_icon
from studio.ui.pixels import to_qimage

THUMB = 56


class ResultBar(QFrame):
    """Hidden while there is one picture and nothing to decide."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setProperty("bar", True)
        name(self, "results", "Results")
        self.thumbs = QListWidget()
        self.thumbs.setViewMode(QListView.ViewMode.IconMode)
        self.thumbs.setFlow(QListView.Flow.LeftToRight)
        self.thumbs.setWrapping(False)
        self.thumbs.setMovement(QListView.Movement.Static)
        self.thumbs.setIconSize(QSize(THUMB, THUMB))
        self.thumbs.setSpacing(2)
        self.thumbs.setMinimumWidth(2 * (THUMB + 16))
        self.thumbs.horizontalScrollBar().rangeChanged.connect(self._make_room)
        self._make_room()
        self.thumbs.setFrameShape(QFrame.Shape.NoFrame)
        self.thumbs.setProperty("thumbs", True)
        self.thumbs.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.thumbs.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        name(self.thumbs, "batch", "Pictures of the batch", "Left and right choose")
        self.caption = label("", "quiet")
        name(self.caption, "result_caption", "Result")
        self.caption.setWordWrap(True)
        self.caption.setMinimumWidth(self.fontMetrics().averageCharWidth() * 18)
        self.compare = QPushButton("Before")
        name(self.compare, "compare", "Before", "Hold to see the picture before (hold \\)")
        self.discard = QPushButton("Discard")
        name(self.discard, "discard", "Discard", "Keep the picture as it was (Esc)")
        self.accept = QPushButton("Accept")
        self.accept.setDefault(True)
        name(self.accept, "accept", "Accept", "Take this result (Ctrl+Shift+Enter)")
        dress(self.compare, "eye")
        dress(self.discard, "x")
        dress(self.accept, "check")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self.caption, 1)
        row.addWidget(self.thumbs, 4)
        for part in (self.compare, self.discard, self.accept):
            row.addWidget(part)
        self._drawn: dict[int, Picture] = {}
        self._run: RunView | None = None
        self.thumbs.currentRowChanged.connect(self._chosen)
        self.compare.pressed.connect(lambda: session.viewing.compare(True))
        self.compare.released.connect(lambda: session.viewing.compare(False))
        self.discard.clicked.connect(session.viewing.discard)
        self.accept.clicked.connect(session.viewing.accept)
        watch(session.viewing.changed, self, self._show)
        self._show()

    def _make_room(self, low: int = 0, high: int = 0) -> None:
        """For the scroll bar only while there is one."""
        bar = self.thumbs.horizontalScrollBar().sizeHint().height() if high > low else 0
        self.thumbs.setFixedHeight(THUMB + 18 + bar)

    def _show(self) -> None:
        viewing = self.session.viewing
        run = viewing.offer or viewing.run
        offered = viewing.offer is not None and viewing.offer is run
        batch = run is not None and run.recipe.batch > 1 and bool(run.previews)
        if run is not None and run.edits and run.results and not offered:
            batch = False  # One was taken, or none: nothing is left to choose.
        if run is None or not (batch or offered):
            self.hide()
            return
        self.thumbs.setVisible(batch)
        if batch:
            self._draw(run)
        for part in (self.compare, self.discard, self.accept):
            part.setVisible(offered)
        self.caption.setText(_caption(run, batch))
        self.show()

    def _draw(self, run: RunView) -> None:
        pictures = [result.picture for result in run.results]
        if not pictures and run.newest is not None:
            pictures = list(run.previews[run.newest])
        self.thumbs.blockSignals(True)
        if run is not self._run or self.thumbs.count() != len(pictures):
            self.thumbs.clear()
            self._drawn = {}
            self._run = run
            for number in range(len(pictures)):
                item = QListWidgetItem()
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"Picture {number + 1}")
                item.setToolTip(f"Picture {number + 1}, seed {run.recipe.single(number).seed}")
                item.setSizeHint(QSize(THUMB + 12, THUMB + 12))
                self.thumbs.addItem(item)
        for number, picture in enumerate(pictures):
            if self._drawn.get(number) is not picture:
                self._drawn[number] = picture
                self.thumbs.item(number).setIcon(_thumb(picture))
        self.thumbs.setCurrentRow(run.image)
        self.thumbs.blockSignals(False)

    def _chosen(self, row: int) -> None:
        if row >= 0:
            self.session.viewing.choose(row)


def _thumb(picture: Picture) -> QIcon:
    image = to_qimage(picture).scaled(
        THUMB * 2,
        THUMB * 2,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    return true_icon(QPixmap.fromImage(image))


def _caption(run: RunView, batch: bool) -> str:
    if run.results:
        return result_text(run)
    return f"Picture {run.image + 1} of {run.recipe.batch}" if batch else ""
