"""T5's words are read from a SentencePiece file as from a tokenizer.json."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import T5Tokenizer

from studio.models.spiece import open_tokenizer, read_pieces

WORDS = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), ("▁red", -1.5)] + [
    (letter, -3.25) for letter in ascii_lowercase
]
CONTROL, UNKNOWN = 3, 2


def varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def write(path: Path, table: bytes = b"") -> Path:
    """As sentencepiece writes it: pieces, a trainer's and a normalizer's specification."""
    data = b""
    for word, score in WORDS:
        piece = field(1, word.encode()) + varint(2 << 3 | 5) + struct.pack("<f", score)
        if word.startswith("<"):
            piece += field(3, UNKNOWN if word == "<unk>" else CONTROL)
        data += field(1, piece)
    data += field(2, field(3, 1) + field(4, 32000))
    data += field(3, field(1, b"nmt_nfkc") + field(2, table) + field(3, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_the_words_are_those_that_were_written(tmp_path: Path) -> None:
    found = read_pieces(write(tmp_path / "spiece.model", b"table"))
    assert list(found.words) == WORDS
    assert found.table == b"table"


@pytest.mark.parametrize("text", ["a red boat", "", "  two  spaces ", "Ünknown", "reddish red"])
def test_it_cuts_texts_as_the_library_does(tmp_path: Path, text: str) -> None:
    write(tmp_path / "one" / "spiece.model")
    T5Tokenizer(vocab=WORDS, extra_ids=100).save_pretrained(tmp_path / "two")
    one, two = (open_tokenizer(tmp_path / name, T5Tokenizer) for name in ("one", "two"))
    how = {"padding": "max_length", "max_length": 20, "truncation": True}
    assert dict(one(text, **how)) == dict(two(text, **how))
    assert len(one) == len(two) == len(WORDS) + 100


def test_what_is_damaged_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "spiece.model")
    whole = path.read_bytes()
    for data in (whole[:-3], b"", b"\xff" * 40, b"version https://git-lfs.github.com"):
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"spiece\.model"):
            read_pieces(path)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.model"
    path.write_bytes(data)
    with suppress(ValueError):
        assert read_pieces(path).words
