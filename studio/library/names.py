"""What a new picture is called."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from pathlib import PurePath

from studio.core.recipe import Recipe

LONGEST = 40


def slug(text: str) -> str:
    """Lower-case words joined by hyphens, at most 40 characters; letters of any script stay."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).lower())
    return "-".join(words)[:LONGEST].strip("-") or "picture"


def dated(recipe: Recipe, now: datetime) -> PurePath:
    """`2026-11-21/101503-7-a-red-lighthouse`, without the suffix."""
    return PurePath(f"{now:%Y-%m-%d}") / f"{now:%H%M%S}-{recipe.seed}-{slug(recipe.prompt)}"
