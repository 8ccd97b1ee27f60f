"""What a list of models shows: one row each, in groups, those that the words fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.core.amounts import amount
from studio.core.model_file import ModelFile, Role
from studio.core.model_info import ModelInfo

BUILT_IN = "Built in"
OWN = "Your models"
FAVOURITE = "Favourites"
RECENT = "Recent"
GROUPS = {
    Role.LORA: "LoRAs",
    Role.EMBEDDING: "Textual inversions",
    Role.VAE: "VAEs",
    Role.TEXT_ENCODER: "Text encoders",
    Role.CONTROLNET: "ControlNets",
    Role.UPSCALER: "Upscalers",
}
OTHERS = "Cannot be used"
KINDS = (Role.CHECKPOINT, Role.NETWORK, Role.FOLDER)


@dataclass(frozen=True)
class Row:
    """`group` is the heading it stands under. `name` is the model's, "" for what is no model."""

    title: str
    about: str
    group: str
    name: str = ""
    size: str = ""
    preview: Path | None = None
    file: ModelFile | None = None
    info: ModelInfo | None = None
    problem: str = ""

    @property
    def path(self) -> Path | None:
        """The file or folder; None for what comes with the app."""
        if self.file is not None:
            return self.file.path
        comes_with_it = self.group == BUILT_IN
        return self.info.path if self.info and not comes_with_it else None

    def fits(self, words: Sequence[str]) -> bool:
        """Whether each word is part of what is known of it; all in lower case."""
        path = str(self.file.path) if self.file else ""
        text = f"{self.title} {self.about} {self.name} {path}".lower()
        return all(word in text for word in words)


def of_model(info: ModelInfo, group: str = "") -> Row:
    """The row of a model that pictures can be made with."""
    file = info.file
    if file is None:
        native = info.abilities.native_size
        # What comes with the app says what it is for.
        group = group or (OWN if info.path and not info.summary else BUILT_IN)
        return Row(info.title, info.summary or f"{native}", group, info.name, info=info)
    return Row(
        info.title,
        about(file),
        group or file.title or OWN,
        info.name,
        size(file.bytes),
        file.preview,
        file,
        info,
    )


def of_file(file: ModelFile) -> Row:
    """The row of a file that is no model by itself, or none that can be used."""
    group = OTHERS if file.problem else GROUPS.get(file.role, OTHERS)
    return Row(
        file.name,
        about(file),
        group,
        size=size(file.bytes),
        preview=file.preview,
        file=file,
        problem=file.problem,
    )


def everything(models: Sequence[ModelInfo], files: Sequence[ModelFile]) -> tuple[Row, ...]:
    """Models first, by family; then what belongs to them; then what cannot be used."""
    usable = {info.path for info in models}
    rest = [of_file(file) for file in files if file.path not in usable]
    order = {group: place for place, group in enumerate((*GROUPS.values(), OTHERS))}
    rest.sort(key=lambda row: (order[row.group], row.title.lower()))
    own = [of_model(info) for info in models if info.path and info.file]
    own.sort(key=lambda row: (row.group.lower(), row.title.lower()))
    first = [of_model(info) for info in models if not (info.path and info.file)]
    first.sort(key=lambda row: row.group != BUILT_IN)
    return (*first, *own, *rest)


def to_choose(
    models: Sequence[ModelInfo], favourites: Sequence[str], recent: Sequence[str]
) -> tuple[Row, ...]:
    """The models to choose from: favourites, what was used last, the others by family."""
    by_name = {info.name: info for info in models}
    first = [name for name in favourites if name in by_name]
    then = [name for name in recent if name in by_name and name not in first]
    rows = [of_model(by_name[name], FAVOURITE) for name in first]
    rows += [of_model(by_name[name], RECENT) for name in then]
    others = [row for row in everything(models, ()) if row.name not in {*first, *then}]
    # What comes with the app is for the beginning, and for lessons.
    others.sort(key=lambda row: row.group == BUILT_IN)
    return (*rows, *others)


def about(file: ModelFile) -> str:
    """The family, what it is if it is no model, and its precision."""
    role = "" if file.role in KINDS and file.title else file.role.value
    if file.role is Role.NETWORK:
        role = "without text encoders"
    parts = (file.title, role, file.detail, file.precision)
    return " · ".join(part for part in parts if part)


def size(count: int) -> str:
    """Bytes as a person reads them; "" where they are not known."""
    return amount(count) if count else ""


def numbers(count: int) -> str:
    """How many numbers a network has: "2.6 billion"."""
    if count >= 10**9:
        return f"{count / 10**9:.1f} billion"
    return f"{count / 10**6:.0f} million" if count >= 10**6 else f"{count:,}"


def grouped(rows: Sequence[Row]) -> Iterator[Row | str]:
    """The rows with each group's heading in front of its first."""
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            yield group
        yield row
