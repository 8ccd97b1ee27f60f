"""Where the files that come with the program are."""

from __future__ import annotations

from pathlib import Path

_STUDIO = Path(__file__).resolve().parents[1]


def resource(*parts: str) -> Path:
    """The path of a file in `resources/`: beside `studio/` in a checkout, inside it installed."""
    installed = _STUDIO / "resources"
    return (installed if installed.is_dir() else _STUDIO.parent / "resources").joinpath(*parts)
