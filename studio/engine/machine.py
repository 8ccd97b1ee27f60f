"""What a model has to fit into."""

from __future__ import annotations

import os

import torch

from studio.core.downloads import Machine, Precision
from studio.core.errors import BadInput
from studio.engine.device import bfloat16_is_native, choose_device, free_memory
from studio.models.hub.line import logged_in


def best_precision() -> Precision:
    """Half where there is a device that computes in it. Raises BadInput, see `choose_device`."""
    return "half" if _computes_in_half(choose_device()) else "full"


def measure(disk: int) -> Machine:
    """The device and its memory; `disk` are the bytes free where models are kept."""
    try:
        device = choose_device()
    except BadInput:
        device = torch.device("cpu")
    memory = 0
    if device.type == "cuda":
        memory = torch.cuda.get_device_properties(device).total_memory
    elif device.type != "cpu":
        memory = free_memory(device) or 0
    return Machine(device.type, memory, _ram(), disk, _computes_in_half(device), logged_in())


def _computes_in_half(device: torch.device) -> bool:
    return device.type != "cpu" or bfloat16_is_native()


def _ram() -> int:
    """All of it; 0 if the system won't say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0
