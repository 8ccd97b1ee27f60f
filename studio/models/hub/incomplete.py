"""A file that is not all there yet: every byte on disk is one that need not be fetched again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from studio.core.downloads import RemoteFile
from studio.library.atomic import cannot_write
from studio.models.hub.halt import Halt

SUFFIX = ".incomplete"
ETAG = ".etag"
BLOCK = 1 << 20


def unfinished(path: Path) -> Path:
    """Where the bytes of `path` are until all have come."""
    return path.with_name(path.name + SUFFIX)


def arrived(path: Path, size: int) -> int:
    """Bytes of the file that are here."""
    for place in (path, unfinished(path)):
        if place.is_file():
            return min(place.stat().st_size, size)
    return 0


class Incomplete:
    """The bytes that have come, and their hash as they come. Raises CannotWrite where it writes.

    Written without a buffer: what a kill leaves behind is a prefix of the file. `etag` is kept
    beside it, to ask for the rest of the same file and no other.
    """

    def __init__(self, path: Path, file: RemoteFile, halt: Halt) -> None:
        self.path, self.file = path, file
        self._halt = halt
        self._place = unfinished(path)
        self._note = path.with_name(path.name + ETAG)

    def __enter__(self) -> Self:
        try:
            self._place.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self._place.open("a+b", buffering=0)
            self.length = self._stream.seek(0, os.SEEK_END)
            self.etag = self._note.read_text("utf-8") if self._note.is_file() else ""
        except (OSError, UnicodeDecodeError) as error:
            raise _failed(self.path, error) from error
        if self.length > self.file.size:
            self.restart()
        self._hash = self._hasher()
        self._read_again()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stream.close()

    def write(self, chunk: bytes) -> None:
        try:
            rest = memoryview(chunk)
            while rest:
                rest = rest[self._stream.write(rest) or 0 :]
        except OSError as error:
            raise _failed(self.path, error) from error
        self._hash.update(chunk)
        self.length += len(chunk)

    def restart(self, etag: str = "") -> None:
        """Forget what has come; the next bytes are the first of the file of that tag."""
        try:
            self._stream.truncate(0)
            if etag:
                self._note.write_text(etag, "utf-8")
            else:
                self._note.unlink(missing_ok=True)
        except OSError as error:
            raise _failed(self.path, error) from error
        self.etag, self.length, self._hash = etag, 0, self._hasher()

    @property
    def right(self) -> bool:
        """Whether all of it has come and is what the hub says it should be."""
        wanted = self.file.sha256 or self.file.git
        return self.length == self.file.size and wanted in ("", self._hash.hexdigest())

    def finish(self) -> None:
        """Give it its name."""
        try:
            os.fsync(self._stream.fileno())
            self._stream.close()
            self._place.replace(self.path)
            self._note.unlink(missing_ok=True)
        except OSError as error:
            raise _failed(self.path, error) from error

    def _hasher(self) -> hashlib._Hash:
        if self.file.sha256 or not self.file.git:
            return hashlib.sha256()
        # git's name of a file: the sha1 of a header and the content
        return hashlib.sha1(f"blob {self.file.size}\0".encode(), usedforsecurity=False)

    def _read_again(self) -> None:
        """Take the bytes of an earlier time into the hash: half a second a gigabyte."""
        try:
            self._stream.seek(0)
            while block := self._stream.read(BLOCK):
                self._halt.check()
                self._hash.update(block)
        except OSError as error:
            raise _failed(self.path, error) from error


def _failed(path: Path, error: OSError | UnicodeDecodeError) -> Exception:
    return cannot_write(path, error if isinstance(error, OSError) else OSError(str(error)))
