"""The environment of a checkout, and whether it can be used as it is.

It is complete when its stamp says so. The stamp is written last, names all that the environment
was made from, and lists what was installed, so that a look at it and one folder listing are
enough at every later start.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


class State(Enum):
    """What is to be done with an environment before it can be used."""

    READY = "ready"
    UPDATE = "update"
    REMAKE = "remake"


@dataclass(frozen=True)
class Verdict:
    """A state, and why: half a sentence for the person who waits."""

    state: State
    reason: str = ""


@dataclass(frozen=True)
class Environment:
    """The `.venv` of the checkout at `root`, an absolute path."""

    root: Path

    @classmethod
    def of_checkout(cls) -> Environment | None:
        """That of the checkout this file is in; None where the package was installed."""
        root = Path(__file__).resolve().parents[2]
        return cls(root) if (root / "pyproject.toml").is_file() else None

    @property
    def folder(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        inside = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
        return self.folder.joinpath(*inside)

    @property
    def packages(self) -> Path:
        if os.name == "nt":
            return self.folder / "Lib" / "site-packages"
        return self.folder / "lib" / f"python{PYTHON}" / "site-packages"

    @property
    def project(self) -> Path:
        return self.root / "pyproject.toml"

    @property
    def constraints(self) -> Path:
        return self.root / "packaging" / "constraints.txt"

    @property
    def stamp(self) -> Path:
        return self.folder / "studio-stamp.json"

    def running(self) -> bool:
        """Is this very process the environment's Python?"""
        return os.path.realpath(sys.prefix) == os.path.realpath(self.folder)

    def verdict(self, extras: Iterable[str] = ()) -> Verdict:
        """Can it be used for the app and these extras, after an update, or only made again?"""
        if not self.folder.exists():
            return Verdict(State.REMAKE)
        made = self._read_stamp()
        if made is None:
            return Verdict(State.REMAKE, "was not finished")
        if made.get("python") != PYTHON:
            return Verdict(State.REMAKE, f"is of Python {made.get('python')}, and this is {PYTHON}")
        if made.get("root") != str(self.root):
            return Verdict(State.REMAKE, "was made for another folder")
        if not self.python.exists() or not (self.folder / "pyvenv.cfg").exists():
            return Verdict(State.REMAKE, "has lost its Python")
        if not set(made.get("packages", ())) <= self._listing():
            return Verdict(State.REMAKE, "has lost packages")
        if made.get("fingerprint") != self.fingerprint():
            return Verdict(State.UPDATE, "is older than the project's requirements")
        if not set(extras) <= set(made.get("extras", ())):
            return Verdict(State.UPDATE, f"lacks the {', '.join(extras)} packages")
        return Verdict(State.READY)

    def extras(self) -> set[str]:
        """The extras it was made with; none if it is not finished."""
        return set((self._read_stamp() or {}).get("extras", ()))

    def fingerprint(self) -> str:
        """A hash of all that decides what is installed."""
        digest = hashlib.sha256()
        for file in (self.project, self.constraints):
            digest.update(file.read_bytes() + b"\0")
        return digest.hexdigest()

    def finish(self, extras: Iterable[str]) -> None:
        """Write the stamp, whole or not at all. Everything else must have been done."""
        made = {
            "python": PYTHON,
            "root": str(self.root),
            "fingerprint": self.fingerprint(),
            "extras": sorted(extras),
            "packages": sorted(self._listing()),
        }
        fresh = self.stamp.with_suffix(".new")
        fresh.write_text(json.dumps(made, indent=1), encoding="utf-8")
        fresh.replace(self.stamp)

    def _read_stamp(self) -> dict[str, Any] | None:
        try:
            made = json.loads(self.stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return made if isinstance(made, dict) else None

    def _listing(self) -> set[str]:
        """What is installed, without versions: a package updated by hand is no damage."""
        try:
            names = {entry.name for entry in self.packages.iterdir()}
        except OSError:
            return set()
        passing = (".dist-info", "__pycache__", ".pth")
        return {name for name in names if not name.endswith(passing) and name[0] not in "~."}
