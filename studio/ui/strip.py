"""The trajectory strip: x̂0 of every step, to look at, scrub, play and branch from."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from studio.core.picture import Picture
from studio.session.marks import Mark
from studio.ui.controls import button, name
from studio.ui.icons import dress
from studio.ui.strip_model import Film
from studio.ui.strip_play import Player
from studio.ui.strip_view import FilmView

BRANCH = "Continue from here…"


class TrajectoryStrip(QWidget):
    """One run's steps, of each picture of its batch. Tells what the person picks; `select` and
    `choose` from outside tell nothing back."""

    step_selected = Signal(int)
    image_selected = Signal(int)
    branch_requested = Signal(int)
    marked = Signal()
    """Another step is marked as looked at, or what happened at steps."""
    menu_about_to_show = Signal(QMenu, int)
    """A step's menu, so that others can add to it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "strip", "Trajectory")
        self.film = FilmView(Film(), self)
        self.player = Player(lambda: self.film.film, self._go)
        self.play_button = self.player.play_button
        self.words = QLabel(self)
        self.words.setObjectName("strip_text")
        self.batch = _Batch(self)
        self.branch_button = QToolButton(self)
        self.branch_button.setProperty("flat", True)
        self.branch_button.setText(BRANCH)
        self.branch_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.branch_button.setIconSize(QSize(16, 16))
        self.branch_button.clicked.connect(self._branch)
        name(
            self.branch_button,
            "strip_branch",
            "Continue from this step",
            "Start a new run from this step, with the settings as set now",
        )
        dress(self.branch_button, "git-branch")

        self.row = QHBoxLayout()
        self.row.setContentsMargins(6, 3, 6, 3)
        self.row.setSpacing(6)
        self.row.addWidget(self.player)
        self.row.addWidget(self.words, 1)
        self.row.addWidget(self.batch)
        self.row.addWidget(self.branch_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(self.row)
        box.addWidget(self.film, 1)
        # The strip is never higher than its thumbnails can be, if these have a limit.
        box.setSizeConstraint(QLayout.SizeConstraint.SetMinAndMaxSize)
        self.setFocusProxy(self.film)

        self.player.changed.connect(self._tell)
        self.film.picked.connect(self.pick)
        self.film.image_picked.connect(self._image_picked)
        self.batch.moved.connect(lambda by: self._image_picked(self.film.film.image + by))
        self.film.play_wanted.connect(self.toggle_play)
        self.film.menu_wanted.connect(self._show_menu)
        self.film.moved.connect(self._show_batch)
        self._tell()

    @property
    def selected(self) -> int | None:
        return self.film.film.selected

    @property
    def playing(self) -> bool:
        return self.player.playing

    def start(self, steps: int, first: int = 0, batch: int = 1) -> None:
        """A run of so many steps begins, at step `first`; those before it are not its own."""
        self.player.stop()
        self.film.show_film(Film(steps, first, batch, running=True))
        self.film.horizontalScrollBar().setValue(0)
        self._tell()

    def add(self, index: int, pictures: Picture | tuple[Picture, ...], text: str) -> None:
        """x̂0 of this step, for each picture of the batch; or better pictures of it.

        `text` says more of the step: "Step 7 · σ 0.83". Raises IndexError if there is no such
        step.
        """
        film = self.film.film
        aspect, newest = film.aspect, film.newest
        film.add(index, pictures if isinstance(pictures, tuple) else (pictures,), text)
        self.film.renew(index)
        if film.aspect != aspect:
            self.film.refresh()
        if film.running and film.selected is None and film.newest != newest:
            self.film.reveal(index)
        self._tell()

    def mark(self, marks: Mapping[int, tuple[Mark, ...]]) -> None:
        """Say what happened at which steps."""
        if marks != self.film.film.marks:
            self.film.film.marks = marks
            self.film.viewport().update()
            self.marked.emit()

    def finish(self) -> None:
        """No more steps will come."""
        self.film.film.running = False
        self._tell()

    def clear(self) -> None:
        """No run."""
        self.player.stop()
        self.film.show_film(Film())
        self._tell()

    def select(self, index: int | None) -> None:
        """Mark this step as looked at. One without a picture, or None, marks nothing."""
        film = self.film.film
        if index is not None and index not in film.pictures:
            index = None
        if index is None:
            self.player.stop()
        if index != film.selected:
            self._mark(index)

    def choose(self, image: int) -> None:
        """Mark this picture of the batch as looked at."""
        film = self.film.film
        if image != film.image and 0 <= image < film.batch:
            film.image = image
            self.film.refresh()

    def toggle_play(self) -> None:
        """Go through the steps in turn, or stop doing so."""
        self.player.toggle()

    def pick(self, index: int) -> None:
        """What a click does: stop playing, go to the step, and tell."""
        self.player.stop()
        self._go(index)

    def _image_picked(self, image: int) -> None:
        film = self.film.film
        if 0 <= image < film.batch and image != film.image:
            self.choose(image)
            self.image_selected.emit(image)

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
        self.marked.emit()

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
        self.menu_about_to_show.emit(menu, index)
        return menu

    def _show_menu(self, index: int, place: QPoint) -> None:
        self.menu(index).popup(place)

    def _show_batch(self) -> None:
        """With a row for each picture there is no need to leaf through them."""
        self.batch.show_picture(self.film.film, self.film.layout_now.rows == 1)

    def _tell(self) -> None:
        """Have words and buttons say what is so now."""
        film = self.film.film
        if film.selected is not None:
            words = film.texts[film.selected]
        elif film.newest is not None and (film.running or film.newest + 1 < film.steps):
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
        for part in (self.player.loop_button, self.player.speed_button):
            part.setVisible(film.steps > 0)


class _Batch(QWidget):
    """Leafs through the pictures of a batch."""

    moved = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        name(self, "strip_batch", "Pictures of the batch")
        self.before = button("chevron-left", "strip_image_before", "Picture before", "Up")
        self.after = button("chevron-right", "strip_image_after", "Picture after", "Down")
        self.text = QLabel()
        self.text.setObjectName("strip_image")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for part in (self.before, self.text, self.after):
            row.addWidget(part)
        self.before.clicked.connect(lambda: self.moved.emit(-1))
        self.after.clicked.connect(lambda: self.moved.emit(1))
        self.hide()

    def show_picture(self, film: Film, wanted: bool) -> None:
        self.setVisible(wanted and film.batch > 1)
        self.text.setText(f"Picture {film.image + 1} of {film.batch}")
        self.before.setEnabled(film.image > 0)
        self.after.setEnabled(film.image < film.batch - 1)
