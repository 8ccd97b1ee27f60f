"""A model from the hub, as a folder that is there whole or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

from studio.core.downloads import Listing, RemoteFile
from studio.core.errors import Cancelled
from studio.models.hub.halt import Halt
from studio.models.hub.incomplete import arrived
from studio.models.hub.line import Line
from studio.models.hub.shelf import Shelf
from studio.models.hub.transfer import transfer

AT_ONCE = 3
"""Files: more would not be faster, and unkind to the hub."""

Tell = Callable[[int, str], None]
"""Hears, on any thread, how many bytes are here and what is waited for, "" if nothing is."""

Check = Callable[[Path], object]


def download(
    listing: Listing, shelf: Shelf, halt: Halt, tell: Tell, check: Check = lambda folder: None
) -> Path:
    """The folder with the model. What has come at an earlier time is gone on with. `check` may
    raise before it is shown.

    Raises Cancelled, CannotLoad, CannotWrite; what has come by then stays, out of sight.
    """
    with shelf.alone(listing.id):
        if shelf.final(listing.id).is_dir():
            return shelf.final(listing.id)
        shelf.check_room(listing)
        folder = shelf.begin(listing)
        _fetch_all(listing, folder, halt, tell)
        halt.check()
        check(folder)
        return shelf.finish(listing)


def _fetch_all(listing: Listing, folder: Path, halt: Halt, tell: Tell) -> None:
    missing = [file for file in listing.files if not (folder / file.name).is_file()]
    tally = _Tally(listing, folder, tell)
    ours = Halt()  # also set when one file fails: the others need not go on

    def fetch(file: RemoteFile) -> None:
        ours.check()
        with closing(Line(listing.repo)) as line:
            transfer(
                line,
                listing.commit,
                file,
                folder / file.name,
                ours,
                lambda length, waiting: tally.note(file, length, waiting),
            )

    with halt.cutting(ours.set), ThreadPoolExecutor(AT_ONCE, "studio-download-file") as pool:
        try:
            # The largest first: they take longest, and the small ones fill the gaps.
            futures = [pool.submit(fetch, f) for f in sorted(missing, key=lambda f: -f.size)]
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            ours.set()  # without effect if all is well; else, and at Ctrl+C, the rest ends too
    errors = [error for future in futures if (error := future.exception()) is not None]
    errors.sort(key=lambda error: isinstance(error, Cancelled))
    if errors:
        raise errors[0]


class _Tally:
    """Adds up the files."""

    def __init__(self, listing: Listing, folder: Path, tell: Tell) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._here = {file.name: arrived(folder / file.name, file.size) for file in listing.files}
        tell(sum(self._here.values()), "")

    def note(self, file: RemoteFile, length: int, waiting: str) -> None:
        with self._lock:
            self._here[file.name] = length
            done = sum(self._here.values())
        self._tell(done, waiting)
