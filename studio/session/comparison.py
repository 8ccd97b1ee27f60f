"""Two things looked at side by side: any two views, steps, runs or pictures.

A is whatever is looked at; B is what it is compared with. A and B may take a different number of
steps, so B follows A by noise level: step 20 of 50 is not the end of a run of 20 steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from psygnal import Signal

from studio.core.wishes import GUIDED, View
from studio.session.alignment import alignment_hint, alignment_text, nearest
from studio.session.captions import view_text
from studio.session.panes import MODES, RATES, Mode, Pane, Side, Still
from studio.session.queue import Queue
from studio.session.runs import RunView
from studio.session.sights import Sights, Spot
from studio.session.viewing import Viewing, guided

SLOT = "beside"


class Comparison:
    """`changed` follows every change of what is compared, and how; of better pictures of the same
    `Sights` tells."""

    changed = Signal()

    def __init__(self, viewing: Viewing, queue: Queue, sights: Sights) -> None:
        self._viewing, self._queue, self._sights = viewing, queue, sights
        self.on = False
        self.mode: Mode = "wipe"
        self.rate = 1.0
        self.other: Pane | Still | None = None
        """B."""
        viewing.changed.connect(self._follow)

    # What is compared

    def start(self, other: Pane | Still | None = None) -> bool:
        """Compare with this, or with what is most worth it; False if there is nothing."""
        other = other or self.other or self.suggestion()
        if other is None:
            return False
        self.other, self.on = other, True
        self._tell()
        return True

    def stop(self) -> bool:
        """Show only A again; False if that is so already."""
        was, self.on = self.on, False
        if was:
            self._tell()
        return was

    def suggestion(self) -> Pane | Still | None:
        """The run this one branched from, the picture that was worked on, or the run before."""
        run, document = self._viewing.run, self._viewing.desk.document
        if run is not None and run.parent in self._queue.runs:
            return Pane(run.parent)
        if document.picture is not None and self._viewing.shown is not None:
            before = self._viewing.offer is not None
            return Still(document.picture, "Before" if before else document.name or "Picture")
        earlier = [other for other in self.runs if other is not run]
        if earlier:
            return Pane(earlier[0].id)
        if run is not None and self._viewing.place is not None and run.newest is not None:
            return Pane(run.id, run.newest)
        return None

    @property
    def runs(self) -> list[RunView]:
        """The runs there are to compare with, newest first."""
        return [run for run in reversed(self._queue.runs.values()) if run.previews]

    def with_parent(self, run: RunView) -> bool:
        """Compare a branch with the run it came from, at the same noise level."""
        if run.parent not in self._queue.runs:
            return False
        if self._viewing.run is not run:
            self._viewing.select(run, None)
        return self.start(Pane(run.parent))

    def pin(self) -> bool:
        """Take what is looked at now as B, to go on looking around with A."""
        shown = self._viewing.shown
        if shown is not None and shown.place is not None:
            at = shown.place
            return self.start(Pane(at.run, at.step, at.view, at.image))
        side = self._a()
        return side is not None and self.start(Still(side.picture, side.caption))

    def show(self, view: View | None) -> None:
        """Show this view in B, or None: always A's."""
        if isinstance(self.other, Pane):
            self.other = replace(self.other, view=view)
            self._tell()

    def follow(self, on: bool) -> None:
        """Have B follow A by noise level, or stay where it is."""
        if isinstance(self.other, Pane):
            place = self.place
            self.other = replace(self.other, step=None if on or not place else place.step)
            self._tell()

    def go(self, step: int) -> None:
        """Show this step in B, and stay there."""
        if isinstance(self.other, Pane):
            self.other = replace(self.other, step=step)
            self._tell()

    @property
    def follows(self) -> bool:
        return isinstance(self.other, Pane) and self.other.step is None

    @property
    def can_swap(self) -> bool:
        return self._viewing.place is not None and self.place is not None

    def swap(self) -> None:
        """A becomes B and B becomes A, if both are steps."""
        a, b = self._viewing.place, self.place
        run = self._queue.runs.get(b.run) if b else None
        if a is None or b is None or run is None or not isinstance(self.other, Pane):
            return
        view = None if self.other.view is None else a.view
        step = None if self.follows else a.step
        self.other = Pane(a.run, step, view, a.image)
        run.image, self._viewing.view = b.image, b.view
        self._viewing.select(run, b.step)

    # How

    def set_mode(self, mode: Mode) -> None:
        if mode != self.mode:
            self.mode = mode
            self.changed.emit()

    def set_rate(self, rate: float) -> None:
        """Changes a second when blinking, at most the fastest of `RATES`."""
        self.rate = min(max(rate, RATES[0]), RATES[-1])
        self.changed.emit()

    def to_json(self) -> dict[str, Any]:
        """How it is compared, for `from_json` at the next start."""
        return {"mode": self.mode, "rate": self.rate}

    def from_json(self, data: Mapping[str, Any]) -> None:
        """Compare as before; what is missing or damaged is left as it is."""
        for mode, _, _ in MODES:
            if data.get("mode") == mode:
                self.set_mode(mode)
        if data.get("rate") in RATES:
            self.set_rate(float(data["rate"]))

    # What is seen

    @property
    def sides(self) -> tuple[Side, Side] | None:
        """A and B as they are shown now; None while nothing is compared, or one is not there."""
        if not self.on or self._viewing.comparing:
            return None
        a, b = self._a(), self._b()
        return (a, b) if a is not None and b is not None else None

    @property
    def place(self) -> Spot | None:
        """The step that B shows."""
        pane, a = self.other, self._viewing.place
        run = self._run
        if run is None or not isinstance(pane, Pane) or self._ended(run) is not None:
            return None
        step = pane.step
        if step is None:
            step = self._aligned(run)
        if step is None or step not in run.previews:
            return None
        view = pane.view or (a.view if a else "x0")
        if view in GUIDED and not guided(run, step):
            view = "x0"
        return Spot(run.id, step, self._image(run), view, self._viewing.pure)

    @property
    def alignment(self) -> str:
        """How the steps of A and B go together, in words; "" if they are not both steps."""
        return self._alignment()

    @property
    def alignment_brief(self) -> str:
        """The same for where there is little room."""
        return self._alignment(brief=True)

    def _alignment(self, brief: bool = False) -> str:
        a, b, other, run = self._viewing.place, self.place, self._run, self._viewing.run
        if a is None or b is None or other is None or run is None or other is run:
            return ""
        return alignment_text(run, a, other, b, self.follows, brief)

    @property
    def hint(self) -> str:
        """What is easily got wrong about that; "" where nothing is."""
        a, other, run = self._viewing.place, self._run, self._viewing.run
        if not (a and other and run and self.follows) or run.steps == other.steps:
            return ""
        return alignment_hint(run, a, other)

    @property
    def _run(self) -> RunView | None:
        return self._queue.runs.get(self.other.run) if isinstance(self.other, Pane) else None

    def _a(self) -> Side | None:
        shown, document = self._viewing.shown, self._viewing.desk.document
        if shown is not None:
            return Side(shown.picture, shown.caption, shown.place, shown.scale)
        if document.picture is None:
            return None
        return Side(document.picture, document.name or "Picture")

    def _b(self) -> Side | None:
        if isinstance(self.other, Still):
            return Side(self.other.picture, self.other.title)
        run, place = self._run, self.place
        if run is None:
            return None
        ended = self._ended(run)
        if ended is not None:
            return ended
        if place is None:
            return None
        seen = None
        if place.view != "x0" or self._sights.find(place):
            seen = self._sights.seen(SLOT, place)
        if seen is not None:
            at, sight = seen
            caption = view_text(run, at.step, at.view, sight.exact)
            return Side(sight.picture, caption, place, sight.scale)
        small = run.preview(place.step, place.image)
        exact = False if place.view == "x0" else None
        caption = view_text(run, place.step, place.view, exact)
        return None if small is None else Side(small, caption, place)

    def _ended(self, run: RunView) -> Side | None:
        """B's result, where A is a result or a picture too: both at the end."""
        if not self.follows or self._viewing.place is not None or not run.results:
            return None
        result = run.results[min(self._image(run), len(run.results) - 1)]
        return Side(result.picture, f"Result · {result.path.name}")

    def _image(self, run: RunView) -> int:
        """Which picture of B's batch: the one that was asked for, or the same as A's."""
        asked = self.other.image if isinstance(self.other, Pane) else None
        own = self._viewing.run
        shown = own.image if own is not None else run.image
        return min(shown if asked is None else asked, run.recipe.batch - 1)

    def _aligned(self, run: RunView) -> int | None:
        a, own = self._viewing.place, self._viewing.run
        if a is None or own is None:
            return run.newest
        if run is own:
            return a.step
        level = own.levels.get(a.step)
        return nearest(level, run.levels) if level else run.newest

    def _follow(self) -> None:
        if self.on:
            self._tell()

    def _tell(self) -> None:
        self._sights.look(SLOT, self.place if self.on else None)
        self.changed.emit()
