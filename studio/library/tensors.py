"""Writing safetensors a piece at a time: a long run need not be copied to be written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

KINDS = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "int64": "I64",
    "int32": "I32",
    "uint8": "U8",
    "bool": "BOOL",
}


@dataclass(frozen=True, eq=False)
class Stack:
    """Arrays of one shape and type, as one with a first axis more, that is never made."""

    items: Sequence[Array]

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.items), *self.items[0].shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.items[0].dtype

    def __getitem__(self, where: Any) -> Any:
        return np.asarray(self)[where]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.stack(self.items).astype(dtype or self.dtype, copy=False)


Row = Array | Stack


def size(rows: Mapping[str, Row]) -> int:
    """Bytes of all tensors."""
    return sum(_bytes(row) for row in rows.values())


def pieces(rows: Mapping[str, Row], metadata: Mapping[str, str]) -> Iterator[bytes | memoryview]:
    """The file, in order: https://huggingface.co/docs/safetensors, "Format"."""
    # Wide types first, so that all of them lie at multiples of their own size.
    ordered = sorted(rows.items(), key=lambda item: -item[1].dtype.itemsize)
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    begin = 0
    for name, row in ordered:
        end = begin + _bytes(row)
        kind = KINDS[row.dtype.name]
        header[name] = {"dtype": kind, "shape": list(row.shape), "data_offsets": [begin, end]}
        begin = end
    text = json.dumps(header).encode("ascii")
    text += b" " * (-len(text) % 8)
    yield len(text).to_bytes(8, "little")
    yield text
    for _, row in ordered:
        for part in row.items if isinstance(row, Stack) else (row,):
            if part.size:
                yield np.ascontiguousarray(part).data.cast("B")


def _bytes(row: Row) -> int:
    count = 1
    for length in row.shape:
        count *= length
    return count * row.dtype.itemsize
