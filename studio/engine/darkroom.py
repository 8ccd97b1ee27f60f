"""The thread beside the engine's that answers what needs no network, even while a run is going.

Imports no torch: the thread does, once the engine's has.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from threading import Condition, Thread
from typing import TYPE_CHECKING

from studio.core.errors import BadInput
from studio.core.events import Event, Failed
from studio.core.wishes import Wish

if TYPE_CHECKING:
    from studio.engine.answers import Answers


class Darkroom:
    """Takes wishes from any thread. Of those in one slot only the newest counts.

    The listener is called on the darkroom's thread and must not raise.
    """

    def __init__(self, listen: Callable[[Event], None]) -> None:
        self._listen = listen
        self._wishes: dict[str, Wish] = {}
        self._answers: Answers | None = None
        self._closing = False
        self._wake = Condition()
        self._thread = Thread(target=self._work, name="studio-darkroom", daemon=True)

    def open(self, answers: Answers) -> None:
        """Begin to answer; what was asked for before waits until then."""
        with self._wake:
            if not self._closing:
                self._answers = answers
                self._thread.start()

    def ask(self, wish: Wish) -> None:
        with self._wake:
            self._wishes[wish.slot] = wish
            self._wake.notify()

    def close(self, timeout: float) -> bool:
        """Answer nothing more; False if the thread has not ended within `timeout` s."""
        with self._wake:
            self._closing = True
            self._wishes.clear()
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        assert self._answers is not None
        while True:
            with self._wake:
                while not (self._wishes or self._closing):
                    self._wake.wait()
                if self._closing:
                    return
                wish = self._wishes.pop(next(iter(self._wishes)))
            event = self._answer(self._answers, wish)
            if event is not None:
                self._listen(event)

    def _answer(self, answers: Answers, wish: Wish) -> Event | None:
        try:
            return answers.answer(wish)
        except BadInput:
            # Scrubbed to a step that is not there (yet, or any more): nothing to tell. Whoever
            # rests there asks for full quality as well, and is told why there is none.
            return None
        except Exception as error:  # noqa: BLE001 - the top of this thread's loop
            from studio.engine.failures import explained

            known = explained(error)
            details = "".join(traceback.format_exception(error))
            return Failed("", known.message, known.hint, details)
