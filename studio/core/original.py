"""The file that a picture was opened from, and what it holds beyond 8-bit sRGB pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Original:
    """Plain data: the file is read again when its depth, colours or metadata are wanted.

    `depth`: bits a sample, 32 for floats. `mode`: as `imaging.native` calls it. `profile`: what
    its colour profile calls itself, "" for none. `quality`, `sampling`: of a JPEG, as near as can
    be told.
    """

    path: Path
    form: str
    mode: str = "RGB"
    depth: int = 8
    profile: str = ""
    quality: int = 0
    sampling: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"path": str(self.path)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Original:
        """Read what `to_json` wrote. Raises KeyError, TypeError or ValueError for else."""
        return cls(
            path=Path(str(data["path"])),
            form=str(data["form"]),
            mode=str(data["mode"]),
            depth=int(data["depth"]),
            profile=str(data["profile"]),
            quality=int(data["quality"]),
            sampling=str(data["sampling"]),
        )
