"""Checkpoints that are pickles (.ckpt, .pt, .bin): only ever read as tensors, never run.

torch's weights-only unpickler makes tensors, numbers, texts, lists and dictionaries and refuses the
name of anything else. Before that, sizes are looked at: a small file must not unpack to a large
one, as pickles in compressed archives can.
"""

from __future__ import annotations

import pickle
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.core.errors import CannotLoad
from studio.core.model_file import ModelFile, Role
from studio.models.files.header import Entry, Header
from studio.models.files.identify import describe_tensors

LONGEST = 64 * 2**20
"""Bytes of the pickle itself, which holds names and shapes only."""
KINDS = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
PICKLE = b"\x80"
"""The first byte of every pickle that torch has written."""
HINT = "Get it as safetensors, which hold weights and nothing else."


def read_pickle(path: Path, device: str = "cpu") -> dict[str, Tensor]:
    """The tensors of the file by name; on "meta" without their data. Raises CannotLoad."""
    _check_sizes(path)
    try:
        archive = zipfile.is_zipfile(path)
        if not archive and _first(path) != PICKLE:
            raise _damaged(path)
        with warnings.catch_warnings():  # of other versions of pickle, which are refused or read
            warnings.simplefilter("ignore")
            mapped = archive and device == "cpu"
            loaded: Any = torch.load(path, device, weights_only=True, mmap=mapped or None)
    except pickle.UnpicklingError as error:
        raise CannotLoad(
            f"{path.name} holds more than weights and could run a program: it was not opened.", HINT
        ) from error
    except (OSError, RuntimeError, ValueError, EOFError, KeyError, TypeError, IndexError) as error:
        raise _damaged(path) from error
    except (AttributeError, AssertionError, MemoryError, OverflowError, RecursionError) as error:
        raise _damaged(path) from error
    return _tensors(path, loaded)


def describe_pickle(bare: ModelFile) -> ModelFile:
    """What the file is, from its tensors' names and shapes; one that is refused says why."""
    try:
        tensors = read_pickle(bare.path, "meta")
    except CannotLoad as error:
        return replace(bare, role=Role.DAMAGED, problem=error.message)
    return describe_tensors(bare, Header(entries_of(tensors), 0))


def entries_of(tensors: Mapping[str, Tensor]) -> dict[str, Entry]:
    """The tensors' names, shapes and types, as a safetensors header has them."""
    return {
        name: Entry(KINDS.get(tensor.dtype, "F32"), tuple(tensor.shape), 0, tensor.nbytes)
        for name, tensor in tensors.items()
    }


def _check_sizes(path: Path) -> None:
    """Raises CannotLoad for archives that would unpack to more than they are."""
    try:
        size = path.stat().st_size
        if not zipfile.is_zipfile(path):
            return
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _damaged(path) from error
    total = sum(member.file_size for member in members)
    pickles = sum(member.file_size for member in members if member.filename.endswith(".pkl"))
    # torch stores its archives uncompressed.
    if total > size or pickles > LONGEST:
        raise CannotLoad(
            f"{path.name} would unpack to much more than it is: it was not opened.", HINT
        )


def _tensors(path: Path, loaded: Any) -> dict[str, Tensor]:
    """The state dictionary in what was loaded, wherever it is."""
    for _ in range(3):
        if isinstance(loaded, dict) and isinstance(loaded.get("state_dict"), dict):
            loaded = loaded["state_dict"]
    if isinstance(loaded, dict) and isinstance(loaded.get("string_to_param"), dict):
        # A1111's embeddings: one tensor under "*".
        loaded = {"emb_params": next(iter(loaded["string_to_param"].values()), None)}
    found = loaded if isinstance(loaded, dict) else {}
    tensors = {
        name: value
        for name, value in found.items()
        if isinstance(name, str) and isinstance(value, Tensor)
    }
    if not tensors:
        raise CannotLoad(f"{path.name} holds no weights.", HINT)
    return tensors


def _first(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1)


def _damaged(path: Path) -> CannotLoad:
    return CannotLoad(
        f"{path.name} cannot be read: it is damaged, or no checkpoint.",
        "Get it again, as safetensors if there is such a file.",
    )
