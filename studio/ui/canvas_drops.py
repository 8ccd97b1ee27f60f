"""Files and pictures dropped on the canvas."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage
from PySide6.QtWidgets import QWidget

from studio.session.document import Document
from studio.ui.canvas_screen import CanvasScreen


class CanvasDrops(CanvasScreen):
    """Shows that a drop would be taken; what is done with it is the stage's matter."""

    files_dropped = Signal(list)
    """Paths of files, as text."""
    image_dropped = Signal(QImage)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        data = event.mimeData()
        if data.hasImage() or any(url.isLocalFile() for url in data.urls()):
            event.acceptProposedAction()
            self._drag_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drag_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._drag_over(False)
        data = event.mimeData()
        paths = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if paths:
            self.files_dropped.emit(paths)
        else:
            self.image_dropped.emit(QImage(data.imageData()))

    def _drag_over(self, on: bool) -> None:
        self._dragged_over = on
        self.update()
