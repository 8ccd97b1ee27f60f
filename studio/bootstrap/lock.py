"""One start at a time may make the environment."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.bootstrap.errors import SetupFailed

PAUSE = 0.2


@contextmanager
def only_one(file: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """Hold the lock on `file`; yields its descriptor. Calls `waiting` once if another holds it.

    The operating system holds the lock, so one left by a killed start is no lock. A child process
    that inherits the descriptor keeps it held: a killed start's pip must not go on beside ours.
    """
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise SetupFailed(
            f"The folder {file.parent} cannot be written: {error.strerror}.",
            "Diffusion Studio makes its environment there at the first start.",
        ) from error
    try:
        if not _take(descriptor):
            waiting()
            while not _take(descriptor):
                time.sleep(PAUSE)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    """Take the lock if it is free; closing the descriptor gives it back."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
