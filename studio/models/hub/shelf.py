"""The folder of downloads: what is whole, what is half there, and whose turn it is.

A download is a folder `owner--name.part` with a note of what it is to become; it is renamed when
it is whole. The note stays until the catalogue knows the model, so that a kill between the two
loses nothing. Nothing but the name of a folder tells the state.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from studio.core.amounts import amount
from studio.core.downloads import Listing, RemoteFile
from studio.core.errors import CannotWrite
from studio.library import atomic
from studio.models.hub.incomplete import ETAG, arrived, unfinished

PART = ".part"
NOTE = ".download.json"
LOCKS = ".locks"
SPARE = 256 << 20
"""Bytes to leave free on the disk."""


class Shelf:
    """`folder` is made when it is needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def final(self, id: str) -> Path:
        return self.folder / id

    def part(self, id: str) -> Path:
        return self.folder / f"{id}{PART}"

    @contextmanager
    def alone(self, id: str) -> Iterator[None]:
        """Keep other threads and programs away from one download. The system gives the lock back
        when a program is killed. Raises CannotWrite."""
        try:
            locks = atomic.make_folder(self.folder / LOCKS)
            with FileLock(locks / f"{id}.lock", timeout=0):
                yield
        except Timeout:
            raise CannotWrite(
                f"{id.replace('--', '/', 1)} is being downloaded already.",
                "Wait for the other download, or stop it.",
            ) from None

    def begin(self, listing: Listing) -> Path:
        """The folder to download into, with the note. Of files that have changed since they were
        begun nothing is kept. Raises CannotWrite."""
        folder = self.part(listing.id)
        before = self.note(folder)
        if before is None:
            self.discard(listing.id)  # whatever it is, nobody knows what it was to become
        elif before.files != listing.files:
            _drop_changed(folder, before, listing)
        atomic.make_folder(folder)
        if before != listing:
            atomic.write(folder / NOTE, json.dumps(asdict(listing), indent=1).encode())
        return folder

    def finish(self, listing: Listing) -> Path:
        """What was downloaded is whole: show it. Raises CannotWrite."""
        part, final = self.part(listing.id), self.final(listing.id)
        wanted = {part / NOTE, *(part / file.name for file in listing.files)}
        try:
            for path in part.rglob("*"):
                if path.is_file() and path not in wanted:
                    path.unlink()  # of a revision or precision that was begun before
            part.rename(final)
        except OSError as error:
            raise atomic.cannot_write(final, error) from error
        return final

    def known(self, id: str) -> None:
        """The catalogue has it: the note is no longer needed."""
        with suppress(OSError):
            (self.final(id) / NOTE).unlink(missing_ok=True)

    def discard(self, id: str) -> None:
        """Delete what has come of a download. Raises CannotWrite."""
        try:
            shutil.rmtree(self.part(id))
        except FileNotFoundError:
            return
        except OSError as error:
            raise atomic.cannot_write(self.part(id), error) from error

    def unfinished(self) -> list[Listing]:
        """Downloads that can go on."""
        return self._noted(f"*{PART}/{NOTE}")

    def unknown(self) -> list[Listing]:
        """Whole ones that the catalogue may not have heard of."""
        return [known for known in self._noted(f"*/{NOTE}") if self.final(known.id).is_dir()]

    def arrived(self, listing: Listing) -> int:
        """Bytes of it that are here."""
        folder = self.part(listing.id)
        return sum(arrived(folder / file.name, file.size) for file in listing.files)

    def check_room(self, listing: Listing) -> None:
        """Raises CannotWrite if the rest of it does not fit on the disk."""
        needed, free = listing.total - self.arrived(listing), self.free()
        if needed + SPARE > free:
            raise CannotWrite(
                f"{listing.repo} needs {amount(needed)} more, and {amount(free)} are free.",
                f"Make room on the disk of {self.folder}.",
            )

    def free(self) -> int:
        """Bytes free on the disk."""
        there = (folder for folder in (self.folder, *self.folder.parents) if folder.exists())
        return shutil.disk_usage(next(there)).free

    @staticmethod
    def note(folder: Path) -> Listing | None:
        """What the folder is to become; None without a note that can be read."""
        try:
            return _listing(json.loads((folder / NOTE).read_text("utf-8")))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def _noted(self, pattern: str) -> list[Listing]:
        found = [self.note(path.parent) for path in sorted(self.folder.glob(pattern))]
        return [listing for listing in found if listing is not None]


def _drop_changed(folder: Path, before: Listing, now: Listing) -> None:
    def key(file: RemoteFile) -> tuple[int, str, str]:
        return file.size, file.sha256, file.git

    same = {file.name for file in before.files} & {file.name for file in now.files}
    new = {file.name: key(file) for file in now.files}
    for file in before.files:
        if file.name in same and key(file) == new[file.name] and (file.sha256 or file.git):
            continue
        path = folder / file.name
        for old in (path, unfinished(path), path.with_name(path.name + ETAG)):
            old.unlink(missing_ok=True)


def _listing(data: Mapping[str, Any]) -> Listing:
    return Listing(**{**data, "files": tuple(RemoteFile(**file) for file in data["files"])})
