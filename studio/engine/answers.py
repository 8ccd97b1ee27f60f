"""Which wishes are granted without a model, and by what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from studio.core.counting import Count, Name
from studio.core.events import Event, Looked, StepsGone
from studio.core.wishes import Begin, Explain, Forward, Look, Recall, Wish
from studio.engine import explain
from studio.engine.archive import Archive, Forgotten
from studio.engine.beginning import Encodings, quickly
from studio.engine.counting import Counter
from studio.engine.forward import Forwarder
from studio.engine.recall import recalled
from studio.engine.trajectory import Trajectory
from studio.engine.views import inlay_of, quick
from studio.imaging.inlay import Inlay
from studio.models.catalogue import Catalogue

Answer = Callable[[Any], Event]


class Answers:
    """What the darkroom knows how to do, by the wish's type. Used from its thread only."""

    def __init__(
        self, archive: Archive, catalogue: Catalogue, encodings: Encodings, counter: Counter
    ) -> None:
        self._archive = archive
        self._catalogue = catalogue
        self._inlay: tuple[str, Inlay | None] | None = None
        self._encodings = encodings
        self._table: dict[type, Answer] = {
            Look: self._look,
            Recall: self._recall,
            Explain: self._explain,
            Forward: Forwarder(encodings).answer,
            Begin: self._begin,
            Count: counter.count,
            Name: counter.names,
        }

    def answer(self, wish: Wish) -> Event:
        """Raises BadInput for what is not there to be seen."""
        return self._table[type(wish)](wish)

    def _look(self, look: Look) -> Event:
        trajectory = self._archive.get(look.run)
        picture, scale = quick(trajectory, look, self._inlay_of(trajectory))
        return Looked(look.run, look.index, look.image, picture, look.view, False, scale, look.pure)

    def _recall(self, wish: Recall) -> Event:
        try:
            return recalled(self._archive.get(wish.run))
        except Forgotten:
            return StepsGone(wish.run)

    def _explain(self, wish: Explain) -> Event:
        return explain.answer(wish, self._archive, self._catalogue)

    def _begin(self, wish: Begin) -> Event:
        return quickly(wish, self._encodings, self._catalogue)

    def _inlay_of(self, trajectory: Trajectory) -> Inlay | None:
        if self._inlay is None or self._inlay[0] != trajectory.run:
            self._inlay = (trajectory.run, inlay_of(trajectory))
        return self._inlay[1]
