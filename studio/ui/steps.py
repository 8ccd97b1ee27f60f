"""The trajectory strip, connected: the run's steps as they come, and the one looked at."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.session.runs import RunView
from studio.session.session import Session
from studio.session.viewing import step_text
from studio.ui.bind import watch
from studio.ui.controls import name
from studio.ui.strip import TrajectoryStrip

PAUSE = 150
"""Milliseconds on one step before it is asked for at full quality: not while scrubbing."""


class Steps(QWidget):
    """Shows the run that is viewed, all pictures of its batch."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        name(self, "steps_area", "Steps of the run")
        self.strip = TrajectoryStrip(self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.strip)
        self._shown: tuple[str, int] | None = None
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(PAUSE)
        self._look.timeout.connect(session.look)
        self.strip.step_selected.connect(self._selected)
        self.strip.image_selected.connect(self._image_selected)
        self.strip.branch_requested.connect(self._branch)
        watch(session.viewing.changed, self, self._viewing_changed)
        watch(session.step_taken, self, self._step_taken)
        watch(session.queue.changed, self, self._run_changed)

    def _viewing_changed(self) -> None:
        run = self.session.viewing.run
        shown = (run.id, run.steps) if run else None
        if shown != self._shown:
            self._shown = shown
            self._fill(run)
        if run is not None:
            self.strip.choose(run.image)
        self.strip.select(self.session.viewing.step)

    def _fill(self, run: RunView | None) -> None:
        self.strip.clear()
        if run is None or run.steps == 0:
            return
        self.strip.start(run.steps, run.first, run.recipe.batch)
        for index in sorted(run.previews):
            self._add(run, index)
        if not run.active:
            self.strip.finish()

    def _add(self, run: RunView, index: int) -> None:
        # The model's own view: with a mask that is the region filled, not the whole picture.
        self.strip.add(index, run.previews[index], step_text(run, index))

    def _step_taken(self, run: RunView, index: int) -> None:
        if run is self.session.viewing.run:
            self._add(run, index)

    def _run_changed(self, run: RunView) -> None:
        if run is self.session.viewing.run and not run.active:
            self.strip.finish()

    def _selected(self, index: int) -> None:
        if index != self.session.viewing.step:
            self.session.select_step(index)
            self._look.start()

    def _image_selected(self, image: int) -> None:
        self.session.viewing.choose(image)
        if self.session.viewing.step is not None:
            self._look.start()

    def _branch(self, index: int) -> None:
        run = self.session.viewing.run
        if run is not None:
            self.session.branch(run.id, index)
