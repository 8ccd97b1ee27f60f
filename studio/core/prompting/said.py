"""What a prompt came to for one seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Said:
    """`text` is what the seed made of a prompt with wildcards, `typed`, that stood in the field
    `role` of its recipe. Kept, since the wildcards' files may be other ones tomorrow."""

    role: str
    seed: int
    typed: str
    text: str

    def to_json(self) -> dict[str, Any]:
        return {"role": self.role, "seed": self.seed, "typed": self.typed, "text": self.text}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote. Raises TypeError, KeyError or ValueError for else."""
        return cls(str(data["role"]), int(data["seed"]), str(data["typed"]), str(data["text"]))


def found(said: Iterable[Said], role: str, seed: int, typed: str) -> str | None:
    """What was kept of this prompt; None if nothing was."""
    for one in said:
        if (one.role, one.seed, one.typed) == (role, seed, typed):
            return one.text
    return None
