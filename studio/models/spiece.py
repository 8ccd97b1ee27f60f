"""T5's words from a SentencePiece file, for models that come without a tokenizer.json.

PixArt-Σ's folders do. transformers would want two more libraries to read it; all that is in it is
a list of pieces with their scores, and a table for its normalizer, in protobuf's plain encoding
(sentencepiece_model.proto: pieces are field 1, the normalizer's specification is field 3).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "spiece.model"
PIECE, NORMALIZER = 1, 3
VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5
EXTRA = 100
"""So many words are left to be given a meaning, behind those of the file."""


@dataclass(frozen=True)
class Pieces:
    """`words` in the order of their ids; `table` is what the normalizer is made of, or empty."""

    words: tuple[tuple[str, float], ...]
    table: bytes


def read_pieces(path: Path) -> Pieces:
    """Raises OSError, and ValueError for a file that is no SentencePiece model."""
    words, table = [], b""
    try:
        for number, value in _fields(path.read_bytes()):
            if number == PIECE:
                piece = dict(_fields(_bytes(value)))
                (score,) = struct.unpack("<f", _bytes(piece.get(2, bytes(4))))
                words.append((_bytes(piece[1]).decode(), score))
            elif number == NORMALIZER:
                table = _bytes(dict(_fields(_bytes(value))).get(2, b""))
    except (IndexError, KeyError, TypeError, ValueError, struct.error) as error:
        raise ValueError(f"{path.name} is damaged") from error
    if not words:
        raise ValueError(f"{path.name} holds no words")
    return Pieces(tuple(words), table)


def open_tokenizer(folder: Path, kind: Any, **settings: Any) -> Any:
    """The tokenizer in the folder, of a class of transformers'.

    Raises OSError, ValueError and others.
    """
    file = folder / FILE
    if not file.is_file() or (folder / "tokenizer.json").is_file():
        return kind.from_pretrained(str(folder), local_files_only=True, **settings)
    found = read_pieces(file)
    return kind(
        vocab=list(found.words),
        _spm_precompiled_charsmap=found.table or None,
        extra_ids=EXTRA,
        **settings,
    )


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(number, value) of each field of a message: whole numbers, or bytes of any other kind."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == BYTES:
            length, at = _varint(data, at)
        elif kind in (EIGHT, FOUR):
            length = 8 if kind == EIGHT else 4
        else:
            raise ValueError(f"a field of kind {kind}")
        if at + length > len(data):
            raise ValueError("a field that is longer than the file")
        yield number, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Seven bits a byte, the lowest first; and where it ends."""
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not data[at - 1] & 0x80:
            return value, at


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise TypeError("a number where bytes are wanted")
    return value
