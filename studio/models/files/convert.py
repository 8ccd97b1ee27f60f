"""A pickled checkpoint as safetensors: the same weights, in a file that cannot run anything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from safetensors.torch import save_file

from studio.core.errors import BadInput, CannotWrite
from studio.library.atomic import cannot_write
from studio.models.files.identify import PICKLED
from studio.models.files.pickled import read_pickle

SPARE = 64 * 2**20


def convert(path: Path, out: Path | None = None, ask: Callable[[], None] = lambda: None) -> Path:
    """Write `path`'s weights to `out`, or beside it; the old file stays. Returns the new one.

    `ask` may raise to stop, before anything is written. Raises BadInput, CannotLoad, CannotWrite.
    """
    if path.suffix.lower() not in PICKLED:
        raise BadInput(
            f"{path.name} is no pickled checkpoint.", f"Those end in {', '.join(PICKLED)}."
        )
    target = out or path.with_suffix(".safetensors")
    if target.exists():
        raise BadInput(f"{target} is there already.", "Choose another name, or move it away.")
    tensors = read_pickle(path)
    ask()
    # Copies of their own: what shares memory, or is a part of something larger, cannot be written.
    whole = {name: tensor.contiguous().clone() for name, tensor in tensors.items()}
    part = target.with_name(f".{target.name}.part")
    try:
        needed = sum(tensor.nbytes for tensor in whole.values()) + SPARE
        if shutil.disk_usage(target.parent).free < needed:
            raise CannotWrite(
                f"{target.name} needs {needed >> 20} MiB, which the disk has not.", "Make room."
            )
        ask()
        save_file(whole, part, {"format": "pt"})
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.rename(target)
    except OSError as error:
        raise cannot_write(target, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return target
