"""A device with so much memory and no more, on the CPU: every tensor that is made is counted."""

from __future__ import annotations

import gc
from contextlib import AbstractContextManager

import torch

from studio.engine.memory.room import Room
from studio.models.counting import Counting


class Capped(Room):
    """What is computed with counts, and weights that are brought to the "device", which are
    copied as they would be; weights at home do not. Beyond `limit` bytes there is
    torch.OutOfMemoryError."""

    def __init__(self, limit: int, share: float = 0.95) -> None:
        super().__init__(torch.device("cpu"))
        self.apart, self.name = True, "the GPU"
        self.counting = Counting(limit)
        self._share = share
        self.pretend = 0
        """Bytes that are said to be free though they are not, until it is found out."""

    def free(self) -> int | None:
        limit = self.counting.limit
        assert limit is not None
        return limit - self.counting.alive + self.pretend

    def usable(self, free: int) -> int:
        return int(free * self._share)

    def tidy(self) -> None:
        self.pretend = 0
        gc.collect()

    def watched(self) -> AbstractContextManager[object]:
        return self.counting
