"""A short list of models worth knowing, as their authors describe them.

Licence, gate and parameter counts are those of the model cards and papers. How many bytes a
download has is asked of the hub when one is looked at; what is said before is what so many
parameters take in 16 bits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from studio.core.amounts import amount

FILE = Path(__file__).with_name("curated.json")
HALF = 2
"""Bytes a parameter."""


@dataclass(frozen=True)
class Curated:
    """`parameters`: millions, by part. `revision`: where the authors' own holds weights only as
    pickles, the one of the same repository that has them converted to safetensors."""

    title: str
    repo: str
    good_for: str
    licence: str
    gated: bool
    parameters: Mapping[str, int]
    revision: str = ""

    @property
    def weights(self) -> dict[str, int]:
        """Bytes of each part in 16 bits."""
        return {part: count * 10**6 * HALF for part, count in self.parameters.items()}

    @property
    def size_text(self) -> str:
        return f"about {amount(sum(self.weights.values()))}"


@cache
def curated() -> tuple[Curated, ...]:
    """In the order to show them: the small ones of each kind first."""
    return tuple(Curated(**row) for row in json.loads(FILE.read_text("utf-8")))


def revision_of(repo: str) -> str:
    """The revision to take of a repository; "" for the newest."""
    return next((model.revision for model in curated() if model.repo == repo), "")


def matching(models: Iterable[Curated], words: str) -> list[Curated]:
    """Those that have every one of the words somewhere."""
    wanted = words.casefold().split()

    def text(model: Curated) -> str:
        return " ".join((model.title, model.repo, model.good_for, model.licence)).casefold()

    return [model for model in models if all(word in text(model) for word in wanted)]
