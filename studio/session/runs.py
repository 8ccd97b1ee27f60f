"""One run as the window sees it: what is asked, how far it is, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import median
from typing import Literal

from studio.core.events import (
    Edited,
    Event,
    Failed,
    Finished,
    Loading,
    Paused,
    Plan,
    Queued,
    Recalled,
    Result,
    Resumed,
    Started,
    Stepped,
    Stopped,
)
from studio.core.geometry import Size
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.imaging.extending import extended
from studio.imaging.inlay import Inlay

RunState = Literal["queued", "loading", "running", "paused", "finished", "stopped", "failed"]


@dataclass
class RunView:
    """Changed by `fold` alone. `source` and `mask` are what was asked with, until it is over."""

    id: str
    recipe: Recipe
    source: Picture | None = None
    mask: Mask | None = None
    base: Size | None = None
    """The size of the picture it works on, without the margins it adds."""
    parent: str = ""
    """The run that this one branched from, at step `first`."""
    edits: bool = False
    """Whether it works on a picture of the person's, or branches from a run that does."""
    state: RunState = "queued"
    stopping: bool = False
    pausing: bool = False
    """Whether the person wants it to wait; when its step is done it does, and is `paused`."""
    first: int = 0
    steps: int = 0
    plan: Plan | None = None
    doing: str = ""
    """What is being loaded, while `state` is "loading"."""
    previews: dict[int, tuple[Picture, ...]] = field(default_factory=dict)
    """x̂0 of each step, as thumbnails."""
    latest: tuple[int, tuple[Picture, ...]] = (-1, ())
    """The newest step of a run that is going, larger."""
    levels: dict[int, Stepped] = field(default_factory=dict)
    """The numbers of each step taken: level, timestep, seconds."""
    results: tuple[Result, ...] = ()
    image: int = 0
    """Which picture of the batch is looked at."""
    seconds: float = 0.0
    failure: Failed | None = None
    inlay: Inlay | None = None

    @property
    def active(self) -> bool:
        return self.state in ("queued", "loading", "running", "paused")

    @property
    def progress(self) -> float:
        """The part of the steps that is done, 0..1."""
        if self.state == "finished":
            return 1.0
        wanted = self.steps - self.first
        return self.taken / wanted if wanted > 0 else 0.0

    @property
    def taken(self) -> int:
        """How many steps this run has taken itself."""
        return sum(index >= self.first for index in self.previews)

    @property
    def newest(self) -> int | None:
        return max(self.previews, default=None)

    @property
    def next_step(self) -> int:
        """The step that it takes next."""
        newest = self.newest
        return self.first if newest is None else max(self.first, newest + 1)

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the steps so far; None before the second step.

        The first step of a run is often slow (memory, kernels), so it does not count.
        """
        own = sorted(index for index in self.levels if index >= self.first)
        seconds = [self.levels[index].seconds for index in own[1:]]
        if self.state != "running" or not seconds:
            return None
        return median(seconds[-8:]) * max(0, self.steps - self.first - len(own))

    def inherit(self, parent: RunView, step: int) -> None:
        """Share the steps before `step` with the run that this one branches from."""
        self.edits, self.inlay, self.image = parent.edits, parent.inlay, parent.image
        self.base = parent.base
        self.parent, self.first = parent.id, step
        self.previews = {i: shown for i, shown in parent.previews.items() if i < step}
        self.levels = {i: level for i, level in parent.levels.items() if i < step}

    def preview(self, index: int, image: int) -> Picture | None:
        """x̂0 of a step, small. With a mask, it is seen at its place in the picture."""
        pictures = self.latest[1] if index == self.latest[0] else self.previews.get(index, ())
        if not pictures:
            return None
        picture = pictures[min(image, len(pictures) - 1)]
        return self.inlay.compose(picture) if self.inlay else picture

    @property
    def nbytes(self) -> int:
        """What its results and thumbnails take in memory."""
        pictures = [result.picture for result in self.results]
        pictures += [small for step in self.previews.values() for small in step]
        return sum(picture.pixels.nbytes for picture in pictures)

    def fold(self, event: Event) -> None:
        """Take in what the engine tells of this run; what comes after its end is left out."""
        match event:
            case _ if not self.active:
                return
            case Queued(recipe=recipe):
                self.recipe = recipe
            case Loading(message=message):
                self.state, self.doing = "loading", message
            case Started(recipe=recipe, first=first, steps=steps, plan=plan):
                self.state, self.recipe = "running", recipe
                self.first, self.steps, self.plan = first, steps, plan
                self._inlay()
            case Edited(recipe=recipe, mask=mask):
                self.recipe = recipe
                if mask is not None:
                    self.mask = mask
                    self._inlay()
            case Stepped(index=index, previews=previews):
                self.previews[index] = event.thumbnails or previews
                self.levels[index] = replace(event, previews=(), thumbnails=())
                self.latest = index, previews
            case Recalled(record=record, first=first, steps=steps, plan=plan):
                self.recipe, self.first, self.steps, self.plan = record.recipe, first, steps, plan
                self.edits = event.source is not None
                self.parent = record.origin.run if record.origin else ""
                if event.source and event.mask and plan:
                    self.inlay = Inlay(event.source, event.mask, plan)
                for told in event.stepped:
                    self.previews[told.index] = told.previews
                    self.levels[told.index] = replace(told, previews=())
                # A run whose picture is x̂0 of a step takes no later one.
                end = steps - 1 if self.recipe.take < 0 else self.recipe.take
                self.state = "finished" if self.newest == end else "stopped"
            case Finished(results=results, seconds=seconds):
                self.state, self.results, self.seconds = "finished", results, seconds
            case Paused():
                self.state = "paused"
            case Resumed():
                self.state = "running"
            case Stopped():
                self.state = "stopped"
            case Failed():
                self.state, self.failure = "failed", event
            case _:
                pass
        if not self.active:
            self.stopping, self.pausing, self.doing = False, False, ""
            self.latest = (-1, ())
            self.source = self.mask = None

    def _inlay(self) -> None:
        """Have previews seen in their place, inside the mask as it is now."""
        source, mask, margins = self.source, self.mask, self.recipe.extend
        if source and margins:
            own = mask if mask and mask.size != source.size else None
            source, mask = extended(source, None if own else mask, margins)
            mask = own or mask
        if self.plan and source and mask:
            self.inlay = Inlay(source, mask, self.plan)
