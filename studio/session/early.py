"""Generate, pressed before it is known which models there are, and so which one fills a photo."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakSet

from studio.session.message import Message

if TYPE_CHECKING:
    from studio.session.session import Session

_waiting: WeakSet[Session] = WeakSet()


def deferred(session: Session) -> bool:
    """Whether it is too early; it is then done as soon as the models are known.

    With words, or without anything to fill, the chosen model makes it, whatever others there are.
    """
    words = session.settings.prompt.strip()
    if session.models or session.catalogued or session.action != "fill" or words:
        return False
    if session not in _waiting:
        _waiting.add(session)
        session.models_changed.connect(lambda: _generate(session))
        session.say(Message("The fill begins when the models are known.", "A moment, please."))
    return True


def _generate(session: Session) -> None:
    if session in _waiting:
        _waiting.discard(session)
        session.generate()
