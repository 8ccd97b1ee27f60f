"""Models from the hub, as the window knows them: what is looked at, what is on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from psygnal import Signal

from studio.core.downloads import (
    Download,
    DownloadGone,
    Downloading,
    HubEvent,
    Listed,
    Listing,
    Machine,
    Measured,
    NotListed,
    Precision,
)
from studio.core.offline import never_use_network, why_offline
from studio.session.message import Message, Offer
from studio.session.preferences import Preferences


class Fetcher(Protocol):
    """Who downloads. Every method returns at once; what comes of it is told by events."""

    def measure(self) -> None: ...
    def look(self, asked: str, precision: Precision | None = None) -> None: ...
    def begin(self, listing: Listing) -> None: ...
    def resume(self, id: str) -> None: ...
    def pause(self, id: str) -> None: ...
    def cancel(self, id: str) -> None: ...
    def fetch(self, what: str) -> None: ...


class Downloads:
    """One thread's: the window's. `use` is told the name of a model that a person wants to use."""

    changed = Signal()
    """`items` have come, gone or got further."""
    looked = Signal()
    """`asked`, `listed` or `refused` has changed."""
    measured = Signal()
    """`machine` is known, or the network may be used or no longer."""

    def __init__(self, say: Callable[[Message], None], use: Callable[[str], None]) -> None:
        self._say, self._use = say, use
        self._fetcher: Fetcher | None = None
        self.items: dict[str, Download] = {}
        self.asked = ""
        """What is looked at, as it was written; "" if nothing is."""
        self.listed: Listed | None = None
        self.refused: NotListed | None = None
        self.machine: Machine | None = None

    def connect(self, fetcher: Fetcher) -> None:
        """Have `fetcher` do what is asked for from now on."""
        self._fetcher = fetcher

    @property
    def why_offline(self) -> str:
        return why_offline()

    def prefer(self, now: Preferences) -> None:
        """Obey the switch that forbids the network; what is on its way is paused."""
        before = why_offline()
        never_use_network(now.offline)
        if why_offline() == before:
            return
        if why_offline():
            for item in [item for item in self.items.values() if item.state in ACTIVE]:
                self.pause(item.id)
        self.measured.emit()

    # What is asked for

    def measure(self) -> None:
        if self._fetcher is not None and self.machine is None:
            self._fetcher.measure()

    def look(self, asked: str, precision: Precision | None = None) -> None:
        """See what downloading it would mean."""
        asked = asked.strip()
        self.asked, self.listed, self.refused = asked, None, None
        if asked and self._fetcher is not None:
            self._fetcher.look(asked, precision)
        self.looked.emit()

    def forget(self) -> None:
        """Look at nothing any more."""
        self.look("")

    def begin(self) -> None:
        """Download what is looked at."""
        if self._fetcher is not None and self.listed is not None:
            self._fetcher.begin(self.listed.listing)

    def pause(self, id: str) -> None:
        if self._fetcher is not None:
            self._fetcher.pause(id)

    def resume(self, id: str) -> None:
        if self._fetcher is not None:
            self._fetcher.resume(id)

    def cancel(self, id: str) -> None:
        """Give it up, with what has come; one that is over leaves the list."""
        item = self.items.get(id)
        if item is not None and item.state == "done":
            del self.items[id]
            self.changed.emit()
        elif self._fetcher is not None:
            self._fetcher.cancel(id)

    def use(self, id: str) -> None:
        """Draw with the model that this download has brought."""
        item = self.items.get(id)
        if item is not None and item.model:
            self._use(item.model)

    def offers(self, missing: str) -> tuple[Offer, ...]:
        """What can be done about something small that a model lacks; () if that is nothing."""
        fetcher = self._fetcher
        if not missing or fetcher is None or why_offline():
            return ()
        return (Offer("Fetch it", lambda: fetcher.fetch(missing)),)

    # What is told

    def fold(self, event: HubEvent) -> None:
        match event:
            case Downloading(download=download):
                before = self.items.get(download.id)
                self.items[download.id] = download
                self._say_if_over(before, download)
                self.changed.emit()
            case DownloadGone(id=id):
                self.items.pop(id, None)
                self.changed.emit()
            case Listed(asked=asked) if asked == self.asked:
                self.listed = event
                self.looked.emit()
            case NotListed(asked=asked) if asked == self.asked:
                self.refused = event
                self.looked.emit()
            case Measured(machine=machine):
                self.machine = machine
                self.measured.emit()

    def _say_if_over(self, before: Download | None, now: Download) -> None:
        if before is not None and before.state == now.state:
            return
        if now.state == "done" and not now.model:
            self._say(Message(f"{now.repo} has arrived and is checked.", now.hint))
        elif now.state == "done":
            offer = Offer("Use it", lambda: self._use(now.model))
            self._say(Message(f"{now.repo} has arrived and is checked.", offers=(offer,)))
        elif now.state == "failed":
            self._say(Message(now.message, now.hint, "warning"))


ACTIVE = ("waiting", "going")
"""The states of a download that goes on by itself."""
