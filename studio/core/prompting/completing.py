"""What could be meant by the word that is being typed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from studio.core.counting import Named

LEAST = 3
"""Letters of an embedding's name, which stands among the words, before it is proposed."""

_TAG = re.compile(r"(?<!\\)<(?:lora|lyco):([^<>:\n]*)$", re.IGNORECASE)
_FILE = re.compile(r"(?<!\\)__((?!_)[\w\-./*]*?(?<!_)|)$")
_WORD = re.compile(r"[^\s,()\[\]{}|<>:]+$")


@dataclass(frozen=True)
class Meant:
    """The text from `start` to the cursor could become one of `texts`, shown as `names`."""

    start: int
    names: tuple[str, ...]
    texts: tuple[str, ...]


def meant(text: str, names: Named, classes: Collection[str] = ()) -> Meant | None:
    """What `text`, up to the cursor, could go on as; None if nothing is known to fit.

    For a model that draws `classes`, the whole of it is the name of one.
    """
    if classes:
        begun = text.strip()
        found = [each for each in _matching(begun, classes) if each != begun] if begun else []
        return _meant(len(text) - len(text.lstrip()), found, found)
    tag = _TAG.search(text)
    if tag:
        found = _matching(tag[1], names.loras)
        return _meant(tag.start(), found, (f"<lora:{each}:1>" for each in found))
    # An even number of them: the last one closes a name, and does not open one.
    file = _FILE.search(text)
    if file and len(re.findall(r"(?<!\\)__", text[: file.start() + 2])) % 2:
        found = _matching(file[1], names.wildcards)
        return _meant(file.start(), found, (f"__{each}__" for each in found))
    word = _WORD.search(text)
    if word and len(word[0]) >= LEAST:
        found = [each for each in _matching(word[0], names.embeddings) if each != word[0]]
        return _meant(word.start(), found, found)
    return None


def _meant(start: int, names: list[str], texts: Iterable[str]) -> Meant | None:
    return Meant(start, tuple(names), tuple(texts)) if names else None


def _matching(begun: str, names: Iterable[str]) -> list[str]:
    """Those with these letters in them; first those that begin with them."""
    wanted = begun.casefold()
    found = [each for each in names if wanted in each.casefold()]
    return sorted(found, key=lambda each: not each.casefold().startswith(wanted))
