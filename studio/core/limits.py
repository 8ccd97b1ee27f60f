"""How much the engine may keep of what could be made again."""

from __future__ import annotations

from dataclasses import dataclass

MIB, GIB = 2**20, 2**30


@dataclass(frozen=True)
class Limits:
    """In bytes: what is kept of steps in the machine's memory, and trajectories kept in files.

    Of the memory half is the archive's, for tensors. A quarter is for the thumbnails and results
    of runs that are over (`window`), and the rest for steps looked at (`session.sights`).

    The run in progress is kept whatever it takes, and of the disk never more is used than half
    of what is free.
    """

    memory: int = 512 * MIB
    disk: int = 20 * GIB
    models: int = 16 * GIB
    """Of models used before that stay in the machine's memory, as long as there is room."""
    plan: str = "auto"
    """How a model shares the device: one of `studio.core.memory.PLANS`."""

    @property
    def archive(self) -> int:
        return self.memory // 2

    @property
    def window(self) -> int:
        return self.memory // 4
