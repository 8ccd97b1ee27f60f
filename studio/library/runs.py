"""The trajectories of all runs, one file each: what memory has no room for is read from here."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from studio.core.errors import CannotOpen, CannotWrite
from studio.core.record import Record
from studio.library.tensors import size
from studio.library.trajectory import (
    Rows,
    StoredTrajectory,
    read_trajectory,
    write_trajectory,
)

SUFFIX = ".safetensors"
SAFE = re.compile(r"[\w-]{1,100}", re.ASCII)


@dataclass(frozen=True)
class _File:
    path: Path
    size: int
    time: float


class Runs:
    """Files `<run>.safetensors` in a folder. May be used from any thread and several processes.

    They are a cache: any of them may go at any time, and be made again from the recipe.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()

    def write(self, run: str, rows: Rows, record: Record, limit: int) -> None:
        """Keep a run's steps, in place of the oldest files if all take more than `limit` bytes.

        Never more than half of the disk's free space is taken. Raises CannotWrite.
        """
        path = self._path(run)
        wanted = size(rows)
        with self._lock:
            free = self._room(wanted, limit)
            if wanted > free:
                raise CannotWrite(
                    "There is no room on the disk for the steps of this run.",
                    "They are kept in memory for now. Make room on the disk, or allow more of "
                    "it in Edit, Preferences.",
                )
            write_trajectory(path, rows, record)

    def read(self, run: str) -> StoredTrajectory:
        """Raises CannotOpen if there is no such file, or it is damaged."""
        return read_trajectory(self._path(run))

    def __contains__(self, run: str) -> bool:
        return bool(SAFE.fullmatch(run)) and self._path(run).is_file()

    def remove(self, run: str) -> None:
        """Without effect if there is none. Raises CannotWrite."""
        if run not in self:
            return
        try:
            self._path(run).unlink(missing_ok=True)
        except OSError as error:
            raise CannotWrite(f"The steps of the run {run} cannot be removed.") from error

    def newest(self, most: int) -> list[tuple[str, float]]:
        """Names of the runs that were kept last, newest first, each with its time in seconds."""
        files = sorted(self._files(), key=lambda file: -file.time)[:most]
        return [(file.path.stem, file.time) for file in files]

    @property
    def nbytes(self) -> int:
        return sum(file.size for file in self._files())

    def _room(self, wanted: int, limit: int) -> int:
        """Bytes that may be written, after the oldest files have made room for `wanted`."""
        files = sorted(self._files(), key=lambda file: file.time)
        used = sum(file.size for file in files)
        limit = min(limit, (self._free() + used) // 2)
        if wanted > limit:
            return limit
        for file in files:
            if used + wanted <= limit:
                break
            with suppress(OSError):
                file.path.unlink()
                used -= file.size
        return limit - used

    def _free(self) -> int:
        nearest = next(path for path in (self._folder, *self._folder.parents) if path.exists())
        return shutil.disk_usage(nearest).free

    def _files(self) -> list[_File]:
        found = []
        for path in self._folder.glob(f"*{SUFFIX}"):
            with suppress(OSError):
                stat = path.stat()
                found.append(_File(path, stat.st_size, stat.st_mtime))
        return found

    def _path(self, run: str) -> Path:
        # A run's name comes from a file that anyone may have written: it must not lead elsewhere.
        if not SAFE.fullmatch(run):
            raise CannotOpen(f"There is no run named {run!r}.")
        return self._folder / f"{run}{SUFFIX}"
