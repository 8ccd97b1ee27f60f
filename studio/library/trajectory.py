"""All steps of a run in one file, for this program and for anyone who reads safetensors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from studio.core.errors import BadInput, CannotOpen
from studio.core.record import Record
from studio.library.atomic import make_folder, write

FILE = "trajectory.safetensors"
FORMAT = "1"
RUN_AGAIN = "Make it again with generate --trajectory."

Rows = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, eq=False)
class StoredTrajectory:
    """`rows` by name (`x`, `x0`, `alpha`, `sigma`, `timestep`): the first axis is the step."""

    rows: Rows
    record: Record


def write_trajectory(path: Path, rows: Rows, record: Record) -> Path:
    """Into a folder (made if missing), or a file if the path ends in .safetensors.

    Returns the file. Raises CannotWrite.
    """
    file = _file(path)
    # ASCII JSON: the format's header is UTF-8 and half a surrogate pair has none.
    metadata = {"format": FORMAT, "recipe": json.dumps(record.to_json(), allow_nan=False)}
    tensors = {name: np.ascontiguousarray(row) for name, row in rows.items()}
    data: bytes = save(tensors, metadata=metadata)
    make_folder(file.parent)
    write(file, data)
    return file


def read_trajectory(path: Path) -> StoredTrajectory:
    """From the folder or the file. Raises CannotOpen."""
    file = _file(path)
    if not file.is_file():
        where = f"There is no {FILE} in {path}." if file != path else f"There is no file {path}."
        raise CannotOpen(where, "Check the name and the folder.")
    try:
        with safe_open(file, framework="numpy") as stored:
            metadata = stored.metadata() or {}
            if "recipe" not in metadata:
                raise CannotOpen(f"{file} is not a trajectory: it has no recipe in it.", RUN_AGAIN)
            rows = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        record = Record.from_json(json.loads(metadata["recipe"]))
    except PermissionError:
        raise CannotOpen(f"{file} may not be read.", "Check the file's permissions.") from None
    except BadInput as error:
        raise CannotOpen(f"{file}: {error.message}", error.hint) from error
    except (SafetensorError, OSError, ValueError, RecursionError, TypeError) as error:
        raise CannotOpen(f"{file} is damaged and cannot be read.", RUN_AGAIN) from error
    return StoredTrajectory(rows, record)


def _file(path: Path) -> Path:
    return path if path.suffix == ".safetensors" and not path.is_dir() else path / FILE
