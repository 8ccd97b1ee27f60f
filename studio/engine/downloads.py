"""Downloads beside the engine: on threads of their own, so that pictures are made meanwhile.

One model comes at a time, in several files; the others wait. What is told of a download is told
through the same listener as everything else, on whatever thread it happens.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from threading import Condition, Thread

from studio.core.downloads import (
    Download,
    DownloadGone,
    Downloading,
    Listed,
    Listing,
    Measured,
    NotListed,
    Precision,
)
from studio.core.errors import Cancelled, StudioError
from studio.core.events import Catalogued, Event
from studio.engine.telling import Telling
from studio.models.catalogue import Catalogue
from studio.models.hub.address import parse
from studio.models.hub.bring import adopt, bring, usable
from studio.models.hub.halt import Halt
from studio.models.hub.refusals import Refused
from studio.models.hub.repo import look
from studio.models.hub.shelf import Shelf
from studio.models.hub.tokenizers import fetch_tokenizer, tokenizer

TOKENIZER = "tokenizer--"
"""What a tokenizer's download is known by begins with this, as no repository's name does."""


class Downloads:
    """Every method returns at once; a pause or cancellation is told before it does."""

    def __init__(self, catalogue: Catalogue, listen: Callable[[Event], None]) -> None:
        self._catalogue = catalogue
        self._shelf = Shelf(catalogue.downloads)
        self._listen = listen
        self._wake = Condition()
        self._listings: dict[str, Listing] = {}
        self._told: dict[str, Download] = {}
        self._waiting: deque[str] = deque()
        self._deleting: set[str] = set()
        self._going: tuple[str, Halt] | None = None
        self._looking: Halt | None = None
        self._stopping = Halt()
        self._closing = False
        self._thread: Thread | None = None
        self._desk = ThreadPoolExecutor(1, "studio-hub")
        self._jobs: set[Future[None]] = set()

    def start(self) -> None:
        """Tell what an earlier time left unfinished, as paused."""
        self._do(self._find)

    def measure(self) -> None:
        """Tell what the machine has room for."""
        self._do(self._measure)

    def look(self, asked: str, precision: Precision | None = None) -> None:
        """Ask the hub what `asked` would download: told by `Listed` or `NotListed`. A newer
        question takes the place of one that is not answered. Without `precision` in the one
        that suits the machine."""
        halt = Halt()
        if self._looking is not None:
            self._looking.set()
        self._looking = halt
        self._do(lambda: self._look(asked, precision, halt))

    def fetch(self, what: str) -> None:
        """Fetch a tokenizer, see `studio.models.hub.tokenizers`; its end is told."""
        self._do(lambda: self._fetch(what))

    def begin(self, listing: Listing) -> None:
        """Download this, after those that were asked for before."""
        with self._wake:
            self._listings[listing.id] = listing
        self.resume(listing.id)

    def resume(self, id: str) -> None:
        """Go on with it; nothing if it is going, or unknown."""
        if id.startswith(TOKENIZER):
            self.fetch(id.removeprefix(TOKENIZER))
        with self._wake:
            known = self._listings.get(id)
            if known is None or id in self._waiting or self._closing:
                return
            if self._going is not None and self._going[0] == id and not self._going[1]:
                return
            if self._thread is None:
                self._thread = Thread(target=self._work, name="studio-downloads", daemon=True)
                self._thread.start()
            self._waiting.append(id)
            # Told before it can begin, so that nobody hears of its bytes first.
            before = self._told.get(id) or Download(id, known.repo, "waiting", 0, known.total)
            self._tell(replace(before, state="waiting", speed=0.0, left=None, message="", hint=""))
            self._wake.notify_all()

    def pause(self, id: str) -> None:
        """Stop for now; what has come stays."""
        with self._wake:
            self._stop(id)
            before = self._told.get(id)
            if before is not None and before.state in ("waiting", "going"):
                paused = replace(before, state="paused", speed=0.0, left=None, message="", hint="")
                self._tell(paused)

    def cancel(self, id: str) -> None:
        """Stop, and delete what has come."""
        with self._wake:
            if self._listings.pop(id, None) is None:
                self._listen(DownloadGone(id))
                return
            self._stop(id)
            self._told.pop(id, None)
            self._deleting.add(id)
            self._listen(DownloadGone(id))
        self._do(lambda: self._discard(id))

    def close(self, patience: float) -> bool:
        """Stop everything as a pause does; False if a thread would not end within so many
        seconds."""
        with self._wake:
            self._closing = True
            self._stopping.set()
            going, thread = self._going, self._thread
            self._wake.notify_all()
        if self._looking is not None:
            self._looking.set()
        if going is not None:
            going[1].set()
        until = time.monotonic() + patience
        ended = not wait(list(self._jobs), patience).not_done
        self._desk.shutdown(wait=ended, cancel_futures=True)
        if thread is not None:
            thread.join(max(0.0, until - time.monotonic()))
            ended = ended and not thread.is_alive()
        return ended

    # On the desk's thread

    def _do(self, job: Callable[[], None]) -> None:
        with self._wake:
            if self._closing:
                return
            future = self._desk.submit(job)
            self._jobs.add(future)
        future.add_done_callback(self._jobs.discard)

    def _find(self) -> None:
        with suppress(StudioError, OSError):
            if adopt(self._catalogue):
                self._listen(Catalogued(self._catalogue.models()))
        for listing in self._shelf.unfinished():
            arrived = self._shelf.arrived(listing)
            with self._wake:
                if listing.id in self._listings:
                    continue
                self._listings[listing.id] = listing
                found = Download(listing.id, listing.repo, "paused", arrived, listing.total)
                self._tell(found)

    def _measure(self) -> None:
        from studio.engine.machine import measure  # it loads torch

        self._listen(Measured(measure(self._shelf.free())))

    def _look(self, asked: str, precision: Precision | None, halt: Halt) -> None:
        try:
            if precision is None:
                from studio.engine.machine import best_precision

                precision = best_precision()
            listing = look(parse(asked), precision, usable, halt)
            arrived, free = self._shelf.arrived(listing), self._shelf.free()
        except Cancelled:
            return
        except StudioError as error:
            page = error.page if isinstance(error, Refused) else ""
            self._answer(halt, NotListed(asked, error.message, error.hint, page))
        except OSError as error:
            text = f"The folder of models cannot be read: {error.strerror or error}."
            self._answer(halt, NotListed(asked, text, "Check its disk."))
        else:
            self._answer(halt, Listed(asked, listing, arrived, free))

    def _fetch(self, what: str) -> None:
        id = f"{TOKENIZER}{what}"
        try:
            title = f"The {tokenizer(what).title} tokenizer"
            folder = fetch_tokenizer(
                what, self._catalogue.downloads.parent, self._stopping, lambda *_: None
            )
        except Cancelled:
            return
        except StudioError as error:
            now = Download(id, what, "failed", message=error.message, hint=error.hint)
        except OSError as error:
            text = f"The tokenizer cannot be kept: {error.strerror or error}."
            now = Download(id, what, "failed", message=text, hint="Check the disk.")
        else:
            size = sum(path.stat().st_size for path in folder.iterdir())
            now = Download(id, title, "done", size, size, hint="Generate again.")
        self._listen(Downloading(now))

    def _answer(self, halt: Halt, event: Listed | NotListed) -> None:
        if not halt:
            self._listen(event)

    def _discard(self, id: str) -> None:
        with self._wake:
            self._wake.wait_for(lambda: self._going is None or self._going[0] != id)
        try:
            with self._shelf.alone(id):
                self._shelf.discard(id)
        except StudioError as error:
            repo = id.replace("--", "/", 1)
            self._listen(
                Downloading(Download(id, repo, "failed", message=error.message, hint=error.hint))
            )
        finally:
            with self._wake:
                self._deleting.discard(id)
                self._wake.notify_all()

    # On the thread of downloads

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._closing or self._next() is not None)
                if self._closing:
                    return
                id = self._next()
                assert id is not None
                self._waiting.remove(id)
                halt, listing = Halt(), self._listings[id]
                self._going = (id, halt)
            self._bring(listing, halt)
            with self._wake:
                self._going = None
                self._wake.notify_all()

    def _next(self) -> str | None:
        return next((id for id in self._waiting if id not in self._deleting), None)

    def _bring(self, listing: Listing, halt: Halt) -> None:
        now = Download(listing.id, listing.repo, "going", 0, listing.total)
        telling = Telling(now, lambda download: self._progress(download, halt))
        try:
            brought = bring(listing, self._catalogue, halt, telling.note)
        except Cancelled:
            return
        except StudioError as error:
            failed = replace(telling.now, message=error.message, hint=error.hint)
        except OSError as error:
            text = f"{listing.repo} cannot be kept: {error.strerror or error}."
            failed = replace(telling.now, message=text, hint="Check the disk and go on.")
        else:
            with self._wake:
                self._listings.pop(listing.id, None)
                done = replace(now, state="done", done=listing.total, hint=brought.advice)
                if brought.info is not None:
                    done = replace(done, model=brought.info.name)
                self._tell(done)
            self._listen(Catalogued(self._catalogue.models()))
            return
        self._progress(replace(failed, state="failed", speed=0.0, left=None), halt)

    # With the lock held

    def _stop(self, id: str) -> None:
        if id in self._waiting:
            self._waiting.remove(id)
        if self._going is not None and self._going[0] == id:
            self._going[1].set()

    def _tell(self, download: Download) -> None:
        self._told[download.id] = download
        self._listen(Downloading(download))

    def _progress(self, download: Download, halt: Halt) -> None:
        with self._wake:
            if not halt:  # else something newer has been told of it
                self._tell(download)
