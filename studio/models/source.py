"""Where a model's parts are read from, whatever its files look like.

A part is named as in diffusers' folders: "unet", "text_encoder", "tokenizer", "vae", "scheduler".
Nothing here loads torch until a network is asked for, so that looking at a model is cheap.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from studio.core.errors import CannotLoad
from studio.models.spiece import open_tokenizer

if TYPE_CHECKING:
    import torch

INDEX = "model_index.json"
TOKENIZERS = ("tokenizer.json", "vocab.json", "spiece.model", "tokenizer.model")
SUFFIXES = (".safetensors", ".json", ".txt", ".model", ".jinja")
FILES = (".safetensors", ".ckpt", ".pt")
MANY = 1000
"""Names in a folder that are looked at, to say what it looks like."""
WHOLE = ""
"""The part that is all of the model, where a folder holds one network and no index."""


class Source(Protocol):
    """The files of one model. `path` is the folder or the file that a person chose."""

    path: Path

    @property
    def parts(self) -> Mapping[str, str]:
        """The class in diffusers or transformers of each part there is. Raises CannotLoad."""

    def config(self, part: str) -> dict[str, Any]:
        """The configuration of a part, as in diffusers' folders. Raises CannotLoad.

        `INDEX` in the place of a part: what the index says of the model as a whole.
        """

    def files(self) -> Sequence[Path]:
        """All files that the pictures depend on, in an order that does not change."""

    def network(self, part: str, kind: type, dtype: torch.dtype) -> Any:
        """A part's network with its weights, on the CPU. Raises OSError, ValueError and others."""

    def tokenizer(self, part: str, kind: type) -> Any:
        """A part's tokenizer. Raises OSError, ValueError and others."""


class FolderSource:
    """A folder in diffusers' format."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def parts(self) -> Mapping[str, str]:
        index = read_json(self.path / INDEX)
        return {part: str(value[1]) for part, value in index.items() if _is_part(value)}

    def config(self, part: str) -> dict[str, Any]:
        if part == INDEX:
            return read_json(self.path / INDEX)
        name = "scheduler_config.json" if part == "scheduler" else "config.json"
        return read_json(self._at(part) / name)

    def files(self) -> Sequence[Path]:
        found = sorted(self.path.rglob("*"))
        return [path for path in found if path.suffix in SUFFIXES and path.is_file()]

    def network(self, part: str, kind: type, dtype: torch.dtype) -> Any:
        theirs: Any = kind
        word = "torch_dtype" if kind.__module__.startswith("diffusers") else "dtype"
        return theirs.from_pretrained(
            self._at(part), local_files_only=True, use_safetensors=True, **{word: dtype}
        )

    def tokenizer(self, part: str, kind: type) -> Any:
        # transformers makes an empty tokenizer of an empty folder, and every prompt the same.
        if not any((self.path / part / name).is_file() for name in TOKENIZERS):
            raise FileNotFoundError(f"the {part} is missing")
        return open_tokenizer(self.path / part, kind)

    def _at(self, part: str) -> Path:
        """A model of one network, as DDPMs are, often has its files beside the index."""
        within = self.path / part
        return within if within.is_dir() else self.path


def open_source(path: Path) -> Source:
    """The model at `path`. Raises CannotLoad if there is none that could be read."""
    try:
        there, indexed = path.exists(), (path / INDEX).is_file()
    except (OSError, ValueError) as error:
        raise CannotLoad(f"{path} cannot be looked into.", "Check its permissions.") from error
    if not there:
        raise CannotLoad(f"There is no file or folder {path}.")
    if indexed:
        return FolderSource(path)
    if path.is_dir():
        raise CannotLoad(*_no_model(path))
    from studio.models.files.single import open_file  # it needs what is defined here

    return open_file(path)


def _no_model(folder: Path) -> tuple[str, str]:
    """What to say of a folder without an index."""
    text = f"{folder} is not a model folder: it has no {INDEX}."
    if any(found.suffix in FILES for found in sorted(folder.iterdir())[:MANY]):
        return text, "It looks like a folder of single files: add it as one, on the Models page."
    return text, "Choose a folder in diffusers' format, or a single file."


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object. Raises CannotLoad for anything else."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CannotLoad(
            f"{path} is missing or damaged.", "Put the model's files there again."
        ) from error
    if not isinstance(data, dict):
        raise CannotLoad(f"{path} is damaged.", "Put the model's files there again.")
    return data


def _is_part(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and value[0] is not None


def vae_factor(source: Source) -> int:
    """How many pixels wide and high a latent cell is: 1 for a model of the pixels themselves."""
    if "vae" not in source.parts:
        return 1
    return int(2 ** (len(source.config("vae")["block_out_channels"]) - 1))
