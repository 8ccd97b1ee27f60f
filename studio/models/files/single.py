"""A model that is one file, with what it lacks from files near it. Opened without a network
connection: the configurations are ours, the tokenizers are found on this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.core.errors import CannotLoad
from studio.core.model_file import ModelFile, Role
from studio.models.files.companions import NAMES, companion
from studio.models.files.identify import identify
from studio.models.files.layouts import Layout, layouts
from studio.models.files.tokenizers import find_tokenizer, make_tokenizer

if TYPE_CHECKING:
    import torch

OPTIONAL = {"text_encoder_3": "tokenizer_3"}
"""Stable Diffusion 3 was trained to do without its largest text encoder, and so without this."""
INDEX = "model_index.json"


class SingleSource:
    """See `studio.models.source.Source`."""

    def __init__(self, file: ModelFile, layout: Layout | None = None) -> None:
        """Raises CannotLoad, naming them, if parts are missing. `layout`: the file's own is used
        if none is given."""
        self.path = file.path
        self.file = file
        self._layout = layout or layouts()[file.layout]
        self._elsewhere: dict[str, Path] = {}
        self._without: set[str] = set()
        missing = []
        for part in file.lacks:
            kind = self._layout.kind(part)
            found = companion(file.path, kind)
            if found is not None:
                self._elsewhere[part] = found
            elif part in OPTIONAL:
                self._without |= {part, OPTIONAL[part]}
            else:
                missing.append(NAMES.get(kind, kind))
        if missing:
            raise CannotLoad(
                f"{file.path.name} ({file.title}) is not all of a model; missing: "
                f"{', '.join(missing)}.",
                "Put the missing files beside it, or into ComfyUI's folders text_encoders and vae.",
            )

    @property
    def parts(self) -> Mapping[str, str]:
        parts = self._layout.parts.items()
        return {part: kind for part, (kind, _) in parts if part not in self._without}

    def config(self, part: str) -> dict[str, Any]:
        if part == INDEX:
            return dict(self._layout.index)
        if part not in self._layout.configs:
            raise CannotLoad(f"{self.path} has no {part}.")
        return dict(self._layout.configs[part]) | self._changes(part)

    def _changes(self, part: str) -> dict[str, Any]:
        """What the file's variant says of a part."""
        variant, layout = self.file.variant, self.file.layout
        if part == "transformer" and variant.isdigit():
            side = int(variant) // 8
            return {"sample_size": side, "interpolation_scale": max(1, side // 64)}
        if part == "unet" and variant == "v" and layout == "sd2":
            return {"sample_size": 96}
        if part == "scheduler" and variant.startswith("v"):
            changes: dict[str, Any] = {"prediction_type": "v_prediction"}
            if variant == "v-zero":
                changes |= {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}
            return changes
        return {}

    def files(self) -> Sequence[Path]:
        tokenizers = [
            find_tokenizer(kind, self.path)
            for part, (_, kind) in self._layout.parts.items()
            if part.startswith("tokenizer") and part not in self._without
        ]
        found = [self.path, *self._elsewhere.values()]
        found += [file for files in tokenizers if files for file in files.values()]
        return tuple(dict.fromkeys(found))

    def network(self, part: str, kind: type, dtype: torch.dtype) -> Any:
        from studio.models.files.weights import load_part  # it loads torch

        path, config = self._elsewhere.get(part, self.path), self.config(part)
        return load_part(path, self._layout, part, kind, config, dtype)

    def tokenizer(self, part: str, kind: type) -> Any:
        name = self._layout.kind(part)
        return make_tokenizer(name, self.path, kind, self.config(part))


def open_file(path: Path) -> SingleSource:
    """The model that is in the file. Raises CannotLoad, saying what it is if it is none."""
    return of_file(identify(path))


def of_file(file: ModelFile) -> SingleSource:
    """The same for a file that was looked at. Raises CannotLoad."""
    if file.role is Role.DAMAGED:
        raise CannotLoad(file.problem, "Get the file again, as safetensors if there is such a one.")
    if file.problem:
        raise CannotLoad(
            f"{file.path.name} cannot be used: {file.problem[:1].lower()}{file.problem[1:]}"
            if file.role is Role.UNKNOWN
            else file.problem,
            "Choose another model.",
        )
    if file.role not in (Role.CHECKPOINT, Role.NETWORK):
        made_for = f" for {file.title}" if file.title else ""
        raise CannotLoad(
            f"{file.path.name} is no model by itself but a {file.role.value}{made_for}.",
            "Choose a checkpoint.",
        )
    return SingleSource(file)
