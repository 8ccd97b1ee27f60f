"""Which step is explained, and at which place of it. Follows what is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from studio.core.events import Event, Explained, Failed
from studio.core.explanation import Explanation, Place
from studio.core.wishes import Explain

if TYPE_CHECKING:
    from studio.session.session import Session


class Explaining:
    """Asks only while `following`, and for one step at a time: the newest when one is answered.

    `changed` follows every change of `explanation`, `reason` or `place`.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        self.session = session
        self.following = False
        self.place: Place | None = None
        """Where numbers are read; None: the middle."""
        self._shown: Explained | None = None
        self._answered: Explain | None = None
        self._asked: Explain | None = None
        session.heard.connect(self._hear)
        session.viewing.changed.connect(self._follow)

    @property
    def explanation(self) -> Explanation | None:
        return self._shown.explanation if self._shown else None

    @property
    def reason(self) -> str:
        """Why there is no explanation; "" if there is one, or nothing to explain."""
        return self._shown.reason if self._shown else ""

    def follow(self, on: bool) -> None:
        """Keep up with the step that is looked at, or leave off."""
        self.following = on
        self._follow()

    def probe(self, place: Place | None) -> None:
        """Read the numbers at another place; None for the middle."""
        self.place = place
        self.changed.emit()
        self._follow()

    def _wanted(self) -> Explain | None:
        viewing = self.session.viewing
        run = viewing.run
        index = viewing.step if viewing.step is not None else run.newest if run else None
        if run is None or index is None:
            return None
        return Explain(run.id, index, run.image, self.place)

    def _follow(self) -> None:
        if not self.following:
            return
        wish = self._wanted()
        if wish is None:
            if self._shown is not None:
                self._shown = self._answered = None
                self.changed.emit()
        elif self._asked is None and wish != self._answered:
            self._asked = wish
            self.session.queue.backend.ask(wish)

    def _hear(self, event: Event) -> None:
        asked = self._asked
        if isinstance(event, Failed) and not event.run:
            self._asked = None  # It may have been this: the next move asks again.
        if not isinstance(event, Explained) or asked is None:
            return
        self._asked, self._answered, self._shown = None, asked, event
        self.changed.emit()
        self._follow()
