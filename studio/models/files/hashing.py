"""The hash of a whole file, by which it is found on the web and named in pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from studio.core.model_file import ModelFile, Role

PIECE = 4 * 2**20
"""Bytes between two moments in which it can be stopped: some milliseconds."""
UNHASHED = (Role.FOLDER, Role.DAMAGED)


def to_hash(files: Sequence[ModelFile]) -> Sequence[ModelFile]:
    """The files whose hash is not known yet, small ones first: LoRAs before checkpoints."""
    waiting = [file for file in files if not file.sha256 and file.role not in UNHASHED]
    return sorted(waiting, key=lambda file: file.bytes)


def whole_hash(path: Path, ask: Callable[[], None] = lambda: None) -> str:
    """SHA-256 of the file's bytes; "" if it cannot be read. `ask` may raise to stop."""
    digest = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as file:
            while piece := file.read(PIECE):
                ask()
                digest.update(piece)
    except OSError:
        return ""
    return digest.hexdigest()
