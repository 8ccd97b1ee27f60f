"""What the engine's thread is given to do: a run, a wish, or an export."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from threading import Event

from studio.core.exports import Export
from studio.core.request import Request
from studio.core.wishes import Wish
from studio.engine.helm import Helm


@dataclass(frozen=True)
class Job:
    """A queued request. `cancel` is looked at between steps and inside slow networks."""

    run: str
    request: Request
    cancel: Event = field(default_factory=Event)
    helm: Helm = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "helm", Helm(self.cancel))


@dataclass(frozen=True)
class Errand:
    """A wish, worked on when no run waits.

    `cancel` is set when the engine closes: a model may have to be loaded for it.
    """

    wish: Wish
    cancel: Event = field(default_factory=Event)


@dataclass
class Filming:
    """An export under way. `frames` is the work that is left, once it has begun."""

    id: str
    export: Export
    cancel: Event = field(default_factory=Event)
    frames: Generator[tuple[int, int]] | None = None
