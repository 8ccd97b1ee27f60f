"""What a branch did differently from the run that it came from."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from studio.core.adapters import Adapter
from studio.core.edits import Edit
from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.core.samplers import SAMPLERS

NAMES = {
    "guidance_scale": "guidance",
    "guidance_rescale": "rescale",
    "sampler_options": "options",
    "sigmas": "noise levels",
    "edits": "edits on the way",
    "take": "picture from",
    "inpaint_channels": "mask channels",
    "colour_match": "colour match",
    "box": "part seen",
    "extend": "margins",
    "adapters": "LoRAs",
    "vae": "VAE",
}
SHORT = 44
"""Letters of a changed prompt that are shown where there is one line for everything."""
_OPTIONS = {
    option.name: option.label.split(" (")[0]
    for info in SAMPLERS.values()
    for option in info.options
}


@dataclass(frozen=True)
class Change:
    """One thing that is not as in the parent: its name, and both values as they are read."""

    name: str
    before: str
    after: str

    @property
    def short(self) -> str:
        """In a few words: "guidance 4 → 7", "prompt −noon +night"."""
        if "prompt" in self.name:
            words = difference(self.before, self.after)
            return f"{self.name} {words}" if len(words) <= SHORT else self.name
        if not self.before and not self.after:
            return f"{self.name} changed"
        if not self.before or not self.after:
            return f"{self.name} {self.after or 'no more'}"
        return f"{self.name} {self.before} → {self.after}"

    @property
    def long(self) -> str:
        return f"{self.name.capitalize()}: {self.before or 'nothing'} → {self.after or 'nothing'}"


def difference(before: str, after: str) -> str:
    """The words that went and came: "−at noon +at night"."""
    old, new = before.split(), after.split()
    parts = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            parts += [f"{sign}{' '.join(w)}" for sign, w in (("−", old[a:b]), ("+", new[c:d])) if w]
    return " ".join(parts)


def changes(before: Recipe, after: Recipe) -> tuple[Change, ...]:
    """All that differs between two recipes; how many pictures were made does not count.

    Of a branch, `before` is what its parent would have gone on with: `Recipe.going_on`.
    """
    found = []
    for part in fields(Recipe):
        old, new = getattr(before, part.name), getattr(after, part.name)
        if part.name == "sampler_options":
            if before.sampler == after.sampler:  # else they are another sampler's
                found += _options(before, after)
        elif part.name not in ("batch", "files", "said") and old != new:
            found.append(Change(_named(part.name), _read(part.name, old), _read(part.name, new)))
    return tuple(found)


def changed(record: Record) -> tuple[Change, ...]:
    """What a branch did differently from its parent; nothing for a run that is no branch."""
    if record.origin is None:
        return ()
    parent = record.origin.record
    found = changes(parent.recipe.going_on(record.origin.step), record.recipe)
    if record.mask != parent.mask:
        words = ("a mask", "another mask") if parent.mask else ("", "a new one")
        found += (Change("mask", words[0], words[1] if record.mask else ""),)
    if record.material != parent.material:
        found += (Change("material", "", "" if record.material else "from everywhere"),)
    return found


def summary(found: Sequence[Change]) -> str:
    """Changes in one line; a branch that only went on says so."""
    return ", ".join(change.short for change in found) or "same settings"


def _options(before: Recipe, after: Recipe) -> list[Change]:
    info = SAMPLERS.get(after.sampler)
    found = []
    for option in info.options if info else ():
        old, new = (of.sampler_options.get(option.name, option.default) for of in (before, after))
        if old != new:
            found.append(Change(_OPTIONS[option.name], _read("", old), _read("", new)))
    return found


def _read(name: str, value: Any) -> str:
    if name == "sampler":
        info = SAMPLERS.get(value)
        return info.label if info else str(value)
    if name == "take":
        return f"step {value}" if value >= 0 else "the end"
    if isinstance(value, float):
        return f"{value:g}"
    if name == "edits":
        return ", ".join(map(edit_text, value))
    if name == "adapters":
        return ", ".join(map(adapter_text, value))
    # Of boxes and margins it is enough to know that they are others.
    return str(value) if isinstance(value, str | int | Size) else ""


def adapter_text(adapter: Adapter) -> str:
    """A LoRA in a few letters: "anna 0.8"."""
    name = adapter.name.replace("\\", "/").rpartition("/")[2]
    text = "" if adapter.of_text == adapter.weight else f", text {adapter.of_text:g}"
    return f"{name} {adapter.weight:g}{text}"


def edit_text(edit: Edit) -> str:
    """An edit made during a run: "guidance 7 from step 4"."""
    parts = []
    for key, value in edit.changes.items():
        if isinstance(value, Mapping):
            parts += [
                f"{_OPTIONS.get(name, name)} {_read('', part)}" for name, part in value.items()
            ]
        else:
            parts.append(f"{_named(key)} {_read(key, value) or 'none'}")
    if edit.mask:
        parts.append("a new mask")
    return f"{', '.join(parts)} from step {edit.step}"


def _named(field: str) -> str:
    return NAMES.get(field, field.replace("_", " "))
