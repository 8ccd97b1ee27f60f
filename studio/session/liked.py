"""The models that a person goes back to: their favourites, and those that were used last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psygnal import Signal

LAST = 4
"""So many of those used last are shown."""


class Liked:
    """Models by name; those that are gone stay known, and come back with their files."""

    changed = Signal()

    def __init__(self) -> None:
        self.favourites: tuple[str, ...] = ()
        self.recent: tuple[str, ...] = ()

    def toggle(self, name: str) -> None:
        """Make it a favourite, or no longer one."""
        rest = tuple(other for other in self.favourites if other != name)
        self.favourites = rest if name in self.favourites else (*rest, name)
        self.changed.emit()

    def use(self, name: str) -> None:
        """Pictures are being made with it."""
        if self.recent[:1] != (name,):
            rest = (other for other in self.recent if other != name)
            self.recent = (name, *rest)[:LAST]
            self.changed.emit()

    def to_json(self) -> dict[str, Any]:
        return {"favourites": list(self.favourites), "recent": list(self.recent)}

    def from_json(self, data: Mapping[str, Any]) -> None:
        """Take over what `to_json` wrote; whatever cannot be used is left out."""
        for key in ("favourites", "recent"):
            names = data.get(key)
            if isinstance(names, list):
                setattr(self, key, tuple(name for name in names if isinstance(name, str)))
        self.changed.emit()
