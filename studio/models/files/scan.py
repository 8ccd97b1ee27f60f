"""Which model files there are in a folder: names and sizes only, so that it is quick."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from studio.models.files.identify import SUFFIXES
from studio.models.source import INDEX

DEEPEST = 8
MOST = 20_000
"""Files that are taken from one folder at most: somebody's whole disk is no folder of models."""
SKIPPED = frozenset(
    {"venv", ".venv", "node_modules", "__pycache__", "outputs", "output", "input", "temp"}
)
SHARD = re.compile(r"-\d{5}-of-\d{5}$")
"""Ends the names of the pieces that large networks are cut into: none is a file of its own."""


@dataclass(frozen=True)
class Candidate:
    """A file, or a folder in diffusers' format, with what tells whether it has changed."""

    path: Path
    bytes: int
    modified: int
    folder: bool = False
    beside: frozenset[str] = field(default_factory=frozenset, repr=False)
    """All names in the same folder."""


def scan(root: Path, ask: Callable[[], None] = lambda: None) -> Iterator[Candidate]:
    """What there is in `root`, depth first, by name. What cannot be looked into is passed over.

    `ask` is called for each folder and may raise to stop.
    """
    seen: set[tuple[int, int]] = set()
    for number, found in enumerate(_walk(root, 0, seen, ask)):
        if number >= MOST:
            return
        yield found


def _walk(
    folder: Path, depth: int, seen: set[tuple[int, int]], ask: Callable[[], None]
) -> Iterator[Candidate]:
    ask()
    try:
        stat = folder.stat()
        # Links can make a ring.
        if (stat.st_dev, stat.st_ino) in seen or depth > DEEPEST:
            return
        seen.add((stat.st_dev, stat.st_ino))
        with os.scandir(folder) as listing:
            found = sorted(listing, key=lambda entry: entry.name.lower())
    except (OSError, ValueError):
        return
    names = frozenset(entry.name for entry in found)
    if INDEX in names:
        yield _diffusers(folder)
        return
    for entry in found:
        try:
            if entry.is_dir():
                if not entry.name.startswith(".") and not _skipped(entry.name.lower()):
                    yield from _walk(Path(entry.path), depth + 1, seen, ask)
            elif _is_model(entry.name):
                stat = entry.stat()
                yield Candidate(Path(entry.path), stat.st_size, stat.st_mtime_ns, beside=names)
        except OSError:
            continue


def _skipped(name: str) -> bool:
    """Also what is still being downloaded."""
    return name in SKIPPED or name.endswith(".part")


def _is_model(name: str) -> bool:
    stem, _, suffix = name.rpartition(".")
    return (
        f".{suffix.lower()}" in SUFFIXES and not stem.startswith(".") and SHARD.search(stem) is None
    )


def _diffusers(folder: Path) -> Candidate:
    size = modified = 0
    for path in folder.rglob("*"):
        try:
            stat = path.stat()
        except OSError:
            continue
        if path.suffix in (".safetensors", ".json"):
            modified = max(modified, stat.st_mtime_ns)
            size += stat.st_size if path.suffix == ".safetensors" else 0
    return Candidate(folder, size, modified, folder=True)
