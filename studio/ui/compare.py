"""The canvas with what it is compared with: a divider, a second canvas beside it, or by turns."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.session.panes import Side
from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.canvas import CanvasView
from studio.ui.controls import name
from studio.ui.curtain import Curtain
from studio.ui.legend import Legend
from studio.ui.sidecanvas import SideCanvas


class Compare(QWidget):
    """Holds the canvas. `show_sides` has it show two things, `show_one` one again."""

    def __init__(self, session: Session, canvas: CanvasView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.canvas = session, canvas
        name(self, "compare_area", "Picture")
        self.side = SideCanvas(canvas, self)
        self.side.hide()
        self.curtain = Curtain(canvas)
        self.legends = (Legend(canvas), Legend(self.side), Legend(canvas, left=True))
        """Of the canvas alone, of the second canvas, and of A where both are on one."""
        canvas.overlays.add(self.legends[0])
        canvas.overlays.add(self.legends[2])
        self.side.overlays.add(self.legends[1])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(canvas, 1)
        row.addWidget(self.side, 1)
        canvas.installEventFilter(self)
        self._blink = QTimer(self)
        self._blink.timeout.connect(self.curtain.flip)
        watch(session.comparison.changed, self, self._time)

    def show_one(self, side: Side | None) -> None:
        """Show A alone, or the document if there is none."""
        self._curtain(False)
        self.side.hide()
        self._legend(0, side)
        self._legend(1, None)
        self._legend(2, None)
        if side is None:
            self.canvas.show_picture(None)
        else:
            self.canvas.show_picture(side.picture, side.caption)

    def show_sides(self, a: Side, b: Side) -> None:
        """Show both in the way that is chosen."""
        mode = self.session.comparison.mode
        captions = (f"A · {a.caption}", f"B · {b.caption}")
        beside = mode == "side"
        self.curtain.show(mode, b.picture, captions)
        self._curtain(True)
        self.canvas.show_picture(a.picture, captions[0] if beside else "")
        self.side.setVisible(beside)
        if beside:
            self.side.show_picture(b.picture, captions[1])
            self.side.fit()
        self._legend(0, a if beside else b)
        self._legend(1, b if beside else None)
        self._legend(2, None if beside else a)

    def _curtain(self, on: bool) -> None:
        overlays = self.canvas.overlays
        if on != (self.curtain in list(overlays)):
            (overlays.add if on else overlays.remove)(self.curtain)
            self.canvas.feel()

    def _legend(self, which: int, side: Side | None) -> None:
        legend = self.legends[which]
        if side is None or side.place is None:
            legend.scale = 0.0
        else:
            legend.show(side.place.view, side.scale)

    def _time(self) -> None:
        """Blink while that is to be seen."""
        comparison = self.session.comparison
        self.curtain.flipped = self.curtain.flipped and comparison.on
        if comparison.on and comparison.mode == "blink" and self.isVisible():
            interval = round(1000 / comparison.rate)
            if not self._blink.isActive() or self._blink.interval() != interval:
                self._blink.start(interval)
        else:
            self._blink.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._time()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._time()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            self.session.comparison.sides is not None
            and event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
        ):
            held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            shift = held == Qt.KeyboardModifier.ShiftModifier
            if (shift or not held) and self.curtain.press_key(event.key(), leap=shift):
                return True
        return super().eventFilter(watched, event)
