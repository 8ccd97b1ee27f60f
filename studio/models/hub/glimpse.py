"""What a file of the hub is, before it is downloaded: its first bytes say it.

A safetensors file begins with the names and shapes of all its tensors, a few hundred kilobytes.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from studio.core.downloads import RemoteFile
from studio.core.model_file import ModelFile, Role
from studio.models.files.header import LONGEST
from studio.models.files.identify import identify
from studio.models.hub.halt import Halt
from studio.models.hub.line import Line
from studio.models.hub.refusals import Broken

USABLE = (Role.CHECKPOINT, Role.NETWORK, Role.LORA, Role.EMBEDDING, Role.VAE)


def glimpse(line: Line, commit: str, file: RemoteFile, halt: Halt) -> ModelFile:
    """The file as it would be known once it is here. Raises Broken, Refused, CannotLoad.

    What there is of it is put into a file of its full length, of which the disk holds no more
    than was written.
    """
    head = _head(line, commit, file, halt)
    with tempfile.TemporaryDirectory(prefix="studio-") as folder:
        path = Path(folder) / Path(file.path).name
        with path.open("wb") as stream:
            stream.write(head)
            stream.truncate(max(file.size, len(head)))
        return identify(path)


def about(file: ModelFile) -> str:
    """What it is, in words."""
    parts = (file.title, file.role.value, file.detail, file.precision)
    return " · ".join(part for part in parts if part)


def problem(file: ModelFile) -> str:
    """Why it could not be used here; "" if it can."""
    if file.problem:
        return file.problem
    if file.role not in USABLE:
        return f"A {file.role.value} by itself cannot be used here."
    return ""


def _head(line: Line, commit: str, file: RemoteFile, halt: Halt) -> bytes:
    """The length of the header, eight bytes, and the header."""
    answer, head, wanted = line.file(commit, file.path), bytearray(), 8
    try:
        with halt.cutting(answer.cut):
            for chunk in answer.chunks():
                halt.check()
                head += chunk
                if len(head) >= 8:
                    wanted = 8 + min(int.from_bytes(head[:8], "little"), LONGEST)
                if len(head) >= wanted:
                    return bytes(head[:wanted])
    finally:
        answer.close()
    if len(head) < min(wanted, file.size):
        raise Broken("The line to the hub broke")
    return bytes(head)
