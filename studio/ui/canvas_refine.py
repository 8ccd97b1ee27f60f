"""What takes long to draw well, done between events so that the window never waits for it."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from studio.ui.canvas_layers import PictureLayer

TURN = 0.004
"""Seconds of work between two events."""


class Refiner(QObject):
    """Works on one layer of `canvas`, the one that is seen, and has it painted again when done."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._layer: PictureLayer | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._turn)

    def see(self, layer: PictureLayer) -> None:
        """This layer was just painted."""
        self._layer = layer
        if layer.unfinished is None:
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def _turn(self) -> None:
        work = self._layer.unfinished if self._layer else None
        until = time.perf_counter() + TURN
        while work is not None and time.perf_counter() < until:
            if next(work, self) is self:
                work = None
        if work is None:
            self._timer.stop()
            self._canvas.update()
