"""The strip and its curves, connected: the run's steps as they come, and the one looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.recipe import Recipe
from studio.session.captions import step_text
from studio.session.marks import marks
from studio.session.panes import Pane
from studio.session.runs import RunView
from studio.session.session import Session
from studio.ui.bind import watch
from studio.ui.branchbox import BranchBox
from studio.ui.controls import button, name
from studio.ui.curve_paint import GUTTER
from studio.ui.curve_panel import CurvePanel
from studio.ui.strip import TrajectoryStrip
from studio.ui.strip_transport import Transport

SOON = 40
"""Milliseconds after a step until the curves are drawn: quick steps share one drawing."""


class Steps(QWidget):
    """Shows the run that is viewed, all pictures of its batch."""

    grown = Signal(int)
    """So many pixels more, or less, are needed than before."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        name(self, "steps_area", "Steps of the run")
        self.strip = TrajectoryStrip(self)
        self.curves = CurvePanel(self.strip.film, self)
        self.curves_button = button(
            "chart-spline", "curves_shown", "Curves", "Show the run's numbers as curves"
        )
        self.curves_button.setCheckable(True)
        self.strip.row.addWidget(self.curves_button)
        self.transport = Transport(session)
        self.strip.row.insertWidget(self.strip.row.indexOf(self.strip.batch), self.transport)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.strip, 3)
        box.addWidget(self.curves, 2)
        self.curves.hide()
        self.branch_box = BranchBox(session, self)
        self._shown: tuple[str, int] | None = None
        self._recipe: Recipe | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON)
        self._soon.timeout.connect(lambda: self._draw(session.viewing.run))
        self.strip.step_selected.connect(self._selected)
        self.strip.image_selected.connect(self._image_selected)
        self.strip.branch_requested.connect(self._branch)
        self.strip.marked.connect(self.curves.tell)
        self.curves.picked.connect(self.strip.pick)
        self.curves_button.toggled.connect(self._show_curves)
        watch(session.viewing.changed, self, self._viewing_changed)
        watch(session.step_taken, self, self._step_taken)
        watch(session.queue.changed, self, self._run_changed)
        watch(session.past.changed, self, self._mark)
        watch(session.asked, self, self._mark)
        watch(session.comparison.changed, self, self._compare)

    def _viewing_changed(self) -> None:
        run = self.session.viewing.run
        shown = (run.id, run.steps) if run else None
        if shown != self._shown:
            self._shown = shown
            self._fill(run)
        if run is not None and run.image != self.strip.film.film.image:
            self.strip.choose(run.image)
            self._draw(run)
        self.strip.select(self.session.viewing.step)

    def _fill(self, run: RunView | None) -> None:
        self.strip.clear()
        if run is None or run.steps == 0:
            self._draw(None)
            return
        self.strip.start(run.steps, run.first, run.recipe.batch)
        for index in sorted(run.previews):
            self._add(run, index)
        if not run.active:
            self.strip.finish()
        self.strip.choose(run.image)
        self._mark()
        self._draw(run)

    def _mark(self, *_: object) -> None:
        run = self.session.viewing.run
        if run is not None:
            self._recipe = run.recipe
            runs, kept = self.session.queue.runs, self.session.past.entries
            self.strip.mark(marks(run, runs, kept))

    def _draw(self, run: RunView | None) -> None:
        if self.curves_button.isChecked():
            self.curves.show_run(run.levels if run else {}, run.image if run else 0)

    def _compare(self) -> None:
        """Draw the run compared with, where it has as much noise."""
        comparison = self.session.comparison
        pane = comparison.other if comparison.on else None
        run = self.session.viewing.run
        other = self.session.queue.runs.get(pane.run) if isinstance(pane, Pane) else None
        if not isinstance(pane, Pane) or other is None or run is None or other is run:
            self.curves.compare({})
        else:
            self.curves.compare(other.levels, run.image if pane.image is None else pane.image)

    def _show_curves(self, on: bool) -> None:
        self.strip.film.set_gutters(GUTTER if on else 0)
        self.curves.setVisible(on)
        self._draw(self.session.viewing.run)
        self.grown.emit(self.curves_height if on else -self.curves.height())

    @property
    def curves_height(self) -> int:
        """What the curves need, if they are shown."""
        return self.curves.sizeHint().height() if self.curves_button.isChecked() else 0

    def remembered(self) -> dict[str, Any]:
        """How the steps are shown, as JSON, for `remember` at the next start."""
        player = self.strip.player
        return {
            "curves": self.curves_button.isChecked(),
            "quantities": list(self.curves.names),
            "speed": player.speed,
            "loop": player.loop,
        }

    def remember(self, look: Mapping[str, Any]) -> None:
        """Show them as they were; what is missing or damaged is left as it is."""
        if isinstance(look.get("curves"), bool):
            self.curves_button.setChecked(look["curves"])
        if isinstance(look.get("loop"), bool):
            self.strip.player.set_loop(look["loop"])
        if isinstance(look.get("speed"), float | int):
            self.strip.player.set_speed(float(look["speed"]))
        names = look.get("quantities")
        if isinstance(names, list) and len(names) == 2:
            self.curves.choose(str(names[0]), str(names[1]))

    def _add(self, run: RunView, index: int) -> None:
        # The model's own view: with a mask that is the region filled, not the whole picture.
        self.strip.add(index, run.previews[index], step_text(run, index))

    def _step_taken(self, run: RunView, index: int) -> None:
        if run is self.session.viewing.run:
            self._add(run, index)
            if not self._soon.isActive():
                self._soon.start()

    def _run_changed(self, run: RunView) -> None:
        if run is not self.session.viewing.run:
            return
        if run.recipe is not self._recipe:  # it was edited
            self._mark()
        if not run.active:
            self.strip.finish()
            self._draw(run)

    def _selected(self, index: int) -> None:
        if index != self.session.viewing.step:
            self.session.select_step(index)

    def _image_selected(self, image: int) -> None:
        self.session.viewing.choose(image)

    def _branch(self, index: int) -> None:
        run = self.session.viewing.run
        if run is not None:
            button = self.strip.branch_button
            self.branch_box.pop_up(run, index, button.mapToGlobal(button.rect().topRight()))
