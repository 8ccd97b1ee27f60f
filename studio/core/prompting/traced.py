"""Text that knows where each of its characters was typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Traced:
    """`where[i]` is the place in the prompt as typed that character i of `text` came from."""

    text: str
    where: tuple[int, ...]

    @classmethod
    def typed(cls, text: str) -> Traced:
        return cls(text, tuple(range(len(text))))

    @classmethod
    def from_elsewhere(cls, text: str, at: int) -> Traced:
        """Text that was not typed, in the place of what was typed at `at`."""
        return cls(text, (at,) * len(text))

    def __getitem__(self, part: slice) -> Traced:
        return Traced(self.text[part], self.where[part])

    def __len__(self) -> int:
        return len(self.text)


def join(parts: Iterable[Traced]) -> Traced:
    """All of them, one after the other."""
    texts: list[str] = []
    places: list[int] = []
    for part in parts:
        texts.append(part.text)
        places.extend(part.where)
    return Traced("".join(texts), tuple(places))
