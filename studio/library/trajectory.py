"""All steps of a run in one file, for this program and for anyone who reads safetensors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from studio.core.errors import BadInput, CannotOpen
from studio.core.record import Record
from studio.library.atomic import make_folder, write
from studio.library.tensors import Array, Row, pieces

FILE = "trajectory.safetensors"
FORMAT = "1"
RUN_AGAIN = "Make it again with generate --trajectory."

Rows = Mapping[str, Row]


class StoredRows(Mapping[str, Array]):
    """The tensors of a file by name, each read when it is asked for.

    Raises CannotOpen for a file that has gone or been damaged meanwhile.
    """

    def __init__(self, file: Path, names: tuple[str, ...]) -> None:
        self._file = file
        self._names = names

    def __getitem__(self, name: str) -> Array:
        if name not in self._names:
            raise KeyError(name)
        with _opened(self._file) as stored:
            row: Array = stored.get_tensor(name)
            return row

    def at(self, name: str, index: int) -> Array:
        """One item of the first axis, and no more than that is read."""
        with _opened(self._file) as stored:
            item: Array = stored.get_slice(name)[index]
            return item

    def shape(self, name: str) -> tuple[int, ...]:
        """Known without reading it. Raises KeyError if there is no such tensor."""
        if name not in self._names:
            raise KeyError(name)
        with _opened(self._file) as stored:
            return tuple(stored.get_slice(name).get_shape())

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True, eq=False)
class StoredTrajectory:
    """`rows` by name (`x`, `x0`, `alpha`, `sigma`, `timestep`, …): the first axis is the step."""

    rows: StoredRows
    record: Record


def write_trajectory(path: Path, rows: Rows, record: Record) -> Path:
    """Into a folder (made if missing), or a file if the path ends in .safetensors.

    Returns the file. Raises CannotWrite.
    """
    file = _file(path)
    # ASCII JSON: the format's header is UTF-8 and half a surrogate pair has none.
    metadata = {"format": FORMAT, "recipe": json.dumps(record.to_json(), allow_nan=False)}
    make_folder(file.parent)
    write(file, pieces(rows, metadata))
    return file


def read_trajectory(path: Path) -> StoredTrajectory:
    """From the folder or the file. Raises CannotOpen."""
    file = _file(path)
    if not file.is_file():
        where = f"There is no {FILE} in {path}." if file != path else f"There is no file {path}."
        raise CannotOpen(where, "Check the name and the folder.")
    with _opened(file) as stored:
        metadata = stored.metadata() or {}
        if "recipe" not in metadata:
            raise CannotOpen(f"{file} is not a trajectory: it has no recipe in it.", RUN_AGAIN)
        names = tuple(stored.keys())
        record = Record.from_json(json.loads(metadata["recipe"]))
    return StoredTrajectory(StoredRows(file, names), record)


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    """Opened anew for each look: a file that is held open could not be removed everywhere."""
    try:
        with safe_open(file, framework="numpy") as stored:
            yield stored
    except PermissionError:
        raise CannotOpen(f"{file} may not be read.", "Check the file's permissions.") from None
    except BadInput as error:
        raise CannotOpen(f"{file}: {error.message}", error.hint) from error
    except (SafetensorError, OSError, ValueError, RecursionError, TypeError) as error:
        raise CannotOpen(f"{file} is damaged and cannot be read.", RUN_AGAIN) from error


def _file(path: Path) -> Path:
    return path if path.suffix == ".safetensors" and not path.is_dir() else path / FILE
