"""How the last run shared the device's memory, and how the person wants it."""

from __future__ import annotations

from psygnal import Signal

from studio.core.events import Event, Planned
from studio.session.session import Session

UNKNOWN = "Memory: planned before each run."


class Sharing:
    """`changed`: what is said, or what is wanted."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        self._preferred = session.preferred
        self.last: Planned | None = None
        session.heard.connect(self._heard)
        session.settings.events.model.connect(self._forget)
        session.preferred.changed.connect(lambda _: self.changed.emit())

    @property
    def wish(self) -> str:
        """One of `studio.core.memory.PLANS`."""
        return self._preferred.now.memory_plan

    def wants(self, plan: str) -> None:
        """From the next run on."""
        self._preferred.set("memory_plan", plan)

    @property
    def says(self) -> str:
        """A sentence on the last run of the chosen model."""
        return self.last.says if self.last else UNKNOWN

    @property
    def able(self) -> bool:
        """Whether there is anything to choose, as far as it is known."""
        return self.last is None or self.last.apart

    @property
    def share(self) -> float | None:
        """How much of what was free it needed, about 0…1; None if that is not known."""
        if self.last is None or not self.last.free:
            return None
        return min(1.0, self.last.needs / self.last.free)

    def _heard(self, event: Event) -> None:
        if isinstance(event, Planned):
            self.last = event
            self.changed.emit()

    def _forget(self, *_: object) -> None:
        self.last = None
        self.changed.emit()
