"""The models that can be used: the built-in ones and the folders the person has added.

Reads small JSON files only; loads no weights and no torch, so that a list costs milliseconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from studio.core.errors import BadInput, CannotLoad
from studio.core.geometry import Size
from studio.core.model_file import ModelFile, Role
from studio.core.model_info import Abilities, ModelInfo
from studio.core.resources import resource
from studio.library import atomic
from studio.library.folders import Folders
from studio.models.files.folder import whole_folder
from studio.models.files.shelf import Shelf
from studio.models.files.single import SingleSource, of_file
from studio.models.kinds import kind_of
from studio.models.source import INDEX, Source, open_source

STARTER = "starter"
DEFAULT_MODEL = STARTER
STARTER_GUIDANCE = 4.0
"""The 7 that larger models of its kind like is too much for it."""

TOY = ModelInfo(
    name="toy",
    title="Toy (closed form)",
    family="toy",
    path=None,
    abilities=Abilities(native_size=Size(64, 64), multiple=8, default_guidance=1.0, photos=False),
    summary="Colour fades from an ideal denoiser, no weights: for lessons and tests.",
)
PATCHES = ModelInfo(
    name="patches",
    title="This photo",
    family="patches",
    path=None,
    abilities=Abilities(
        native_size=Size(768, 768),
        multiple=1,
        prompt=False,
        prompt_hint="“This photo” takes no words: it fills from what is around the mask. Choose "
        "another model to describe what you want.",
        negative_prompt=False,
        inpaint_channels=True,
        mask_needed=True,
        own_scale=True,
        least_context=1.0,
        default_fill="edges",
        default_steps=32,
        default_guidance=1.0,
        photos=False,
        material=True,
    ),
    summary="Fills what is painted over from the rest of the picture. No weights, no words.",
)
BUILT_IN = (PATCHES, TOY)
"""Those without files, which are always there."""
USABLE = (Role.CHECKPOINT, Role.NETWORK, Role.FOLDER)
"""What pictures can be made with."""
BUILT_IN_NAMES = (STARTER, *(model.name for model in BUILT_IN))


class Catalogue:
    """The list of models. The person's own folders are remembered in `models.json`."""

    def __init__(self, folders: Folders) -> None:
        self._file = folders.data / "models.json"
        self.downloads = folders.data / "models"
        self.shelf = Shelf(folders.data)
        self._shelved: tuple[int, Sequence[ModelInfo]] | None = None
        self._problems: dict[Path, str] = {}

    def models(self) -> tuple[ModelInfo, ...]:
        """Built-in models first, then the person's own by name; unreadable folders left out."""
        starter = self._starter()
        found = [starter] if starter else []
        for name, path in sorted(self._added().items()):
            try:
                info = replace(describe(path), name=name)
            except CannotLoad:
                continue
            found.append(replace(info, file=info.file or _file_of(path)))
        found += self._on_the_shelf(found)
        return (*found, *BUILT_IN)

    def find(self, name: str) -> ModelInfo:
        """The model of that name. Raises CannotLoad if there is none, or its folder is gone."""
        added = self._added()
        if name in added:
            return replace(describe(added[name]), name=name)
        models = {model.name: model for model in self.models()}
        if name not in models:
            raise CannotLoad(f"There is no model named {name}.", f"There is: {', '.join(models)}.")
        return models[name]

    def add(self, path: Path) -> ModelInfo:
        """Remember a model folder where it is; it is not copied. Raises CannotLoad."""
        info = describe(path)
        # Those that cannot be read today (a drive that is not plugged in) keep their names too.
        taken: dict[str, Path | None] = dict.fromkeys(BUILT_IN_NAMES) | self._added()
        name, number = info.name, 2
        while name in taken and taken[name] != info.path:
            name, number = f"{info.name}-{number}", number + 1
        self._write({**self._added(), name: path.resolve()})
        return replace(info, name=name)

    def remove(self, name: str) -> None:
        """Forget a model folder; its files stay. Raises BadInput for built-in and unknown names."""
        added = self._added()
        if name in BUILT_IN_NAMES:
            raise BadInput(f"{name} is built in and cannot be removed.")
        if name not in added:
            raise BadInput(
                f"No model named {name} was added.",
                f"Added are: {', '.join(sorted(added)) or 'none'}.",
            )
        self._write({key: path for key, path in added.items() if key != name})

    def convert(
        self, path: Path, out: Path | None = None, ask: Callable[[], None] = lambda: None
    ) -> Path:
        """Write a pickled checkpoint again as safetensors; see `studio.models.files.convert`."""
        from studio.models.files.convert import convert  # it loads torch

        return convert(path, out, ask)

    def files(self) -> tuple[ModelFile, ...]:
        """Everything in the person's folders, with why it cannot be used where that is known."""
        self.models()
        return tuple(
            replace(file, problem=file.problem or self._problems.get(file.path, ""))
            for file in self.shelf.files
        )

    def _on_the_shelf(self, others: Sequence[ModelInfo]) -> Sequence[ModelInfo]:
        """The models in the person's folders that can be used, each with a name of its own."""
        known = {model.path for model in others}
        names = {*BUILT_IN_NAMES, *self._added()}
        looked = self.shelf.looked
        if self._shelved is None or self._shelved[0] != looked:
            # Looked at again whenever the shelf was: a part that was missing may have come.
            self._shelved = looked, self._described(self.shelf.files)
        found = []
        for info in self._shelved[1]:
            if info.path in known:
                continue
            name, number = info.name, 2
            while name in names:
                name, number = f"{info.name}-{number}", number + 1
            names.add(name)
            found.append(replace(info, name=name))
        return found

    def _described(self, files: Sequence[ModelFile]) -> Sequence[ModelInfo]:
        found, self._problems = [], {}
        for file in files:
            if file.role not in USABLE or file.problem:
                continue
            try:
                folder = file.role is Role.FOLDER
                source = open_source(file.path) if folder else of_file(file)
                found.append(replace(described(source), file=file, title=file.name))
            except CannotLoad as error:
                self._problems[file.path] = error.message
        return found

    def _starter(self) -> ModelInfo | None:
        folder = resource("starter-model")
        try:
            info = describe(folder)
        except CannotLoad:
            return None
        return replace(
            info,
            name=STARTER,
            title="Starter",
            abilities=replace(info.abilities, photos=False, default_guidance=STARTER_GUIDANCE),
            summary="Built in: small travel-poster landscapes, trained for this app.",
        )

    def _added(self) -> dict[str, Path]:
        try:
            data = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(name): Path(path) for name, path in data.items()}
        except OSError:
            return {}
        except (ValueError, AttributeError, TypeError):
            # Kept beside the new one: the names in it may be all that is known of a collection.
            with suppress(OSError):
                self._file.replace(self._file.with_suffix(".json.damaged"))
            return {}

    def _write(self, added: Mapping[str, Path]) -> None:
        data = {name: str(path) for name, path in added.items()}
        atomic.make_folder(self._file.parent)
        atomic.write(self._file, json.dumps(data, indent=1).encode())


def _file_of(folder: Path) -> ModelFile | None:
    """What is known of a model folder; remembered until it changes."""
    try:
        return whole_folder(folder, (folder / INDEX).stat().st_mtime_ns)
    except OSError:
        return None


def describe(path: Path) -> ModelInfo:
    """What the model at `path` is, from its configuration files. Raises CannotLoad."""
    return described(open_source(path))


def described(source: Source) -> ModelInfo:
    """What the model is. Raises CannotLoad."""
    path = source.path
    kind = kind_of(source)
    try:
        abilities = kind.abilities(source)
    except (KeyError, TypeError, ValueError) as error:
        raise CannotLoad(f"The configuration in {path} is damaged: {error}.") from error
    whole = path.resolve()
    file = source.file if isinstance(source, SingleSource) else None
    title = whole.stem if file else whole.name
    return ModelInfo(
        name=re.sub(r"[^\w.-]+", "-", title.lower()).strip("-") or "model",
        title=title,
        family=kind.family,
        path=whole,
        abilities=abilities,
        file=file,
    )
