"""Everything needed to make a picture again, as plain data."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Self

from studio.core.adapters import MOST, Adapter
from studio.core.edits import Edit
from studio.core.errors import BadInput
from studio.core.filling import CHANNELS, FILLS
from studio.core.geometry import Box, Margins, Size
from studio.core.options import Value, complete
from studio.core.prompting.said import Said
from studio.core.samplers import SIGMAS, SPACINGS, sampler_info

DEFAULT_SIZE = Size(256, 256)
MAX_SIDE = 16384
MIN_TILE = 32
"""Of smaller parts no model can make anything."""
MAX_STEPS = 1000
LAST = 2 * MAX_STEPS
"""No step comes after it: a branch can have its parent's steps and as many of its own."""
MAX_BATCH = 64
MAX_WORDS = 5000
MAX_SEED = 2**32 - 1
NO_MARGINS = Margins()
SCHEDULE = ("model", "sampler", "steps", "spacing", "sigmas")
"""All that a family makes its noise levels from, besides the size."""


@dataclass(frozen=True)
class Recipe:
    """What to draw and how.

    `size` is the size of the picture in pixels; with a mask the source's own size is kept and
    `size` is not used. `seed` is the first picture's; picture i of a batch is made from seed + i
    and is the same picture as that seed alone. `strength` (0 < strength ≤ 1) is how much of a
    source picture is given up: 1 starts from pure noise. `spacing` and `sigmas` choose the noise
    levels ("model": what the model's own configuration says). `feather` is the width in pixels of
    the band outside the mask in which the fill is blended into the picture, `context` how much of
    the surroundings the model sees, in multiples of the masked region's own extent; `box`, in
    pixels of the picture, says it exactly instead. `fill` is what is under the mask at the start
    (see `studio.core.filling`), `colour_match` (0…1) how far the fill's colours are drawn to those
    around it. `inpaint_channels`: whether a network made for filling is told the mask. `extend`
    adds margins to the picture, which are filled; box and result are then of the larger picture.
    `tile`: the side in pixels of the parts in which a large picture is denoised; 0: as the model
    likes, if there is a source. `edits` are what was changed while the run was going. `take`: the
    picture is x̂0 of this step, and no later one is taken; -1: what the last step arrives at.
    `adapters` are worn by the model in this order. `vae` names the autoencoder to use; "": its own.
    `files` has the sha256 of what these names stood for when the picture was made, by "lora/name",
    "embedding/name" and "vae/name": with other files it would be another picture. `said` has what
    the seeds made of prompts with wildcards.
    """

    prompt: str = ""
    negative_prompt: str = ""
    model: str = "starter"
    size: Size = DEFAULT_SIZE
    steps: int = 20
    sampler: str = "ddim"
    sampler_options: Mapping[str, Value] = field(default_factory=dict)
    guidance_scale: float = 4.0
    guidance_rescale: float = 0.0
    spacing: str = "model"
    sigmas: str = "model"
    seed: int = 0
    batch: int = 1
    strength: float = 1.0
    feather: int = 8
    context: float = 0.5
    box: Box | None = None
    fill: str = "original"
    colour_match: float = 0.0
    inpaint_channels: str = "auto"
    extend: Margins = NO_MARGINS
    tile: int = 0
    edits: tuple[Edit, ...] = ()
    take: int = -1
    adapters: tuple[Adapter, ...] = ()
    vae: str = ""
    files: Mapping[str, str] = field(default_factory=dict, compare=False)
    said: tuple[Said, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        options = MappingProxyType(dict(self.sampler_options))
        object.__setattr__(self, "sampler_options", options)
        object.__setattr__(self, "files", MappingProxyType(dict(self.files)))

    def check(self) -> Self:
        """This recipe, or BadInput with one sentence about the first thing that cannot work."""
        _whole("Steps", self.steps, 1, MAX_STEPS)
        _whole("Width", self.size.width, 1, MAX_SIDE)
        _whole("Height", self.size.height, 1, MAX_SIDE)
        _whole("Batch", self.batch, 1, MAX_BATCH)
        _whole("Seed", self.seed, 0, MAX_SEED)
        _whole("Feather", self.feather, 0, 512)
        _between("Guidance", self.guidance_scale, 0.0, 100.0)
        _between("Guidance rescale", self.guidance_rescale, 0.0, 1.0)
        _between("Context", self.context, 0.0, 10.0)
        _between("Strength", self.strength, 0.0, 1.0)
        _between("Colour match", self.colour_match, 0.0, 1.0)
        if self.tile:
            _whole("Tile", self.tile, MIN_TILE, MAX_SIDE)
        for side in ("left", "top", "right", "bottom"):
            _whole(f"The margin on the {side}", getattr(self.extend, side), 0, MAX_SIDE)
        if self.box is not None and self.box.empty:
            raise BadInput("The part that the model sees is empty.", "Draw it larger.")
        if self.strength == 0.0:
            raise BadInput("Strength 0 would change nothing.", "Use a value above 0, up to 1.")
        for name, words, choices in (
            ("spacing", self.spacing, SPACINGS),
            ("sigmas", self.sigmas, SIGMAS),
            ("fill", self.fill, FILLS),
            ("choice of inpainting channels", self.inpaint_channels, CHANNELS),
        ):
            names = [choice[0] for choice in choices]
            if words not in names:
                raise BadInput(
                    f"There is no {name} named {words}.", f"Use one of: {', '.join(names)}."
                )
        for label, text in (("prompt", self.prompt), ("negative prompt", self.negative_prompt)):
            words_in = len(text.split())
            if words_in > MAX_WORDS:
                raise BadInput(
                    f"The {label} has {words_in} words; at most {MAX_WORDS} are taken.",
                    "Shorten it: models read only the first few dozen words.",
                )
        complete(sampler_info(self.sampler).options, self.sampler_options)
        for one in self.adapters:
            if not one.name:
                raise BadInput("A LoRA without a name was asked for.", "Name its file.")
            _between(f"The weight of {one.name}", one.weight, -MOST, MOST)
            _between(f"The text weight of {one.name}", one.of_text, -MOST, MOST)
        _whole("The step taken as the picture", self.take, -1, LAST)
        self._check_edits()
        return self

    def _check_edits(self) -> None:
        steps = [edit.step for edit in self.edits]
        if steps != sorted(steps) or not all(0 <= step <= LAST for step in steps):
            raise BadInput("The edits are not in the order of their steps.", "Sort them by step.")
        for number in range(len(self.edits)):
            # With the changes so far in place, for a later sampler option may need an earlier one.
            replace(_edited(self, self.edits[: number + 1]), edits=(), take=-1).check()

    def at(self, step: int) -> Recipe:
        """What holds at this step: the edits up to it are in the fields, `edits` are all left."""
        return _edited(self, [edit for edit in self.edits if edit.step <= step])

    def masked(self, step: int) -> Edit | None:
        """The edit whose mask holds at this step, without the rest of it; None if there is none."""
        found = [edit for edit in self.edits if edit.mask and edit.step <= step]
        return Edit(found[-1].step, {}, found[-1].mask) if found else None

    def going_on(self, step: int, **changes: Any) -> Recipe:
        """The recipe of a branch from this step: what holds there, with `changes` for good.

        What was edited before is in its parent's steps and record, but a mask still holds. Edits
        yet to come stay, save for what `changes` names; none do where the steps are no longer the
        same ones.
        """
        now = replace(self.at(step), take=-1)
        changes = {name: value for name, value in changes.items() if value != getattr(now, name)}
        masks = [Edit(edit.step, {}, edit.mask) for edit in self.edits if edit.step <= step]
        later = [edit.without(changes) for edit in self.edits if edit.step > step]
        if not changes.keys().isdisjoint(SCHEDULE):
            later = []
        edits = tuple(edit for edit in masks + later if edit.changes or edit.mask)
        return replace(now, **{"edits": edits} | changes)

    def options(self) -> dict[str, Value]:
        """The sampler's options, complete: the given values and the defaults of the others."""
        return complete(sampler_info(self.sampler).options, self.sampler_options)

    def single(self, image: int) -> Recipe:
        """The recipe of one picture of the batch, standing alone."""
        seed = (self.seed + image) % (MAX_SEED + 1)
        said = tuple(one for one in self.said if one.seed == seed)
        return replace(self, seed=seed, batch=1, said=said)

    def to_json(self) -> dict[str, Any]:
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        data["size"] = [self.size.width, self.size.height]
        data["sampler_options"] = dict(self.sampler_options)
        data["box"] = list(astuple(self.box)) if self.box else None
        data["extend"] = list(astuple(self.extend))
        data["edits"] = [edit.to_json() for edit in self.edits]
        data["adapters"] = [adapter.to_json() for adapter in self.adapters]
        data["files"] = dict(self.files)
        data["said"] = [one.to_json() for one in self.said]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Recipe:
        """Read what `to_json` wrote. Unknown keys, of a later version, are left out.

        Raises BadInput if a value has the wrong type.
        """
        try:
            known = {f.name: f for f in fields(cls)}
            values: dict[str, Any] = {k: v for k, v in data.items() if k in known}
            if "size" in values:
                width, height = values["size"]
                values["size"] = Size(int(width), int(height))
            if values.get("box") is not None:
                values["box"] = Box(*_four(values["box"]))
            if "extend" in values:
                values["extend"] = Margins(*_four(values["extend"]))
            if "edits" in values:
                values["edits"] = tuple(Edit.from_json(edit) for edit in values["edits"])
            if "adapters" in values:
                values["adapters"] = tuple(Adapter.from_json(one) for one in values["adapters"])
            if "files" in values:
                values["files"] = {str(k): str(v) for k, v in dict(values["files"]).items()}
            if "said" in values:
                values["said"] = tuple(Said.from_json(one) for one in values["said"])
            defaults = cls()
            for name, value in values.items():
                wanted = type(getattr(defaults, name))
                if wanted in (int, float, str) and not isinstance(value, bool):
                    values[name] = wanted(value)
                elif wanted in (int, float, str):
                    raise TypeError(f"{name} is {value!r}")
            return cls(**values)
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
            raise BadInput(f"The recipe cannot be read: {error}.") from error


def _edited(recipe: Recipe, edits: Sequence[Edit]) -> Recipe:
    for edit in edits:
        changes: dict[str, Any] = dict(edit.changes)
        recipe = replace(recipe, **changes)
    return recipe


def _four(numbers: Any) -> tuple[int, int, int, int]:
    one, two, three, four = (int(number) for number in numbers)
    return one, two, three, four


def _whole(label: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadInput(f"{label} must be a whole number from {low} to {high}, not {value}.")


def _between(label: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise BadInput(f"{label} must be between {low:g} and {high:g}, not {value:g}.")


def dumps(data: Mapping[str, Any]) -> str:
    """JSON as the project writes it: one line, keys in the order given, no ASCII escapes."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False)
