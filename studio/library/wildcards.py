"""The files that wildcards choose their lines from: text files in a folder of the person's."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path

LARGEST = 2**24
"""Bytes of a file that is read; what is larger is no list."""


class Wildcards:
    """`animals/cats` is the file animals/cats.txt, `cats` any cats.txt, `animals/*` all there.

    Files are read once: make another one to see what has changed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Path] | None = None
        self._lines: dict[Path, Sequence[str]] = {}

    def names(self) -> list[str]:
        """What can be written between the underscores, in the alphabet's order."""
        if self._files is None:
            self._files = {}
            with suppress(OSError):
                for path in sorted(self._folder.rglob("*.txt")):
                    name = path.relative_to(self._folder).with_suffix("").as_posix()
                    self._files[name] = path
        return list(self._files)

    def lines(self, name: str) -> Sequence[str]:
        """Those of all files of this name; () if there are none, or none that can be read."""
        wanted, names = name.casefold(), self.names()
        assert self._files is not None
        found = [each for each in names if fnmatchcase(each.casefold(), wanted)]
        found = found or [each for each in names if each.casefold().endswith(f"/{wanted}")]
        return [line for each in found for line in self._read(self._files[each])]

    def _read(self, path: Path) -> Sequence[str]:
        if path not in self._lines:
            text = ""
            with suppress(OSError):
                if path.stat().st_size <= LARGEST:
                    text = path.read_text(encoding="utf-8-sig", errors="replace")
            lines = (line.strip() for line in text.splitlines())
            self._lines[path] = [line for line in lines if line and not line.startswith("#")]
        return self._lines[path]
