"""The header of a safetensors file: names, shapes and types of its tensors, without their data.

The format is eight bytes with the header's length, the header as JSON, and the data. Nothing of a
file is believed before it is checked, so that a lying header cannot cost memory or time.
Source: https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from studio.core.errors import CannotLoad

LONGEST = 100 * 10**6
"""Bytes of a header; the limit of the format's own library."""
BITS = {
    "F64": 64,
    "I64": 64,
    "U64": 64,
    "C64": 64,
    "F32": 32,
    "I32": 32,
    "U32": 32,
    "F16": 16,
    "BF16": 16,
    "I16": 16,
    "U16": 16,
    "F8_E4M3": 8,
    "F8_E5M2": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I8": 8,
    "U8": 8,
    "BOOL": 8,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "F4": 4,
}
HINT = "The file is damaged or was not downloaded to its end: get it again."


class Entry(NamedTuple):
    """One tensor of a file: `start` and `end` are bytes from the beginning of the data."""

    kind: str
    shape: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Header:
    """What a file says of itself. `begin` is where its data begins, in bytes."""

    entries: Mapping[str, Entry]
    begin: int
    metadata: Mapping[str, str] = field(default_factory=dict)

    def shape(self, name: str) -> tuple[int, ...]:
        """The tensor's shape; () if there is none of that name."""
        entry = self.entries.get(name)
        return entry.shape if entry else ()


def read_header(path: Path) -> Header:
    """The header of the safetensors file at `path`. Raises CannotLoad, with one sentence."""
    try:
        with path.open("rb") as file:
            total = file.seek(0, 2)
            file.seek(0)
            length = int.from_bytes(file.read(8), "little")
            if total < 8 or length > min(LONGEST, total - 8):
                raise _damaged(path, "its header is longer than the file" if total >= 8 else "")
            text = file.read(length)
    except OSError as error:
        raise CannotLoad(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        data = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "its header cannot be read") from error
    if not isinstance(data, dict):
        raise _damaged(path, "its header cannot be read")
    told = data.pop("__metadata__", {})
    metadata = told if isinstance(told, dict) else {}
    try:
        entries, position = _entries(data)
    except _Gap as gap:
        raise _damaged(path, "its tensors overlap or leave gaps") from gap
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, "its header describes tensors that cannot be") from error
    size = total - 8 - length
    if position > size:
        raise _damaged(path, f"{position - size} of its {position} bytes are missing")
    if position < size:
        raise _damaged(path, "it is longer than its header says")
    words = {str(key): str(value) for key, value in metadata.items()}
    return Header(entries, 8 + length, words)


class _Gap(Exception):
    """Some bytes belong to no tensor, or to two."""


def _entries(data: Mapping[str, Any]) -> tuple[dict[str, Entry], int]:
    """The tensors, and how many bytes they have: every byte of the data belongs to one of them.

    Raises KeyError, TypeError or ValueError for what cannot be a tensor, and _Gap. Files have
    thousands: written to be quick.
    """
    entries: dict[str, Entry] = {}
    position, ordered = 0, True
    make = tuple.__new__
    for name, value in data.items():
        start, end = value["data_offsets"]
        kind, shape = value["dtype"], value["shape"]
        bits = BITS[kind]
        if type(start) is not int or type(end) is not int or start < 0:
            raise ValueError(start)
        for number in shape:
            if type(number) is not int or number < 0:
                raise ValueError(number)
            bits *= number
        if (bits + 7) // 8 != end - start:
            raise ValueError(shape)
        ordered = ordered and start == position
        position = end
        entries[name] = make(Entry, (kind, tuple(shape), start, end))
    if not ordered:
        position = 0
        for start, end in sorted((entry.start, entry.end) for entry in entries.values()):
            if start != position:
                raise _Gap
            position = end
    return entries, position


def _damaged(path: Path, why: str) -> CannotLoad:
    reason = why or "it is too short"
    return CannotLoad(f"{path.name} is no whole safetensors file: {reason}.", HINT)
