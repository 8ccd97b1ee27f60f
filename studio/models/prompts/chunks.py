"""A prompt cut into chunks of the length that a CLIP text encoder reads.

AUTOMATIC1111's way: a chunk is a beginning, up to 75 tokens, an end and padding; `BREAK` begins a
new one; and one that is full ends at its last comma, if that is not more than `BACK` tokens ago.
Imports no torch, so that tokens can be counted without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from studio.core.prompting.weights import Section

LENGTH = 77
"""Tokens in a chunk, its beginning and end counted."""
BACK = 20
HOW = {"add_special_tokens": False, "return_offsets_mapping": True, "verbose": False}
"""How text is tokenized that may be too long: it is cut here, so there is nothing to warn of."""


@dataclass(frozen=True)
class Token:
    """`at`: the place in the prompt as typed where the token's part begins."""

    id: int
    weight: float
    at: int


Chunk = tuple[Token, ...]
"""The words of one, without beginning, end and padding."""


def chunks(sections: Sequence[Section], tokenizer: Any, length: int = LENGTH) -> list[Chunk]:
    """All words of a prompt in chunks of at most `length` − 2 tokens; one chunk at least."""
    room = max(length - 2, 1)
    comma = tokenizer.get_vocab().get(",</w>")
    found: list[Chunk] = []
    for number, section in enumerate(sections):
        full = _cut(_tokens(section, tokenizer), room, comma)
        # A break at the very end has nothing behind it.
        if full or number < len(sections) - 1:
            found += full or [()]
    return found or [()]


def row(chunk: Chunk, tokenizer: Any, length: int = LENGTH) -> tuple[list[int], list[float]]:
    """Ids and weights of `length` tokens: beginning, words, end, padding."""
    pad = length - len(chunk) - 2
    ids = [tokenizer.bos_token_id, *(token.id for token in chunk), tokenizer.eos_token_id]
    weights = [1.0, *(token.weight for token in chunk), 1.0]
    return ids + [tokenizer.pad_token_id] * pad, weights + [1.0] * pad


def _tokens(section: Section, tokenizer: Any) -> list[Token]:
    tokens = []
    for part in section:
        # Half a surrogate pair, as undecodable arguments have, is no text to a tokenizer.
        text = part.text.encode("utf-8", "replace").decode("utf-8")
        read = tokenizer(text, **HOW)
        for id, (start, _) in zip(read["input_ids"], read["offset_mapping"], strict=True):
            tokens.append(Token(id, part.weight, part.where[min(start, len(part.where) - 1)]))
    return tokens


def _cut(tokens: list[Token], room: int, comma: int | None) -> list[Chunk]:
    found: list[Chunk] = []
    chunk: list[Token] = []
    after_comma = 0
    for word in _words(tokens):
        while chunk and len(chunk) + len(word) > room:
            # A comma that comes too late for its chunk ends nothing.
            back = len(chunk) - after_comma < BACK and after_comma and word[0].id != comma
            cut = after_comma if back else len(chunk)
            found.append(tuple(chunk[:cut]))
            chunk, after_comma = chunk[cut:], 0
        for start in range(0, len(word) - room, room):  # of a word that no chunk has room for
            found.append(tuple(word[start : start + room]))
        chunk += word[(len(word) - 1) // room * room :]
        if word[0].id == comma:
            after_comma = len(chunk)
    return [*found, tuple(chunk)] if chunk else found


def _words(tokens: list[Token]) -> Iterator[list[Token]]:
    """Tokens that are not to be torn apart: the vectors of a textual inversion, which have numbers
    below 0 and one place; any other alone."""
    for _, group in groupby(enumerate(tokens), _together):
        yield [token for _, token in group]


def _together(numbered: tuple[int, Token]) -> tuple[int, int | None]:
    number, token = numbered
    return (token.at, None) if token.id < 0 else (token.at, number)
