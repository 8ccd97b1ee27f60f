"""Small files that change a model while they are worn: LoRA and its kin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

MOST = 10.0
"""The largest weight, up or down. Beyond 2 there is hardly ever a picture left."""


@dataclass(frozen=True)
class Adapter:
    """A LoRA and how much of it: 1 is as it was trained, 0 is without it, below 0 the opposite.

    `name` is that of its file without the ending, as it lies in a folder of LoRAs, or a path.
    `text_weight` is the weight in the text encoders, where it is to be another than `weight`.
    """

    name: str
    weight: float = 1.0
    text_weight: float | None = None

    @property
    def of_text(self) -> float:
        """The weight in the text encoders."""
        return self.weight if self.text_weight is None else self.text_weight

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"name": self.name, "weight": self.weight}
        return data if self.text_weight is None else data | {"text_weight": self.text_weight}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote. Raises TypeError, KeyError or ValueError for else."""
        text = data.get("text_weight")
        if not isinstance(data["name"], str):
            raise TypeError(f"the name of an adapter is {data['name']!r}")
        return cls(
            data["name"], float(data.get("weight", 1.0)), None if text is None else float(text)
        )


def joined(adapters: Iterable[Adapter]) -> tuple[Adapter, ...]:
    """Each name once, its weights added up: a LoRA that is asked for twice is worn twice."""
    found: dict[str, Adapter] = {}
    for one in adapters:
        before = found.get(one.name)
        if before is None:
            found[one.name] = one
            continue
        weight, text = before.weight + one.weight, before.of_text + one.of_text
        found[one.name] = Adapter(one.name, weight, None if text == weight else text)
    return tuple(found.values())
