"""How much the engine may keep of what could be made again."""

from __future__ import annotations

from dataclasses import dataclass

MIB, GIB = 2**20, 2**30


@dataclass(frozen=True)
class Limits:
    """In bytes: steps kept in the machine's memory, and trajectories kept in files.

    The run in progress is kept whatever it takes, and of the disk never more is used than half
    of what is free.
    """

    memory: int = 512 * MIB
    disk: int = 20 * GIB
