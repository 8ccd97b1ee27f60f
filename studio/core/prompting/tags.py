"""LoRAs asked for in a prompt: `<lora:name:0.8>`, as in AUTOMATIC1111's web UI.

`<lora:name>` is weight 1, `<lora:name:0.6:0.9>` 0.6 in the text encoders and 0.9 in the network,
`<lora:name:te=0.6:unet=0.9>` the same; `<lyco:…>` is `<lora:…>`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from studio.core.adapters import MOST, Adapter
from studio.core.prompting.traced import Traced, join

_TAG = re.compile(r"(?<!\\)<(?:lora|lyco):([^<>:]+)((?::[^<>:]*)*)>", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)$")


@dataclass(frozen=True)
class Tag:
    """`start` and `end`: where it stands in the prompt."""

    adapter: Adapter
    start: int
    end: int


def tags(prompt: str) -> tuple[Tag, ...]:
    """All LoRAs asked for, in order. What only looks like a tag is none."""
    found = []
    for match in _TAG.finditer(prompt):
        adapter = _adapter(match[1].strip(), match[2].split(":")[1:])
        if adapter is not None:
            found.append(Tag(adapter, match.start(), match.end()))
    return tuple(found)


def taken_out(prompt: Traced, known: Callable[[str], bool]) -> tuple[Traced, tuple[Adapter, ...]]:
    """The prompt without its tags, and what they ask for; tags of unknown names stay words."""
    parts: list[Traced] = []
    adapters: list[Adapter] = []
    at = 0
    for tag in tags(prompt.text):
        if known(tag.adapter.name):
            parts.append(prompt[at : tag.start])
            adapters.append(tag.adapter)
            at = tag.end
    return join([*parts, prompt[at : len(prompt)]]), tuple(adapters)


def _adapter(name: str, values: list[str]) -> Adapter | None:
    numbers: dict[str, float] = {}
    for place, value in enumerate(values):
        key, _, number = value.rpartition("=")
        key = key.strip().lower() or ("te", "unet", "dyn")[min(place, 2)]
        if key == "dyn":  # a rank that LoRAs are cut to, which nobody uses
            continue
        if key not in ("te", "unet") or not _NUMBER.match(number.strip()):
            return None
        numbers[key] = min(max(float(number), -MOST), MOST)
    text = numbers.get("te", 1.0)
    weight = numbers.get("unet", text if "te" in numbers else 1.0)
    return Adapter(name, weight, None if text == weight or "te" not in numbers else text)
