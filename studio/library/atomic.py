"""A file is there whole or not at all, whatever happens while it is written."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from studio.core.errors import CannotWrite

PART = (".studio-", ".part")
STALE = 24 * 3600.0

Data = bytes | Iterable[bytes | memoryview]
"""What is written: whole, or piece by piece."""

REASONS = {
    errno.ENOSPC: ("there is no room left on the disk", "Make room, or choose another folder."),
    errno.EDQUOT: ("your quota on the disk is used up", "Make room, or choose another folder."),
    errno.EACCES: ("there is no permission to write there", "Choose another folder."),
    errno.EPERM: ("there is no permission to write there", "Choose another folder."),
    errno.EROFS: ("the disk is read-only", "Choose another folder."),
    errno.ENOENT: ("the folder does not exist", "Make the folder first, or choose another."),
    errno.ENOTDIR: ("part of the path is a file, not a folder", "Choose another folder."),
    errno.EISDIR: ("there is a folder of that name", "Choose another name."),
    errno.ENAMETOOLONG: ("the name is too long", "Choose a shorter name."),
}


def write(path: Path, data: Data) -> None:
    """Write or replace the file: temporary file beside it, fsync, rename, fsync of the folder.

    Raises CannotWrite; then the old file, if there was one, is as it was, and nothing is left.
    """
    try:
        temporary = _temporary(path.parent, data)
        try:
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error


def write_new(folder: Path, stem: str, suffix: str, data: Data) -> Path:
    """Write a file that no other program has: `stem` with -2, -3, … if the name is taken.

    Replaces nothing, even with other processes writing there. Raises CannotWrite.
    """
    try:
        temporary = _temporary(folder, data)
        try:
            for path in _names(folder, stem, suffix):
                try:
                    _move_to_new(temporary, path)
                except FileExistsError:
                    continue
                _sync_folder(folder)
                return path
            raise AssertionError("names never end")
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise cannot_write(folder / f"{stem}{suffix}", error) from error


def make_folder(folder: Path) -> Path:
    """The folder, made with its parents if it is missing. Raises CannotWrite."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(
            f"The folder {folder} cannot be made: {_reason(error)[0]}.", _reason(error)[1]
        ) from error
    return folder


@contextmanager
def staged(folder: Path, theirs: re.Pattern[str]) -> Iterator[Path]:
    """A set of files, there whole or not at all: write them into the folder that this gives.

    At the block's end they move to `folder`, where files of an earlier set, those whose whole
    name matches `theirs`, are removed first in the order of their names; the new ones come in
    the reverse order. If the block raises, `folder` is as it was before. Raises CannotWrite.
    """
    new = not folder.exists()
    make_folder(folder)
    try:
        stage = folder / f"{PART[0]}{secrets.token_hex(8)}{PART[1]}"
        stage.mkdir()
        _remove_stale(folder.glob(f"{PART[0]}*{PART[1]}"))
        try:
            yield stage
            for path in sorted(folder.iterdir()):
                if theirs.fullmatch(path.name):
                    path.unlink()
            for path in sorted(stage.iterdir(), reverse=True):
                path.replace(folder / path.name)
            _sync_folder(folder)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        if new:
            with suppress(OSError):  # it stays if it has come to hold anything
                folder.rmdir()


def sweep(folder: Path) -> None:
    """Remove the temporary files, older than a day, of programs that were killed meanwhile."""
    _remove_stale(folder.rglob(f"{PART[0]}*{PART[1]}"))


def _remove_stale(paths: Iterable[Path]) -> None:
    for path in list(paths):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > STALE:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def cannot_write(path: Path, error: OSError) -> CannotWrite:
    """The error as one sentence with what to do."""
    reason, hint = _reason(error)
    return CannotWrite(f"{path} cannot be written: {reason}.", hint)


def _reason(error: OSError) -> tuple[str, str]:
    if error.errno == errno.EEXIST:
        return "there is a file of that name", "Choose another folder."
    plain = (error.strerror or str(error), "Choose another folder.")
    return REASONS.get(error.errno or 0, plain)


def _temporary(folder: Path, data: Data) -> Path:
    """The data on disk under a short hidden name, safe against power loss."""
    path = folder / f"{PART[0]}{secrets.token_hex(8)}{PART[1]}"
    # Opened with the usual mode, not mkstemp's private one: others may look at pictures.
    descriptor = os.open(
        path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
    )
    try:
        with os.fdopen(descriptor, "wb") as stream:
            for piece in (data,) if isinstance(data, bytes) else data:
                stream.write(piece)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _move_to_new(temporary: Path, path: Path) -> None:
    """Rename without replacing. Raises FileExistsError."""
    if os.name == "nt":
        temporary.rename(path)  # refuses an existing target there
        return
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        # No hard links on this file system (FAT, some network shares): reserve, then replace.
        _reserve(path)
        try:
            temporary.replace(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _reserve(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))


def _names(folder: Path, stem: str, suffix: str) -> Iterator[Path]:
    yield folder / f"{stem}{suffix}"
    for number in count(2):
        yield folder / f"{stem}-{number}{suffix}"


def _sync_folder(folder: Path) -> None:
    """Make the rename itself safe against power loss, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems cannot; the data are written all the same.
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
