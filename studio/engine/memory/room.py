"""The memory of the device: how much there is, and what it is called."""

from __future__ import annotations

import gc
from contextlib import AbstractContextManager, nullcontext

import torch

from studio.engine.device import free_memory
from studio.engine.release import give_back

GIB = 2**30
KEPT_FREE = 0.04
"""The share of the free memory that is not planned with: allocators leave gaps."""


class Room:
    """That of a device. `apart`: weights can be elsewhere while the device computes."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.apart = device.type in ("cuda", "xpu")
        self.name = "memory" if device.type == "cpu" else "the GPU"

    def free(self) -> int | None:
        """Bytes that a run can have, besides what the loaded model has already."""
        if self.device.type == "cuda":
            kept = torch.cuda.memory_reserved(self.device) - torch.cuda.memory_allocated(
                self.device
            )
            return int(torch.cuda.mem_get_info(self.device)[0]) + kept
        if self.device.type == "mps":
            return int(torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())
        return free_memory(self.device)

    def usable(self, free: int) -> int:
        """So much of what is free is planned with; the libraries take some for themselves."""
        reserve = 300 * 2**20 if self.apart else 0
        return max(0, int(free * (1 - KEPT_FREE)) - reserve)

    def tidy(self) -> None:
        """Give back what is not used any more."""
        gc.collect()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        elif self.device.type == "mps":
            torch.mps.empty_cache()
        elif self.device.type == "xpu":
            torch.xpu.empty_cache()
        else:
            give_back()

    def watched(self) -> AbstractContextManager[object]:
        """Entered while a model computes."""
        return nullcontext()
