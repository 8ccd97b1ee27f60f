"""What is known of the prompts while they are typed: their length, and what they can name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from studio.core.counting import Count, Counted, Name, Named
from studio.core.events import Event

if TYPE_CHECKING:
    from studio.session.session import Session


class Prompting:
    """Asks the engine, which knows the model's tokenizer and the person's files."""

    counted = Signal(str)
    """The prompt of this role has been counted, or can no longer be."""
    stale = Signal()
    """Another model, seed or catalogue: what was counted may be wrong."""
    named = Signal()
    """`names` are other ones."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.names = Named((), (), ())
        self._known: dict[str, Counted] = {}
        self._asked: dict[str, Count] = {}
        session.heard.connect(self._hear)
        session.models_changed.connect(self._forget)
        session.settings.events.model.connect(self._forget)
        session.settings.events.seed.connect(self._reseed)

    def count(self, role: str) -> None:
        """Have the prompt in this field of the settings counted, unless it is already."""
        model, settings = self.session.model, self.session.settings
        if model is None:
            return
        wish = Count(model, role, getattr(settings, role), settings.seed)
        if self._asked.get(role) != wish:
            self._asked[role] = wish
            self.session.queue.backend.ask(wish)

    def known(self, role: str) -> Counted | None:
        """What was last counted there, which may be of a moment ago; None if nothing can be."""
        return self._known.get(role)

    @property
    def classes(self) -> tuple[str, ...]:
        """What the model draws, if that is one of so many things."""
        return self.session.model.abilities.classes if self.session.model else ()

    def ask_names(self) -> None:
        """Look what there is to be named: answered by `named`."""
        self.session.queue.backend.ask(Name())

    def _hear(self, event: Event) -> None:
        if isinstance(event, Counted) and event.wish == self._asked.get(event.wish.role):
            self._known[event.wish.role] = event
            self.counted.emit(event.wish.role)
        elif isinstance(event, Named) and event != self.names:
            self.names = event
            # A LoRA that was unknown may be there now.
            self._asked.clear()
            self.named.emit()
            self.stale.emit()

    def _forget(self) -> None:
        """Another model counts otherwise, and until it has, nothing is known."""
        self._asked.clear()
        for role in tuple(self._known):
            del self._known[role]
            self.counted.emit(role)
        self.stale.emit()

    def _reseed(self) -> None:
        self.stale.emit()
