"""The parts of each family's single files, with their configurations.

`layouts.json` is ours: the numbers are those that the families were published with, in their
papers, model cards and reference code, under the names that diffusers and transformers read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

NETWORKS = ("unet", "transformer")
"""The part that makes the pictures: a file always has it."""


@dataclass(frozen=True)
class Layout:
    """`parts`: the class of each part and the name of its configuration, by which the same part in
    a file of its own is known. `configs`: the configurations by part. `index`: what a diffusers
    folder says of the model as a whole."""

    parts: Mapping[str, tuple[str, str]]
    configs: Mapping[str, Mapping[str, Any]]
    index: Mapping[str, Any] = field(default_factory=dict)

    def kind(self, part: str) -> str:
        """The name of a part's configuration: "clip-l", "vae-flux"."""
        return self.parts[part][1]


@cache
def layouts() -> Mapping[str, Layout]:
    """All of them, by the names that `networks.ROWS` use."""
    data = json.loads((Path(__file__).with_name("layouts.json")).read_text(encoding="utf-8"))
    return {name: _layout(row, data["configs"]) for name, row in data["layouts"].items()}


def _layout(row: Mapping[str, Any], configs: Mapping[str, Any]) -> Layout:
    parts = {part: (kind, config) for part, (kind, config) in row["parts"].items()}
    changes = row.get("changes", {})
    whole = {part: configs[name] | changes.get(part, {}) for part, (_, name) in parts.items()}
    return Layout(parts, whole, row.get("index", {}))
