"""What the person looks at: a step, a run's newest x̂0, a result, an older picture, or the desk.

All of it is only shown over the document, until `settle` makes it the document's picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from psygnal import Signal

from studio.core.picture import Picture
from studio.core.wishes import GUIDED, View
from studio.session.captions import result_text, view_text
from studio.session.desk import Desk, Known
from studio.session.runs import RunView
from studio.session.sights import Sights, Spot

SLOT = "look"
"""The slot of what is looked at, among `Sights`; what it is compared with has another."""


@dataclass(frozen=True)
class Shown:
    """A picture shown instead of the document's, and why. `place`: of a step. `scale`: of a heat
    map, see `Looked`."""

    picture: Picture
    caption: str
    kind: Literal["live", "step", "result", "history"]
    place: Spot | None = None
    scale: float = 0.0


class Viewing:
    """`changed` follows every change of `shown`, `run`, `step` or `offer`, but for better pictures
    of the same: `Sights` tells of those."""

    changed = Signal()

    def __init__(self, desk: Desk, sights: Sights) -> None:
        self.desk = desk
        self.sights = sights
        self.view: View = "x0"
        """What is looked at of a step."""
        self.pure = False
        """Whether heat maps are shown without the picture beneath."""
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
        if run and self.place is not None:
            return self._sight(run, self.place)
        if self.offer:
            result = self.offer.results[self.offer.image]
            return Shown(result.picture, result_text(self.offer), "result")
        return None

    @property
    def place(self) -> Spot | None:
        """The step looked at, or the newest of a run that is going."""
        run = self.run
        if run is None or self.past is not None:
            return None
        step = run.newest if self.step is None and run.active else self.step
        if step is None or step not in run.previews:
            return None
        view: View = "x0" if self.view in GUIDED and not guided(run, step) else self.view
        return Spot(run.id, step, run.image, view, self.pure)

    def _sight(self, run: RunView, place: Spot) -> Shown | None:
        kind: Literal["live", "step"] = "live" if self.step is None else "step"
        seen = None
        # Of the prediction there is a thumbnail, which is better than another step.
        if place.view != "x0" or self.sights.find(place):
            seen = self.sights.seen(SLOT, place)
        if seen is not None:
            at, sight = seen
            caption = view_text(run, at.step, at.view, sight.exact)
            return Shown(sight.picture, caption, kind, place, sight.scale)
        picture = run.preview(place.step, place.image)
        if picture is None:
            return None
        exact = False if place.view == "x0" else None
        return Shown(picture, view_text(run, place.step, place.view, exact), kind, place)

    def show(self, view: View) -> None:
        """Look at this view of the step; of the newest one if none is looked at."""
        self.view = view
        run = self.run
        if run is not None and self.place is None and run.newest is not None:
            self.step, self.past = run.newest, None
        self.changed.emit()

    def show_pure(self, on: bool) -> None:
        """Show heat maps alone, or over the picture."""
        self.pure = on
        self.changed.emit()

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

    @property
    def known(self) -> Known | None:
        """Where the older picture came from that is looked at, or the one on the desk."""
        picture = self.desk.document.picture
        on_desk = self.desk.known(picture) if picture is not None else None
        return self.past[1] if self.past is not None else on_desk

    def accompany(self, run: RunView) -> None:
        """Put a run into the strip, if it still is the one of the picture that is looked at."""
        known = self.known
        if known is not None and known.record.run == run.id:
            run.image = min(known.record.image, run.recipe.batch - 1)
            self.run, self.step = run, None
            self.changed.emit()

    def unaccompanied(self) -> None:
        """The picture that is looked at has no steps: show none, but for a run that is going."""
        if self.run is not None and not self.run.active:
            self.run = self.step = None
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


def guided(run: RunView, step: int) -> bool:
    """Whether guidance made two predictions of this step, so that both can be seen."""
    level = run.levels.get(step)
    return level is not None and bool(level.guidance)


def _result(run: RunView) -> tuple[Picture, Known]:
    result = run.results[run.image]
    return result.picture, Known(result.path, result.record)
