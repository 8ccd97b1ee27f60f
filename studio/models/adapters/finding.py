"""From a name in a recipe to a file: in the person's folders, in the app's own, or by its path."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from studio.core.errors import CannotOpen
from studio.core.model_file import ModelFile, Role

FOLDERS = {Role.LORA: "loras", Role.EMBEDDING: "embeddings", Role.VAE: "vae"}
"""Folders of the app's own, under its data: what is put there needs nothing else."""
WORDS = {Role.LORA: "lora", Role.EMBEDDING: "embedding", Role.VAE: "vae"}
"""What stands before a name in `Recipe.files`."""
TITLES = {Role.LORA: "LoRA", Role.EMBEDDING: "embedding", Role.VAE: "VAE"}
SUFFIXES = (".safetensors", ".sft", ".pt", ".bin", ".ckpt", ".pth")

Files = Callable[[], Sequence[ModelFile]]


def _none() -> Sequence[ModelFile]:
    return ()


class Finder:
    """`data` is the app's folder, `files` what is in the folders that the person has named."""

    def __init__(self, data: Path, files: Files = _none) -> None:
        self._data, self._files = data, files
        self._hashes: dict[Path, tuple[tuple[int, int], str]] = {}

    def find(self, role: Role, name: str, recorded: Mapping[str, str] | None = None) -> Path:
        """The file of that name; of several the one that was `recorded` (see `Recipe.files`).

        Raises CannotOpen if there is none, or only others than the recorded one.
        """
        title = TITLES[role]
        found = list(dict.fromkeys(self._candidates(role, name)))
        if not found:
            raise CannotOpen(
                f"There is no {title} named {name}.",
                f"Put its file into {self._data / FOLDERS[role]}, add its folder in Models, or "
                "give its path.",
            )
        wanted = (recorded or {}).get(f"{WORDS[role]}/{name}", "")
        same = [path for path in found if not wanted or self.hash(path) == wanted]
        if not same:
            raise CannotOpen(
                f"The {title} {name} is another file than the one this picture was made with.",
                "Put that file back, or choose the one there is anew for another picture.",
            )
        return same[0]

    def names(self, role: Role) -> dict[str, Path]:
        """All there are, by the name that a prompt would have: the file's without its ending."""
        found: dict[str, Path] = {}
        for path in (*self._own(role), *(file.path for file in self._listed(role))):
            found.setdefault(_stem(path), path)
        return found

    def hash(self, path: Path) -> str:
        """The file's SHA-256, computed once as long as the file is the same."""
        stamp = self.stamp(path)
        known = self._hashes.get(path)
        if known is None or known[0] != stamp:
            listed = (f for f in self._files() if f.path == path and f.modified == stamp[1])
            known = stamp, next((file.sha256 for file in listed), "") or _hash(path)
            self._hashes[path] = known
        return known[1]

    def stamp(self, path: Path) -> tuple[int, int]:
        """Bytes and time of a file, or of all in a folder. Raises CannotOpen if it is gone."""
        try:
            if path.is_dir():
                stats = [file.stat() for file in _inside(path)]
                return sum(s.st_size for s in stats), max((s.st_mtime_ns for s in stats), default=0)
            stat = path.stat()
        except OSError as error:
            raise CannotOpen(f"{path} is no longer there.", "Put it back.") from error
        return stat.st_size, stat.st_mtime_ns

    def _candidates(self, role: Role, name: str) -> Iterator[Path]:
        with suppress(OSError, ValueError):
            given = Path(name).expanduser()
            named = given.suffix.lower() in SUFFIXES
            if (named and given.is_file()) or (given.is_absolute() and given.is_dir()):
                yield given.absolute()
        folder = self._data / FOLDERS[role]
        with suppress(OSError, ValueError):
            yield from (p for s in ("", *SUFFIXES) if (p := folder / f"{name}{s}").is_file())
        wanted = _plain(name)
        for path in self._own(role):
            if _plain(_stem(path)) == wanted:
                yield path
        for file in self._listed(role):
            # "style/ink" is ink.safetensors in a folder called style.
            tail = "/".join(file.path.with_suffix("").parts[-1 - wanted.count("/") :])
            if wanted in (_plain(tail), _plain(file.name)):
                yield file.path

    def _own(self, role: Role) -> list[Path]:
        folder = self._data / FOLDERS[role]
        with suppress(OSError):
            return sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
        return []

    def _listed(self, role: Role) -> list[ModelFile]:
        return [file for file in self._files() if file.role is role]


def _plain(name: str) -> str:
    stem = re.sub(rf"({'|'.join(map(re.escape, SUFFIXES))})$", "", name, flags=re.IGNORECASE)
    return stem.replace("\\", "/").casefold()


def _stem(path: Path) -> str:
    return path.stem if path.suffix.lower() in SUFFIXES else path.name


def _inside(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix in (".safetensors", ".json"))


def _hash(path: Path) -> str:
    """Of a file its SHA-256; of a folder that of its files' hashes."""
    try:
        if path.is_dir():
            whole = hashlib.sha256()
            for file in _inside(path):
                whole.update(f"{file.name} {_hash(file)}\n".encode())
            return whole.hexdigest()
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise CannotOpen(f"{path} cannot be read.", "Check its permissions.") from error
