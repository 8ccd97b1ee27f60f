"""Where things are kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import platformdirs

HOME = "STUDIO_HOME"
"""Environment variable: everything goes under this folder instead of the system's own places."""


@dataclass(frozen=True)
class Folders:
    """`pictures` is for the person to look into, `data` for the program. Made when needed."""

    pictures: Path
    data: Path

    @classmethod
    def default(cls) -> Self:
        home = os.environ.get(HOME)
        if home:
            base = Path(home).expanduser().absolute()
            return cls(base / "pictures", base / "data")
        return cls(
            platformdirs.user_pictures_path() / "Diffusion Studio",
            platformdirs.user_data_path("diffusion-studio", appauthor=False),
        )

    @property
    def spare(self) -> Path:
        """Masks that no run has used yet, in case the program does not come to its end."""
        return self.data / "spare"

    @property
    def assets(self) -> Path:
        return self.data / "assets"

    @property
    def runs(self) -> Path:
        """The steps of runs, which can be made again if they go."""
        return self.data / "runs"

    @property
    def index(self) -> Path:
        return self.data / "index.sqlite"

    @property
    def removed(self) -> Path:
        """Pictures that were removed with their file: moved here, not deleted."""
        return self.data / "removed"

    @property
    def wildcards(self) -> Path:
        """Text files of the person's, a choice a line, for `__name__` in prompts."""
        return self.data / "wildcards"

    @property
    def state(self) -> Path:
        return self.data / "state.json"
