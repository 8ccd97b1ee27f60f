"""The user's own picture, noised: how far, under which noise, and where a run on it starts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from psygnal import Signal

from studio.core.events import Began, Event, Failed, Forwarded
from studio.core.picture import Picture
from studio.core.request import Request
from studio.core.wishes import Begin, Forward
from studio.session.asking import request_of

if TYPE_CHECKING:
    from studio.session.session import Session

LAST = 1000


class Forwarding:
    """Asks only while `following`, and for one picture at a time: the newest when one is answered.

    `changed` follows every change of `t`, `shared`, `latents` or `picture`, `noised` every answer
    about the forward process, `started` every change of `began`, which says where a run starts.
    """

    changed = Signal()
    noised = Signal()
    started = Signal()

    def __init__(self, session: Session) -> None:
        self.session = session
        self.following = False
        self.t = 300
        self.shared = False
        self.latents = False
        self.answer: Forwarded | None = None
        self.began: Began | None = None
        self._asked: tuple[Forward, bool] | None = None
        self._done: tuple[Forward, bool] | None = None
        self._begun: Begin | None = None
        session.heard.connect(self._hear)
        session.document.picture_changed.connect(self._moved)
        session.viewing.changed.connect(self._moved)
        session.action_changed.connect(self._start)

    @property
    def picture(self) -> Picture | None:
        """The one worked on; if there is none, the one looked at."""
        shown = self.session.viewing.shown
        return self.session.document.picture or (shown.picture if shown else None)

    def follow(self, on: bool) -> None:
        """Keep up with the picture and the settings, or leave off."""
        self.following = on
        self._moved()

    def move(
        self, t: int | None = None, shared: bool | None = None, latents: bool | None = None
    ) -> None:
        """Look at another time, at the same noise or not, at latents or pixels."""
        before = (self.t, self.shared, self.latents)
        self.t = self.t if t is None else min(max(t, 0), LAST)
        self.shared = self.shared if shared is None else shared
        self.latents = self.latents if latents is None else latents
        if before != (self.t, self.shared, self.latents):
            self._moved()

    def rest(self) -> None:
        """The settings have been the same for a while: ask for the start at full quality."""
        request = self.request() if self.following else None
        began = self.began
        if request is None or (began and began.sight == "decoded" and began.wish == self._begun):
            return
        self.session.queue.backend.ask(Begin(request))

    def request(self) -> Request | None:
        """What the next run on this picture will be, whether Generate would start it or not."""
        session = self.session
        request = request_of(session)
        if request.source is not None or session.document.picture is None:
            return request if request.source is not None else None
        recipe = replace(request.recipe, strength=session.settings.strength)
        return replace(request, recipe=recipe, source=session.document.picture)

    @property
    def t_of_start(self) -> int | None:
        """The time whose level is that of the start, as the model counts it."""
        began = self.began
        if began is None or began.picture is None:
            return None
        flow = abs(began.alpha + began.sigma - 1) < 1e-6 and began.sigma not in (0.0, 1.0)
        # After t small steps a diffusion model is at its timestep t − 1.
        return round(began.sigma * LAST) if flow else min(LAST, round(began.timestep) + 1)

    def _moved(self) -> None:
        if not self.following:
            return
        self.changed.emit()
        self._ask()
        self._start()

    def _wanted(self) -> Forward | None:
        picture = self.picture
        if picture is None:
            return None
        seed = self.session.settings.seed
        return Forward(picture, self.t, seed, self.shared, self.latents)

    def _ask(self) -> None:
        wish = self._wanted()
        if wish is None:
            self.answer = self._done = None
            self.noised.emit()
        elif self._asked is None and self._key(wish) != self._done:
            self._asked = self._key(wish)
            self.session.queue.backend.ask(wish)

    def _key(self, wish: Forward) -> tuple[Forward, bool]:
        """What an answer depends on: latents that are not encoded yet are answered by pixels."""
        return wish, wish.latents and self._encoded

    @property
    def _encoded(self) -> bool:
        began = self.began
        return (
            began is not None
            and began.sight == "decoded"
            and began.wish.request.source is self.picture
        )

    def _start(self) -> None:
        if not self.following:
            return
        request = self.request()
        if request is None:
            if self.began is not None:
                self.began = self._begun = None
                self.started.emit()
            return
        if self._begun is None or self._begun.request != request:
            self._begun = Begin(request, exact=False)
            self.session.queue.backend.ask(self._begun)

    def _hear(self, event: Event) -> None:
        match event:
            case Forwarded() if self._asked is not None:
                if event.reached == event.wish.t:
                    self._done = self._asked
                self._asked, self.answer = None, event
                self.noised.emit()
                if self.following:
                    self._ask()
            case Began(wish=wish) if self._begun and wish.request == self._begun.request:
                if wish.exact or not (self.began and self.began.wish == replace(wish, exact=True)):
                    self.began = event
                    self.started.emit()
                    if wish.exact and self.following:
                        self._ask()
            case Failed(run=""):
                self._asked = None  # It may have been this: the next move asks again.
            case _:
                pass
