"""The device to compute on: chosen by itself, or by the person."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import torch

from studio.core.errors import BadInput

KINDS = ("cuda", "mps", "xpu", "cpu")


def choose_device(wanted: str = "") -> torch.device:
    """`wanted`, or the environment's STUDIO_DEVICE, or the best there is.

    Raises BadInput if the wanted device is unknown or not in this machine.
    """
    wanted = wanted or os.environ.get("STUDIO_DEVICE", "")
    if not wanted:
        return torch.device(next(kind for kind in KINDS if _present(kind)))
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise BadInput(
            f"There is no device named {wanted}.", f"Use one of: {', '.join(KINDS)}."
        ) from error
    if device.type not in KINDS or not _present(device.type):
        present = ", ".join(kind for kind in KINDS if _present(kind))
        raise BadInput(f"The device {wanted} is not in this machine.", f"Here: {present}.")
    return device


def default_dtype(device: torch.device, half: str = "float16") -> torch.dtype:
    """`half`, the model's own format of half precision, where the device is fast in it.

    float32 elsewhere: on CPUs, and for bfloat16 on cards that only imitate it.
    """
    if device.type not in ("cuda", "xpu"):
        return torch.float32
    if half == "bfloat16" and device.type == "cuda":
        real = torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if real else torch.float32
    return torch.bfloat16 if half == "bfloat16" else torch.float16


LARGE = 2**30
"""Bytes of a model from which half precision is worth its rounding on a CPU."""


def compute_dtype(device: torch.device, half: str, size: int) -> torch.dtype:
    """What a model with so many bytes of weights is computed in (see `default_dtype`).

    On a CPU that multiplies bfloat16 by itself large models take half the memory and a fraction
    of the time in it. Small ones are quick in float32, and stay as exact as they are.
    """
    if device.type == "cpu" and size >= LARGE and bfloat16_is_native():
        return torch.bfloat16
    return default_dtype(device, half)


def bfloat16_is_native() -> bool:
    """Whether this CPU has instructions for bfloat16 (AMX or AVX-512 BF16; on Arm, BF16)."""
    able = torch.cpu.get_capabilities()
    return any(able.get(name, False) for name in ("amx_bf16", "avx512_bf16", "bf16", "arm_bf16"))


def device_name(device: torch.device) -> str:
    """What the device is called on its box, as far as the system says."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "xpu":
        return str(torch.xpu.get_device_name(device))
    if device.type == "mps":
        return f"Apple {platform.machine()}"
    return _processor_name()


def free_memory(device: torch.device) -> int | None:
    """Bytes free on the device (for a CPU: of the machine), or None if the system won't say."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        available = next(line for line in lines if line.startswith("MemAvailable"))
        return int(available.split()[1]) * 1024
    except (OSError, StopIteration, ValueError, IndexError):
        return None


def thread_count() -> int:
    """Threads to compute with on the CPU: OMP_NUM_THREADS, or the cores this process may use.

    Of more than two one is left free: a window that waits for a core is felt, and threads that
    wait for one which was taken away from them lose more than that core would give.
    """
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdecimal() and int(wanted):
        return int(wanted)
    able = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if able else os.cpu_count() or 1
    return cores - 1 if cores > 2 else cores


def _present(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available()
    if kind == "mps":
        return torch.backends.mps.is_available()
    if kind == "xpu":
        return torch.xpu.is_available()
    return kind == "cpu"


def _processor_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
