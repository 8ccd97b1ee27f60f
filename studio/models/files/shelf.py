"""All of a person's model files, in the folders they have named; what each is, is remembered.

Nothing is copied or moved. What a file is has to be found out once only: it is kept with the file's
size and time, and so is its hash.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from threading import Lock
from typing import Any

from studio.core.errors import BadInput, CannotLoad
from studio.core.model_file import ModelFile, Role
from studio.library import atomic
from studio.models.files.beside import with_what_is_beside
from studio.models.files.folder import describe_folder
from studio.models.files.identify import identify
from studio.models.files.places import roots
from studio.models.files.scan import Candidate, scan

OWN = {Role.LORA: "loras", Role.EMBEDDING: "embeddings", Role.VAE: "vae"}
VERSION = 2
"""Raised when files would be described otherwise, so that all are looked at again."""
LOOKING = "It is being looked into…"
"""The problem of a file that nothing is known of yet."""
Ask = Callable[[], None]
"""Called often; may raise to stop."""


class Shelf:
    """May be used from any thread. `files` is what the last look found."""

    def __init__(self, data: Path) -> None:
        self._folders_file = data / "model_folders.json"
        self._cache_file = data / "model_files.json"
        self.own = {role: data / name for role, name in OWN.items()}
        """The app's own folders of additions, which are always looked into."""
        self._lock = Lock()
        self.looked = 0
        """How often the folders were looked through."""
        self._folders = tuple(Path(text) for text in _read(self._folders_file, list))
        cache = _read(self._cache_file, dict)
        known = cache.get("files", {}) if cache.get("version") == VERSION else {}
        self._known: dict[Path, ModelFile] = {}
        self._hashes: dict[Path, str] = {}
        for path, values in known.items():
            with suppress(KeyError, TypeError, ValueError):
                self._known[Path(path)] = _file(Path(path), values)
        self._files = self._in(self._folders)

    @property
    def folders(self) -> Sequence[Path]:
        return self._folders

    @property
    def files(self) -> Sequence[ModelFile]:
        """By folder and name, as they were found."""
        with self._lock:
            if self._hashes:
                new, self._hashes = self._hashes, {}
                self._files = tuple(
                    replace(file, sha256=new.get(file.path, file.sha256)) for file in self._files
                )
            return self._files

    def add_folder(self, folder: Path) -> None:
        """Look into this folder too, from the next look on. Raises BadInput, CannotWrite."""
        try:
            whole = folder.expanduser().resolve()
            if not whole.is_dir():
                raise BadInput(f"{folder} is no folder.")
        except (OSError, ValueError) as error:
            raise BadInput(f"{folder} cannot be looked into.") from error
        with self._lock:
            if whole not in self._folders:
                self._keep_folders((*self._folders, whole))

    def remove_folder(self, folder: Path) -> None:
        """Look into this folder no more; what is in it stays. Raises CannotWrite."""
        with self._lock:
            self._keep_folders(tuple(path for path in self._folders if path != folder))
            self._files = self._in(self._folders)
            self.looked += 1

    def look(self, ask: Ask = lambda: None, tell: Callable[[], None] = lambda: None) -> None:
        """Look through all folders. `tell` is called when there is something new in `files`."""
        candidates: dict[Path, Candidate] = {}
        for folder in (*self._folders, *self.own.values()):
            for root in roots(folder):
                candidates |= {found.path: found for found in scan(root, ask)}
        before = self._files
        new = [one for one in candidates.values() if _changed(self._known.get(one.path), one)]
        if new:
            # All names first: what the new ones are takes longer to find out.
            self._publish(candidates.values())
            tell()
        for candidate in new:
            ask()
            self._known[candidate.path] = _describe(candidate)
        self._publish(candidates.values())
        with self._lock:
            # What lies on a drive that is not plugged in today is known again tomorrow.
            gone = [path for path in self._known if path not in candidates and path.parent.exists()]
            for path in gone:
                del self._known[path]
        if new or gone:
            self.save()
        if self._files != before:
            tell()

    def _publish(self, candidates: Iterable[Candidate]) -> None:
        files = []
        for candidate in candidates:
            known = self._known.get(candidate.path)
            if known is None or _changed(known, candidate):
                known = ModelFile(
                    candidate.path,
                    Role.UNKNOWN,
                    bytes=candidate.bytes,
                    modified=candidate.modified,
                    problem=LOOKING,
                )
            files.append(with_what_is_beside(known, candidate.beside))
        with self._lock:
            self._files = tuple(files)
            self.looked += 1

    def hashed(self, path: Path, sha256: str) -> None:
        """Remember what a file's hash is."""
        with self._lock:
            if path in self._known:
                self._known[path] = replace(self._known[path], sha256=sha256)
            # One by one among hundreds: the files are put together when they are asked for.
            self._hashes[path] = sha256

    def save(self) -> None:
        """Keep what is known. Raises CannotWrite."""
        with self._lock:
            kept = {str(path): _values(file) for path, file in self._known.items()}
        data = json.dumps({"version": VERSION, "files": kept}, separators=(",", ":"))
        atomic.make_folder(self._cache_file.parent)
        atomic.write(self._cache_file, data.encode())

    def _keep_folders(self, folders: tuple[Path, ...]) -> None:
        atomic.make_folder(self._folders_file.parent)
        text = json.dumps([str(folder) for folder in folders], indent=1)
        atomic.write(self._folders_file, text.encode())
        self._folders = folders

    def _in(self, folders: Sequence[Path]) -> tuple[ModelFile, ...]:
        """What is known to be in these folders."""
        inside = [root for folder in (*folders, *self.own.values()) for root in roots(folder)]
        return tuple(
            file
            for path, file in self._known.items()
            if any(path.is_relative_to(root) for root in inside)
        )


def _describe(candidate: Candidate) -> ModelFile:
    try:
        found = describe_folder(candidate.path) if candidate.folder else identify(candidate.path)
    except CannotLoad as error:
        found = ModelFile(candidate.path, Role.DAMAGED, problem=error.message)
    return replace(found, bytes=candidate.bytes, modified=candidate.modified)


def _changed(known: ModelFile | None, one: Candidate) -> bool:
    return known is None or (known.bytes, known.modified) != (one.bytes, one.modified)


NOT_KEPT = ("path", "preview", "caption")


def _values(file: ModelFile) -> Mapping[str, Any]:
    values = {key: value for key, value in asdict(file).items() if value and key not in NOT_KEPT}
    return {**values, "role": file.role.value}


def _file(path: Path, values: Mapping[str, Any]) -> ModelFile:
    """Raises KeyError, TypeError or ValueError for what `_values` has not made."""
    known = {**values, "role": Role(values["role"])}
    known |= {key: tuple(values.get(key, ())) for key in ("words", "lacks")}
    return ModelFile(path, **known)


def _read(path: Path, kind: type) -> Any:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return kind()
    return data if isinstance(data, kind) else kind()
