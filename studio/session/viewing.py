"""What the person looks at: a step, a run's newest x̂0, a result, an older picture, or the desk.

All of it is only shown over the document, until `settle` makes it the document's picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from psygnal import Signal

from studio.core.picture import Picture
from studio.session.desk import Desk, Known
from studio.session.runs import RunView


@dataclass(frozen=True)
class Shown:
    """A picture shown instead of the document's, and why."""

    picture: Picture
    caption: str
    kind: Literal["live", "step", "result", "history"]


class Viewing:
    """`changed` follows every change of `shown`, `run`, `step` or `offer`."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.run: RunView | None = None
        """The run in the trajectory strip."""
        self.step: int | None = None
        """The step looked at; None follows the run."""
        self.offer: RunView | None = None
        """A run whose results wait to be accepted, since the desk holds work of the person."""
        self.past: tuple[Picture, Known] | None = None
        """An older picture, looked at from the history."""
        self.comparing = False

    @property
    def shown(self) -> Shown | None:
        """What to show over the document, or None for the document itself."""
        run = self.run
        if self.comparing:
            return None
        if self.past is not None:
            return Shown(self.past[0], self.past[1].record.recipe.prompt, "history")
        if run and self.step is not None:
            preview = run.preview(self.step, run.image)
            return Shown(preview, step_text(run, self.step), "step") if preview else None
        if run and run.active and run.newest is not None:
            preview = run.preview(run.newest, run.image)
            return Shown(preview, step_text(run, run.newest), "live") if preview else None
        if self.offer:
            result = self.offer.results[self.offer.image]
            return Shown(result.picture, result_text(self.offer), "result")
        return None

    def follow(self, run: RunView | None) -> None:
        """Look at this run as it goes."""
        self.select(run, None)

    def select(self, run: RunView | None, step: int | None) -> None:
        """Look at one step of a run; None goes back to the picture."""
        self.run, self.step, self.past = run, step, None
        self.changed.emit()

    def look_back(self, picture: Picture, known: Known) -> None:
        """Look at an older picture without putting it on the desk."""
        self.desk.remember(picture, known)
        self.past, self.step = (picture, known), None
        self.changed.emit()

    def compare(self, on: bool) -> None:
        """Show the document for as long as this is on."""
        self.comparing = on
        self.changed.emit()

    def choose(self, image: int) -> None:
        """Look at this picture of the batch of the run in the strip."""
        run = self.run
        if run is None or not 0 <= image < run.recipe.batch or image == run.image:
            return
        here = run.results[run.image].picture if run.results else None
        run.image = image
        if here is not None and here is self.desk.document.picture and not self.desk.own:
            self.desk.place(*_result(run))
        self.changed.emit()

    def finished(self, run: RunView) -> None:
        """Show the results: on the desk if it is free, else over it, to be accepted."""
        run.image = min(run.image, len(run.results) - 1)
        for result in run.results:
            self.desk.remember(result.picture, Known(result.path, result.record))
        if run.edits or self.desk.own:
            self.offer = run
        else:
            self.offer = None
            self.desk.place(*_result(run))
        self.changed.emit()

    def rescue(self, run: RunView) -> str:
        """Show the last step of a failed run that took them all, and say so; "" for any other.

        All that failed was the keeping, and the last step is where the picture still is.
        """
        if run is not self.run or run.newest is None or run.progress < 1:
            return ""
        self.select(run, run.newest)
        return "The last step shows the picture: Save as can put it elsewhere."

    def accept(self) -> None:
        """Take the offered result as the document's picture: one undo step."""
        run, self.offer = self.offer, None
        if run is None:
            return
        self.step = self.past = None
        if run.edits:
            self.desk.merge(*_result(run))
        else:
            self.desk.place(*_result(run))
        self.changed.emit()

    def discard(self) -> None:
        """Let the offered result go; it stays in the history."""
        self.offer = None
        self.changed.emit()

    def settle(self) -> None:
        """Make the picture that is looked at the one worked on, as when painting begins."""
        if self.past is not None:
            past, self.past = self.past, None
            self.offer = None
            self.desk.place(*past)
        elif self.step is not None:
            self.step = None
        elif self.offer is not None and self.shown is not None and self.shown.kind == "result":
            self.accept()
            return
        else:
            return
        self.changed.emit()

    def leave(self) -> bool:
        """Go back one thing: the older picture, the step, the offer. False if there was none."""
        if self.past is not None:
            self.past = None
        elif self.step is not None:
            self.step = None
        elif self.offer is not None:
            self.offer = None
        else:
            return False
        self.changed.emit()
        return True


def step_text(run: RunView, index: int) -> str:
    """The caption of a step: its number and noise level."""
    level = run.levels.get(index)
    return f"Step {index} · σ {level.sigma:.2f}" if level else f"Step {index}"


def result_text(run: RunView) -> str:
    """The caption of a result; with a mask it says in numbers what was left alone."""
    count = f"Result {run.image + 1} of {len(run.results)}" if len(run.results) > 1 else "Result"
    changed = run.results[run.image].changed_outside
    if changed is None:
        return count
    pixels = "1 pixel" if changed == 1 else f"{changed:,} pixels"
    return f"{count} · {pixels} changed outside the mask"


def _result(run: RunView) -> tuple[Picture, Known]:
    result = run.results[run.image]
    return result.picture, Known(result.path, result.record)
