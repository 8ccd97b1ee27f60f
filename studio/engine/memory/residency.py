"""The models that are loaded: the one in use, and those used before, as long as there is room."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass

from studio.core.model_info import ModelInfo
from studio.engine.release import give_back
from studio.models.family import Family
from studio.models.loading import Stamp
from studio.models.parts import parts_of

SPARE = 0.1
"""The share of what is free that loading a model leaves alone."""


@dataclass(frozen=True)
class Resident:
    """A loaded model. Its files may be written anew meanwhile: the stamp tells."""

    info: ModelInfo
    stamp: Stamp
    family: Family
    hash: str

    @property
    def size(self) -> int:
        """Bytes of its weights."""
        parts = parts_of(self.family)
        return sum(parts.sizes.values()) if parts else 0


class Residents:
    """`limit`: bytes that models not in use may take. `free`: bytes that are free in the machine's
    memory, None if the system won't say."""

    def __init__(self, limit: Callable[[], int], free: Callable[[], int | None]) -> None:
        self._limit, self._free = limit, free
        self._kept: list[Resident] = []

    @property
    def current(self) -> Resident | None:
        """The one used last."""
        return self._kept[-1] if self._kept else None

    def find(self, info: ModelInfo, stamp: Stamp) -> Resident | None:
        """The model as its files are now, made the current one; the others leave the device."""
        for kept in self._kept:
            if (kept.info.name, kept.info.vae) == (info.name, info.vae):
                self._kept.remove(kept)
                if (kept.info, kept.stamp) != (info, stamp):
                    break  # its files have changed, or what is known of it
                self._leave()
                self._kept.append(kept)
                return kept
        return None

    def make_room(self, size: int) -> None:
        """For a model of about so many bytes, that is about to be loaded."""
        self._leave()
        while self._kept and self._short(size, len(self._kept)):
            self._let_go()

    def add(self, resident: Resident) -> None:
        """The current one from now on."""
        self._kept.append(resident)
        while len(self._kept) > 1 and self._short(0, len(self._kept) - 1):
            self._let_go()

    def _short(self, size: int, others: int) -> bool:
        if sum(kept.size for kept in self._kept[:others]) > self._limit():
            return True
        free = self._free()
        return free is not None and size > free * (1 - SPARE)

    def _let_go(self) -> None:
        del self._kept[0]
        gc.collect()
        give_back()

    def _leave(self) -> None:
        for kept in self._kept:
            parts = parts_of(kept.family)
            if parts is not None:
                parts.leave()
