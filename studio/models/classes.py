"""The classes that a model was trained on, found by what a person writes."""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from studio.core.errors import BadInput


@dataclass(frozen=True)
class Classes:
    """`numbers` by name, in small letters. `none` is the number that stands for no class."""

    numbers: Mapping[str, int]
    none: int

    @classmethod
    def of(cls, labels: Mapping[str, str], none: int) -> Self:
        """From an `id2label`: {"1": "goldfish, Carassius auratus", …}. A class has several names,
        and where two classes share one, it is the first one's."""
        numbers: dict[str, int] = {}
        for number, names in labels.items():
            for name in str(names).split(","):
                numbers.setdefault(_plain(name), int(number))
        return cls(numbers, none)

    def find(self, prompt: str) -> int:
        """The class that the prompt is or names: its number, a name, or the first name in it.

        Of names that begin at the same word the longest counts. Raises BadInput.
        """
        words = _plain(prompt)
        if not words:
            return self.none
        if words.isdecimal() and int(words) < self.none:
            return int(words)
        if words in self.numbers:
            return self.numbers[words]
        inside = [(f" {words} ".find(f" {name} "), -len(name), name) for name in self.numbers]
        found = sorted(place for place in inside if place[0] >= 0)
        if found:
            return self.numbers[found[0][2]]
        shown = textwrap.shorten(prompt, 60, placeholder="…")
        raise BadInput(f"This model draws classes and knows none in “{shown}”.", self._near(words))

    def _near(self, words: str) -> str:
        if not self.numbers:
            return f"Use a number from 0 to {self.none - 1}."
        near = difflib.get_close_matches(words, self.numbers, n=3, cutoff=0.5)
        near += [name for word in words.split() for name in self.numbers if word in name.split()]
        names = list(dict.fromkeys(near))[:4] or list(self.numbers)[:4]
        return f"Try one of its classes, for example: {', '.join(names)}."


def _plain(text: str) -> str:
    """Words in small letters with single spaces, and nothing around them."""
    return re.sub(r"[\s_]+", " ", text.casefold()).strip(" .,;!?\"'")
