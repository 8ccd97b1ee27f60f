"""The second canvas, for comparing side by side: zoomed and moved as the first one is."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from studio.core.geometry import Size
from studio.session.document import Document
from studio.ui.canvas import CanvasView
from studio.ui.canvas_screen import CanvasScreen
from studio.ui.controls import name


class SideCanvas(CanvasScreen):
    """Shows; the hands' work goes to the first canvas, whose place and zoom this one has."""

    def __init__(self, main: CanvasView, parent: QWidget | None = None) -> None:
        self.main = main
        self._grip: QPointF | None = None
        super().__init__(Document(), parent)
        name(self, "side_canvas", "Compared picture")
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        main.view_changed.connect(self.fit)
        self.status_changed.connect(main.status_changed.emit)

    @property
    def frame(self) -> Size | None:
        return self.main.frame

    @property
    def smooth(self) -> bool:
        return self.main.smooth

    def fit(self) -> None:
        """Look where the first canvas looks."""
        if self.view != self.main.view:
            self.view = self.main.view
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        ratio = self.devicePixelRatioF()
        self.pointer = event.position() * ratio
        self.tell()
        if self._grip is not None:
            moved, self._grip = event.position() - self._grip, event.position()
            self.main.pan(moved.x() * ratio, moved.y() * ratio)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The same place in the first canvas is the same place of the picture.
        self.main.wheelEvent(event)
