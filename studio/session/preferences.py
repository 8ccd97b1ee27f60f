"""What a person sets once, for every picture: described as data, so that the dialog builds itself.

A new setting is a field of `Preferences` and a row of `PAGES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from psygnal import Signal

from studio.core.errors import BadInput
from studio.core.limits import GIB, MIB, Limits
from studio.core.memory import PLANS
from studio.core.options import Choice, Number, Option, Switch, Value


@dataclass(frozen=True)
class Preferences:
    """Each field is the option of its name in `PAGES`, and has its default."""

    step_memory: float = 512.0
    step_disk: float = 20.0
    largest_picture: float = 100.0
    model_memory: float = 16.0
    memory_plan: str = "auto"
    offline: bool = False

    @property
    def limits(self) -> Limits:
        """What concerns the engine."""
        return Limits(
            round(self.step_memory * MIB),
            round(self.step_disk * GIB),
            round(self.model_memory * GIB),
            self.memory_plan,
        )


PAGES: tuple[tuple[str, tuple[Option, ...]], ...] = (
    (
        "Steps",
        (
            Number(
                "step_memory",
                "Memory for steps",
                512.0,
                64.0,
                65536.0,
                64.0,
                "The steps of older runs are read from the disk again when you look at them.",
                "MiB",
            ),
            Number(
                "step_disk",
                "Disk for steps",
                20.0,
                0.0,
                4096.0,
                1.0,
                "The oldest go first; your pictures stay, and steps that are gone can be made "
                "again. At most half of the free space is used.",
                "GiB",
            ),
        ),
    ),
    (
        "Models",
        (
            Number(
                "model_memory",
                "Memory for models",
                16.0,
                0.0,
                1024.0,
                1.0,
                "Models you used before stay loaded as long as there is room, so that you can "
                "switch between them at once.",
                "GiB",
            ),
            Choice(
                "memory_plan",
                "Use of the graphics card",
                "auto",
                PLANS,
                "How a model makes do with less memory than it has. The line below the model says "
                "what was chosen and why.",
            ),
        ),
    ),
    (
        "Photos",
        (
            Number(
                "largest_picture",
                "Largest picture",
                100.0,
                1.0,
                4000.0,
                10.0,
                "In millions of pixels. Larger ones are refused before they take any memory: "
                "working on one takes about 20 bytes a pixel.",
                "MP",
            ),
        ),
    ),
    (
        "Network",
        (
            Switch(
                "offline",
                "Never use the network",
                False,
                "Nothing is sent or fetched: models are only those on this machine.",
            ),
        ),
    ),
)
"""Headings with their settings, in the order to show them."""

OPTIONS: dict[str, Option] = {option.name: option for _, page in PAGES for option in page}


class Preferred:
    """The preferences there are now. `changed` tells the new ones."""

    changed = Signal(Preferences)

    def __init__(self) -> None:
        self.now = Preferences()

    def set(self, name: str, value: Value) -> None:
        """Raises BadInput for a value that the setting cannot have."""
        changed: dict[str, Any] = {name: OPTIONS[name].check(value)}
        self._take(replace(self.now, **changed))

    def reset(self) -> None:
        """Every setting as it was at the very first start."""
        self._take(Preferences())

    def to_json(self) -> dict[str, Any]:
        return asdict(self.now)

    def from_json(self, data: Mapping[str, Any]) -> None:
        """Take over what `to_json` wrote; whatever cannot be used is left as it is."""
        known: dict[str, Any] = {}
        for name in data.keys() & {f.name for f in fields(Preferences)}:
            with suppress(BadInput):
                known[name] = OPTIONS[name].check(data[name])
        self._take(replace(self.now, **known))

    def _take(self, new: Preferences) -> None:
        if new != self.now:
            self.now = new
            self.changed.emit(new)
