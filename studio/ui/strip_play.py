"""Playing the steps like a film: at a chosen speed, once or over and over."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from studio.ui.controls import button, name
from studio.ui.icons import dress
from studio.ui.strip_model import Film

PLAYING = 4000
"""Milliseconds to play all steps in at normal speed, if that is not too fast or slow a step."""
FASTEST, SLOWEST = 33, 250
SPEEDS = (0.5, 1.0, 2.0, 4.0)


def pace(steps: int, speed: float) -> tuple[int, int]:
    """Milliseconds between two pictures, and how many steps to go on each time.

    No picture is shown for less than two refreshes of a screen: instead, steps are left out.
    """
    each = min(max(PLAYING / max(1, steps), FASTEST), SLOWEST) / speed
    by = max(1, math.ceil(FASTEST / each - 1e-6))
    return max(1, round(each * by)), by


class Player(QWidget):
    """The buttons and the clock. `film` is asked for the steps, `go` told which one is next."""

    changed = Signal()
    """Playing began or ended, or how it is done was chosen anew."""

    def __init__(self, film: Callable[[], Film], go: Callable[[int], None]) -> None:
        super().__init__()
        self._film, self._go = film, go
        self.speed = 1.0
        name(self, "strip_player", "Play the steps")
        self.play_button = button("play", "strip_play", "Play the steps", "Play the steps (Space)")
        self.loop_button = button(
            "repeat", "strip_loop", "Play over and over", "Play over and over"
        )
        self.loop_button.setCheckable(True)
        self.speed_button = QToolButton()
        self.speed_button.setProperty("flat", True)
        self.speed_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        name(self.speed_button, "strip_speed", "Speed")
        self.speed_button.setMenu(self._menu())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for part in (self.play_button, self.loop_button, self.speed_button):
            row.addWidget(part)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on)
        self.play_button.clicked.connect(self.toggle)
        self.loop_button.toggled.connect(lambda: self.changed.emit())
        self.set_speed(1.0)

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    @property
    def loop(self) -> bool:
        return self.loop_button.isChecked()

    def set_loop(self, on: bool) -> None:
        self.loop_button.setChecked(on)

    def set_speed(self, speed: float) -> None:
        """One of `SPEEDS`; anything else is normal speed."""
        self.speed = speed if speed in SPEEDS else 1.0
        text = f"{self.speed:g}×"
        self.speed_button.setText(text)
        self.speed_button.setToolTip(f"Speed: {text}")
        self.speed_button.setAccessibleDescription(text)
        for action in self.speed_button.menu().actions():
            action.setChecked(action.data() == self.speed)
        if self.playing:
            self._timer.setInterval(pace(self._film().steps, self.speed)[0])
        self.changed.emit()

    def toggle(self) -> None:
        """Go through the steps in turn, from the start if at the end; or stop doing so."""
        film = self._film()
        if self.playing or film.newest is None or film.oldest is None:
            self.stop()
            return
        self._timer.start(pace(film.steps, self.speed)[0])
        if film.selected is None or film.selected >= film.newest:
            self._go(film.oldest)
        self._tell()

    def stop(self) -> None:
        if self.playing:
            self._timer.stop()
            self._tell()

    def _on(self) -> None:
        film = self._film()
        index = film.neighbour(pace(film.steps, self.speed)[1])
        if index is not None and index != film.selected:
            self._go(index)
        elif film.running:
            return  # more are on their way
        elif self.loop and film.oldest is not None:
            self._go(film.oldest)
        else:
            self.stop()

    def _tell(self) -> None:
        words = "Pause" if self.playing else "Play the steps"
        dress(self.play_button, "pause" if self.playing else "play")
        self.play_button.setAccessibleName(words)
        self.play_button.setToolTip(f"{words} (Space)")
        self.changed.emit()

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        for speed in SPEEDS:
            action = menu.addAction(f"{speed:g}×")
            action.setData(speed)
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _=False, speed=speed: self.set_speed(speed))
        return menu
