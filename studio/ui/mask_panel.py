"""Grow, shrink, feather, … by so many pixels: shown on the canvas while the amount is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from studio.imaging import reshaping
from studio.imaging.reshaping import Amount
from studio.session.document import Document
from studio.session.pen import Pen
from studio.ui.bind import watch
from studio.ui.controls import label, name
from studio.ui.slidefield import SlideField, as_whole

DELAY = 40
"""Milliseconds after a change of the amount until it is shown."""
_MARGIN = 12


@dataclass(frozen=True)
class Operation:
    """`field` of the pen remembers the amount."""

    title: str
    field: str
    change: Amount
    what: str


OPERATIONS = (
    Operation("&Grow", "grow_by", reshaping.grown, "by"),
    Operation("S&hrink", "shrink_by", reshaping.shrunk, "by"),
    Operation("&Feather", "feather_by", reshaping.feathered, "by"),
    Operation("S&mooth", "smooth_by", reshaping.smoothed, "by"),
    Operation("Fill h&oles", "holes_up_to", reshaping.filled, "up to"),
    Operation("Remove s&pecks", "specks_up_to", reshaping.despeckled, "up to"),
)
LARGEST = 500


class MaskPanel(QFrame):
    """Lies over the canvas's upper edge. Enter applies; Esc takes back; painting on applies."""

    def __init__(self, document: Document, pen: Pen, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.document, self.pen, self.canvas = document, pen, canvas
        self.operation: Operation | None = None
        self.setProperty("card", True)
        # Not the canvas's own, which makes the words of everything on it as light as paper.
        self.setBackgroundRole(QPalette.ColorRole.Window)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        name(self, "mask_panel", "Change the mask")
        self.title = label("", "heading")
        self.amount = SlideField(
            "", "mask_amount", (1, LARGEST), "px", even=True, accessible="Amount in pixels"
        )
        self.amount.setFixedWidth(170)
        self.cancel = QPushButton("Cancel")
        name(self.cancel, "mask_cancel", "Leave the mask as it was", "Esc")
        self.apply = QPushButton("Apply")
        self.apply.setDefault(True)
        name(self.apply, "mask_apply", "Keep the mask like this", "Enter")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        for part in (self.title, self.amount, self.cancel, self.apply):
            row.addWidget(part)
        self.hide()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(DELAY)
        self._soon.timeout.connect(self._try)
        self.amount.changed.connect(self._changed)
        self.cancel.clicked.connect(self.leave)
        self.apply.clicked.connect(self.finish)
        canvas.installEventFilter(self)
        # Whatever else is done settles what is tried, and there is nothing left to choose.
        watch(document.history_changed, self, self._close)
        watch(document.picture_changed, self, self._close)

    def begin(self, operation: Operation) -> None:
        """Show what an operation makes of the mask, by the amount of the last time."""
        self.document.settle()
        self.operation = operation
        self.title.setText(operation.title.replace("&", ""))
        self.amount.text = operation.what
        self.amount.set_amount(getattr(self.pen, operation.field))
        self.adjustSize()
        self._arrange()
        self.show()
        self.raise_()
        self.amount.setFocus()
        self._try()

    def finish(self) -> None:
        """The mask stays as it is seen: one step to undo."""
        if self._soon.isActive():
            self._try()
        self.document.settle()
        self._close()

    def leave(self) -> None:
        """The mask is what it was."""
        self.document.give_up()
        self._close()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # or it would stop a run
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.leave()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return super().eventFilter(watched, event)

    def _changed(self) -> None:
        if self.operation is not None:
            setattr(self.pen, self.operation.field, as_whole(self.amount))
            self._soon.start()

    def _try(self) -> None:
        self._soon.stop()
        if self.operation is not None:
            change, pixels = self.operation.change, as_whole(self.amount)
            self.document.try_out(lambda mask, painted: change(mask, painted, pixels))

    def _close(self, *_: object) -> None:
        if self.operation is None:
            return
        self.operation = None
        self._soon.stop()
        had_focus = self.isAncestorOf(self.focusWidget() or self)
        self.hide()
        if had_focus:
            self.canvas.setFocus()

    def _arrange(self) -> None:
        room = self.canvas.width()
        self.move(max(0, (room - self.width()) // 2), _MARGIN)
