"""What went wrong, and what to do about it."""

from __future__ import annotations

import torch

from studio.core.errors import CannotLoad, OutOfMemory, StudioError


def explained(error: Exception) -> StudioError:
    """What went wrong and what to do about it, for any exception."""
    if isinstance(error, StudioError):
        return error
    text = str(error).strip()
    first = text.splitlines()[0][:200] if text else type(error).__name__
    if lacks_memory(error):
        return OutOfMemory(
            "There is not enough memory for this picture.",
            "Choose a smaller size or batch, or close other programs.",
        )
    if isinstance(error, OSError):
        return CannotLoad(f"A file could not be used: {first}.", "Check the disk and try again.")
    return StudioError(
        f"Something went wrong in the engine: {first}.",
        "The details can be copied for a report; the next run is not affected.",
    )


def lacks_memory(error: Exception) -> bool:
    """Whether it was raised because the device or the machine has too little memory."""
    text = str(error).lower()
    full = isinstance(error, MemoryError | torch.OutOfMemoryError)
    return full or ("alloc" in text and "memory" in text)
