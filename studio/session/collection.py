"""The person's own model files, as the window shows them: looked for and hashed in the background.

A thread of its own looks through the folders, low in priority, so that neither the window nor a run
waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from psygnal import Signal

from studio.core.errors import Cancelled, StudioError
from studio.core.events import Catalogued
from studio.core.model_file import ModelFile
from studio.core.model_info import ModelInfo
from studio.models.files.hashing import to_hash, whole_hash
from studio.session.clerk import Deliver
from studio.session.liked import Liked
from studio.session.message import Message

if TYPE_CHECKING:  # It knows of torch, which the window must not wait for.
    from studio.models.catalogue import Catalogue

PAUSE = 0.001
"""Seconds between two files, in which the window's thread has its turn."""
FRESH = 5.0
"""Seconds for which a look is new enough."""
EVERY = 2.0
"""Seconds between two tellings of the hashes that are known by now."""


class Collection:
    """One thread's: the session's, on which its signals are emitted. Empty until `start`."""

    changed = Signal()
    """`files`, `folders`, `looking`, `hashing` or `converting` may have changed."""
    catalogued = Signal(Catalogued)
    """The models that can be used are others now."""
    said = Signal(Message)

    def __init__(self) -> None:
        self.files: Sequence[ModelFile] = ()
        self.folders: Sequence[Path] = ()
        self.looking = False
        self.hashing = ""
        """The name of the file whose hash is being computed; "" for none."""
        self.converting = ""
        """The name of the file that is being written as safetensors; "" for none."""
        self.catalogue: Catalogue | None = None
        self.liked = Liked()
        self._deliver: Deliver | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._hasher: ThreadPoolExecutor | None = None
        self._stop = Event()
        self._looked_at = 0.0
        self._going: list[Future[None]] = []

    def start(
        self, catalogue: Catalogue, deliver: Deliver, begin: Callable[[], None] = lambda: None
    ) -> None:
        """Show what is known and look for what is new. `deliver` may be called on any thread and
        has what it is given called on the session's; `begin` is called first on the thread that
        hashes."""
        self.catalogue, self._deliver = catalogue, deliver
        self._pool = ThreadPoolExecutor(1, "studio-models")
        # Only hashing gives way: it holds no lock of Python's that the window could wait for.
        self._hasher = ThreadPoolExecutor(1, "studio-hashes", initializer=begin)
        self._show()
        self.look()

    def look(self) -> None:
        """Look through the folders again; what is going on is given up."""
        if self.catalogue is None or self._pool is None:
            return
        self._stop.set()
        self._stop = stop = Event()
        self.looking = True
        self._looked_at = time.monotonic()
        self.changed.emit()
        self._going = [future for future in self._going if not future.done()]
        self._going.append(self._pool.submit(self._work, self.catalogue, stop))

    def glance(self) -> None:
        """Look again, if the last look is some time ago and nothing is being done: called when the
        person comes back to the window, perhaps with new files."""
        busy = self.looking or self.hashing or self.converting
        if not busy and time.monotonic() - self._looked_at > FRESH:
            self.look()

    def add_folder(self, folder: Path) -> bool:
        """Use what is in the folder where it is; False, and a message, if that cannot be."""
        return self._do(lambda catalogue: catalogue.shelf.add_folder(folder))

    def remove_folder(self, folder: Path) -> bool:
        """Look there no more; the files stay. False, and a message, if that cannot be."""
        return self._do(lambda catalogue: catalogue.shelf.remove_folder(folder))

    def add(self, path: Path) -> None:
        """Use one model where it is; a message tells whether it can be used."""
        if self.catalogue is not None and self._pool is not None:
            self._going.append(self._pool.submit(self._add, self.catalogue, path))

    def remove(self, name: str) -> bool:
        """Forget a model that was added by itself; False, and a message, if it was not."""
        return self._do(lambda catalogue: catalogue.remove(name))

    def convert(self, path: Path) -> None:
        """Write a pickled checkpoint again as safetensors, beside it; a message tells the end."""
        catalogue = self.catalogue
        if catalogue is None or self._pool is None:
            return
        self._stop.set()  # hashing goes on afterwards
        self._stop = stop = Event()
        self.converting = path.name
        self.changed.emit()
        self._going.append(self._pool.submit(self._convert, catalogue, path, stop))

    def close(self, patience: float) -> bool:
        """Stop; False if the thread would not end within that many seconds."""
        self._stop.set()
        self._deliver = None
        if self._pool is None:
            return True
        pools = [pool for pool in (self._pool, self._hasher) if pool is not None]
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        # One that was cancelled before it began is never done.
        begun = [future for future in self._going if not future.cancelled()]
        ended = not wait(begun, patience).not_done
        if ended:
            for pool in pools:
                pool.shutdown()
        return ended

    def _do(self, change: Callable[[Catalogue], object]) -> bool:
        if self.catalogue is None:
            return False
        try:
            change(self.catalogue)
        except StudioError as error:
            self.said.emit(Message.of(error))
            return False
        self._show()
        self.look()
        return True

    def _show(self) -> None:
        assert self.catalogue is not None
        self.files, self.folders = self.catalogue.shelf.files, self.catalogue.shelf.folders
        self.changed.emit()

    # On the other thread

    def _work(self, catalogue: Catalogue, stop: Event) -> None:
        def ask() -> None:
            _check(stop)
            time.sleep(PAUSE)

        with suppress(Cancelled):
            self._look(catalogue, ask)
            if self._hasher is not None:
                self._going.append(self._hasher.submit(self._hash, catalogue, stop))

    def _add(self, catalogue: Catalogue, path: Path) -> None:
        try:
            info = catalogue.add(path)
            message = Message(f"{info.title} is added.", "Choose it in the list of models.")
        except StudioError as error:
            message = Message.of(error)
        self._post(lambda: self._told(message))

    def _told(self, message: Message) -> None:
        self.said.emit(message)
        self.look()

    def _convert(self, catalogue: Catalogue, path: Path, stop: Event) -> None:
        message = None
        try:
            made = catalogue.convert(path, None, lambda: _check(stop))
            message = Message(f"{made.name} is written.", f"{path.name} can be deleted now.")
        except StudioError as error:
            message = Message.of(error)
        except Cancelled:
            pass
        self._post(lambda: self._converted(message))

    def _converted(self, message: Message | None) -> None:
        self.converting = ""
        if message is not None:
            self.said.emit(message)
        self.look()

    def _look(self, catalogue: Catalogue, ask: Callable[[], None]) -> None:
        try:
            catalogue.shelf.look(ask, lambda: self._post(self._show))
        except StudioError as error:
            message = Message.of(error, "warning")
            self._post(lambda: self.said.emit(message))
        models, files = catalogue.models(), catalogue.files()
        self._post(lambda: self._looked(models, files))

    def _looked(self, models: tuple[ModelInfo, ...], files: Sequence[ModelFile]) -> None:
        assert self.catalogue is not None
        self.looking = False
        self.files, self.folders = files, self.catalogue.shelf.folders
        self.changed.emit()
        self.catalogued.emit(Catalogued(models))

    def _hash(self, catalogue: Catalogue, stop: Event) -> None:
        shelf = catalogue.shelf
        waiting, told = to_hash(shelf.files), time.monotonic()
        if waiting:
            self._post(lambda: self._hashes(waiting[0].name, None))
        try:
            for file in waiting:
                shelf.hashed(file.path, whole_hash(file.path, lambda: _check(stop)))
                if time.monotonic() - told > EVERY:
                    told = time.monotonic()
                    self._tell_hashes(catalogue, file.name)
        except Cancelled:
            pass
        finally:
            if waiting:
                with suppress(StudioError):
                    shelf.save()
                self._tell_hashes(catalogue, "")

    def _tell_hashes(self, catalogue: Catalogue, name: str) -> None:
        files = catalogue.files()
        self._post(lambda: self._hashes(name, files))

    def _hashes(self, name: str, files: Sequence[ModelFile] | None) -> None:
        self.hashing = name
        self.files = self.files if files is None else files
        self.changed.emit()

    def _post(self, call: Callable[[], None]) -> None:
        deliver = self._deliver
        if deliver is not None:
            deliver(call)


def _check(stop: Event) -> None:
    """Raises Cancelled if it is to stop."""
    if stop.is_set():
        raise Cancelled
