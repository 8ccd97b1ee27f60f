"""The trajectory strip: x̂0 of every step, to look at, scrub, play and branch from."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from studio.core.picture import Picture
from studio.ui.icons import dress
from studio.ui.strip_model import Film
from studio.ui.strip_view import FilmView

PLAYING = 4000
"""Milliseconds to play all steps in, if that is not too fast or slow."""
FASTEST, SLOWEST = 33, 250
BRANCH = "Continue from here…"


class TrajectoryStrip(QWidget):
    """One run's steps, of one picture of its batch. Tells what the person picks; `select` from
    outside tells nothing back."""

    step_selected = Signal(int)
    branch_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setAccessibleName("Trajectory")
        self.film = FilmView(Film(), self)
        self.play_button = QToolButton(self)
        self.play_button.setObjectName("strip_play")
        self.play_button.setProperty("flat", True)
        self.play_button.setIconSize(QSize(16, 16))
        self.play_button.clicked.connect(self.toggle_play)
        self.words = QLabel(self)
        self.words.setObjectName("strip_text")
        self.branch_button = QToolButton(self)
        self.branch_button.setObjectName("strip_branch")
        self.branch_button.setProperty("flat", True)
        self.branch_button.setText(BRANCH)
        self.branch_button.setAccessibleName("Continue from this step")
        self.branch_button.setToolTip(
            "Start a new run from this step, with the settings as set now"
        )
        self.branch_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.branch_button.setIconSize(QSize(16, 16))
        self.branch_button.clicked.connect(self._branch)
        dress(self.branch_button, "git-branch")

        row = QHBoxLayout()
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(6)
        row.addWidget(self.play_button)
        row.addWidget(self.words, 1)
        row.addWidget(self.branch_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(row)
        box.addWidget(self.film, 1)
        self.setFocusProxy(self.film)

        self._timer = QTimer(self)
        self._timer.timeout.connect(self._play_on)
        self.film.picked.connect(self._picked)
        self.film.play_wanted.connect(self.toggle_play)
        self.film.menu_wanted.connect(self._show_menu)
        self._tell()

    @property
    def selected(self) -> int | None:
        return self.film.film.selected

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def start(self, steps: int, first: int = 0) -> None:
        """A run of so many steps begins, at step `first`; those before it are not taken."""
        self._pause()
        self.film.show_film(Film(steps, first, running=True))
        self.film.horizontalScrollBar().setValue(0)
        self._tell()

    def add(self, index: int, picture: Picture, text: str) -> None:
        """x̂0 of this step, or a better picture of it. Raises IndexError if there is no such step.

        `text` says more of the step: "Step 7 · σ 0.83".
        """
        film = self.film.film
        aspect, newest = film.aspect, film.newest
        film.add(index, picture, text)
        self.film.renew(index)
        if film.aspect != aspect:
            self.film.refresh()
        if film.running and film.selected is None and film.newest != newest:
            self.film.reveal(index)
        self._tell()

    def finish(self) -> None:
        """No more steps will come."""
        self.film.film.running = False
        self._tell()

    def clear(self) -> None:
        """No run."""
        self._pause()
        self.film.show_film(Film())
        self._tell()

    def select(self, index: int | None) -> None:
        """Mark this step as looked at. One without a picture, or None, marks nothing."""
        film = self.film.film
        if index is not None and index not in film.pictures:
            index = None
        if index is None:
            self._pause()
        if index != film.selected:
            self._mark(index)

    def toggle_play(self) -> None:
        """Go through the steps in turn, from the start if at the end; or stop doing so."""
        film = self.film.film
        if self.playing or film.newest is None or film.oldest is None:
            self._pause()
            return
        self._timer.start(min(max(PLAYING // film.steps, FASTEST), SLOWEST))
        if film.selected is None or film.selected >= film.newest:
            self._go(film.oldest)
        self._tell()

    def _play_on(self) -> None:
        film = self.film.film
        index = film.neighbour(1)
        if index is not None and index != film.selected:
            self._go(index)
        elif not film.running:
            self._pause()

    def _pause(self) -> None:
        if self.playing:
            self._timer.stop()
            self._tell()

    def _picked(self, index: int) -> None:
        self._timer.stop()
        self._go(index)

    def _go(self, index: int) -> None:
        if index != self.film.film.selected:
            self._mark(index)
            self.step_selected.emit(index)

    def _mark(self, index: int | None) -> None:
        self.film.film.selected = index
        if index is not None:
            self.film.reveal(index)
        # numbers near the old and the new one make room: all that is seen is cheap to paint
        self.film.viewport().update()
        self._tell()

    def _branch(self) -> None:
        if self.selected is not None:
            self.branch_requested.emit(self.selected)

    def menu(self, index: int) -> QMenu:
        """What can be done with a step."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        branch = menu.addAction(BRANCH)
        dress(branch, "git-branch")
        branch.triggered.connect(lambda: self.branch_requested.emit(index))
        return menu

    def _show_menu(self, index: int, place: QPoint) -> None:
        self.menu(index).popup(place)

    def _tell(self) -> None:
        """Have words and buttons say what is so now."""
        film = self.film.film
        if film.selected is not None:
            words = film.texts[film.selected]
        elif film.running and film.newest is not None:
            words = f"{film.newest + 1} of {film.steps} steps"
        elif film.steps:
            words = f"{film.steps} steps"
        else:
            words = ""
        self.words.setText(words)
        self.film.setAccessibleDescription(words)
        self.branch_button.setEnabled(film.selected is not None)
        self.branch_button.setVisible(film.steps > 0)
        self.play_button.setEnabled(film.newest is not None)
        name = "Pause" if self.playing else "Play the steps"
        if name == self.play_button.accessibleName():
            return
        dress(self.play_button, "pause" if self.playing else "play")
        self.play_button.setAccessibleName(name)
        self.play_button.setToolTip(f"{name} (Space)")
