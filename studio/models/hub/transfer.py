"""One file from the hub to the disk, through whatever happens to the line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from studio.core.downloads import RemoteFile
from studio.core.errors import CannotLoad
from studio.models.hub.halt import Halt
from studio.models.hub.incomplete import Incomplete
from studio.models.hub.line import Line
from studio.models.hub.patience import Patience
from studio.models.hub.refusals import Broken

Tell = Callable[[int, str], None]
"""Hears how many bytes of the file are here, and what is waited for, "" if nothing is."""


def transfer(line: Line, commit: str, file: RemoteFile, path: Path, halt: Halt, tell: Tell) -> None:
    """Have `file` at `path`, its hash checked. What is there of an earlier time is gone on with.

    Raises Cancelled, CannotLoad, CannotWrite; what has come by then stays.
    """
    patience, damaged = Patience(), False
    with Incomplete(path, file, halt) as part:
        patience.progress(part.length)
        while not part.right:
            halt.check()
            if part.length == file.size:
                if damaged:
                    raise CannotLoad(
                        f"{file.path} has arrived damaged twice: its hash is not the hub's.",
                        "Try again later, or over another network.",
                    )
                damaged = True
                part.restart()
            try:
                _fetch(line, commit, part, halt, tell)
            except Broken as broken:
                halt.check()  # a line that we cut ourselves
                patience.progress(part.length)
                tell(part.length, f"{broken.reason}; trying again")
                patience.wait(broken, halt)
        part.finish()


def _fetch(line: Line, commit: str, part: Incomplete, halt: Halt, tell: Tell) -> None:
    """As many of the missing bytes as one answer brings. Raises Broken before the last of them."""
    file = part.file
    answer = line.file(commit, file.path, part.length, part.etag)
    try:
        with halt.cutting(answer.cut):
            if answer.status == 416:
                part.restart()
                raise Broken("The hub has fewer bytes of the file than are here")
            if answer.total not in (None, file.size):
                part.restart()
                raise Broken(f"The hub sends {file.path} in another size than it says")
            same = answer.etag == part.etag or not (answer.etag and part.etag)
            if answer.start != part.length or not same:
                # All of it comes (no ranges there, or another file), or the wrong piece.
                part.restart(answer.etag)
                if answer.start != 0:
                    raise Broken("The hub sends another piece of the file than it was asked for")
            elif part.length == 0:
                part.restart(answer.etag)
            tell(part.length, "")
            for chunk in answer.chunks():
                halt.check()
                if part.length + len(chunk) > file.size:
                    part.restart()
                    raise Broken(f"The hub sends more of {file.path} than there should be")
                part.write(chunk)
                tell(part.length, "")
    finally:
        answer.close()
    if part.length < file.size:
        raise Broken("The line to the hub broke")
