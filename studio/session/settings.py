"""The panel's values: a recipe that can be edited and watched, one field at a time."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar

from psygnal import SignalGroupDescriptor

from studio.core.errors import BadInput
from studio.core.filling import AUTOMATIC, CONTINUE, WITH_WORDS
from studio.core.geometry import Size
from studio.core.model_info import ModelInfo
from studio.core.options import Value
from studio.core.recipe import Recipe
from studio.session.adapters import Slot, Slots, slots_in, worn

STRENGTH = 0.6
"""How much of a picture is given up at first: enough to change it, little enough to know it."""
FILLING = ("fill", "colour_match", "inpaint_channels")
"""The fields that mean something with a mask only."""


@dataclass
class Settings:
    """Every field emits `events.<field>` when it changes. Fields mean what `Recipe`'s mean.

    `random_seed`: draw a new seed for each run. `fill_strength` is the strength with a mask and
    `strength` without one: what is painted over is usually given up altogether. Without a prompt
    it is `continue_strength`, so that the surroundings go on, and `photo_strength` where a photo is
    filled from itself. `fill` may be "auto". `show_plan`:
    whether the canvas shows how a fill will work before it does. `keep_size`: refining a picture
    keeps its size, whatever width and height say. `full`: a large region is filled in full detail,
    in parts; `extend_full`: margins are.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    prompt: str = ""
    negative_prompt: str = ""
    model: str = "starter"
    width: int = 256
    height: int = 256
    steps: int = 20
    sampler: str = "ddim"
    sampler_options: Mapping[str, Value] = field(default_factory=dict)
    guidance_scale: float = 4.0
    guidance_rescale: float = 0.0
    spacing: str = "model"
    sigmas: str = "model"
    seed: int = 0
    random_seed: bool = True
    batch: int = 1
    strength: float = STRENGTH
    fill_strength: float = WITH_WORDS
    continue_strength: float = CONTINUE
    photo_strength: float = 1.0
    feather: int = 8
    context: float = 0.5
    fill: str = AUTOMATIC
    colour_match: float = 1.0
    inpaint_channels: str = "auto"
    full: bool = False
    extend_full: bool = True
    show_plan: bool = True
    keep_size: bool = True
    adapters: Slots = ()
    vae: str = ""

    def __post_init__(self) -> None:
        self.events.sampler.connect(self._forget_options)

    def _forget_options(self) -> None:
        # Another sampler's η means something else, and its default is another.
        self.sampler_options = {}

    def recipe(self, strength: float = 1.0) -> Recipe:
        """These values as a recipe, unchecked; the strength depends on what it is used for."""
        return Recipe(
            prompt=self.prompt.strip(),
            negative_prompt=self.negative_prompt.strip(),
            model=self.model,
            size=Size(self.width, self.height),
            steps=self.steps,
            sampler=self.sampler,
            sampler_options=self.sampler_options,
            guidance_scale=self.guidance_scale,
            guidance_rescale=self.guidance_rescale,
            spacing=self.spacing,
            sigmas=self.sigmas,
            seed=self.seed,
            batch=self.batch,
            strength=strength,
            feather=self.feather,
            context=self.context,
            adapters=worn(self.adapters),
            vae=self.vae,
        )

    def adopt(self, recipe: Recipe, masked: bool = False) -> None:
        """Take over every value, and keep its seed: the next run makes the same picture again."""
        self.model = recipe.model
        self.width, self.height = recipe.size.width, recipe.size.height
        for name in (
            "prompt",
            "negative_prompt",
            "steps",
            "sampler",
            "sampler_options",
            "guidance_scale",
            "guidance_rescale",
            "spacing",
            "sigmas",
            "seed",
            "batch",
            "feather",
            "context",
            "vae",
        ):
            setattr(self, name, getattr(recipe, name))
        self.adapters = tuple(map(Slot, recipe.adapters))
        if masked:
            if recipe.prompt:
                self.fill_strength = recipe.strength
            else:
                self.continue_strength = recipe.strength
            for name in FILLING:
                setattr(self, name, getattr(recipe, name))
            setattr(self, "extend_full" if recipe.extend else "full", recipe.tile > 0)
        elif recipe.strength < 1.0:
            self.strength = recipe.strength
        self.random_seed = False

    def suit(self, model: ModelInfo, before: ModelInfo | None) -> None:
        """Follow a change of model: the new one's defaults wherever the old one's were in use."""
        new, old = model.abilities, before.abilities if before else None
        if old is None or self.steps == old.default_steps:
            self.steps = new.default_steps
        if old is None or self.guidance_scale == old.default_guidance:
            self.guidance_scale = new.default_guidance
        if old is None or self.sampler == old.default_sampler:
            self.sampler = new.default_sampler
        if old is None or old.native_size != new.native_size:
            self.width, self.height = new.native_size.width, new.native_size.height

    def to_json(self) -> dict[str, Any]:
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        data["sampler_options"] = dict(self.sampler_options)
        data["adapters"] = [slot.to_json() for slot in self.adapters]
        return data

    def from_json(self, data: Mapping[str, Any]) -> None:
        """Take over what `to_json` wrote; whatever cannot be used is left as it is."""
        for f in fields(self):
            value: Any = data.get(f.name)
            now = getattr(self, f.name)
            same = isinstance(value, type(now)) or (
                isinstance(now, float) and isinstance(value, int)
            )
            if f.name == "sampler_options":
                same = isinstance(value, Mapping)
            if f.name == "adapters":
                value, same = slots_in(value), True
            if not same or (isinstance(value, bool) != isinstance(now, bool)):
                continue
            with suppress(OverflowError):  # JSON has whole numbers that no float can hold
                setattr(self, f.name, float(value) if isinstance(now, float) else value)
        try:
            for strength in (
                self.strength,
                self.fill_strength,
                self.continue_strength,
                self.photo_strength,
            ):
                recipe = self.recipe(strength)
                filling = {name: getattr(self, name) for name in FILLING}
                fill = "original" if self.fill == AUTOMATIC else self.fill
                replace(recipe, **filling | {"fill": fill}).check()
        except BadInput:
            for f in fields(self):
                if f.name not in ("prompt", "negative_prompt", "sampler_options"):
                    setattr(self, f.name, f.default)
            self.sampler_options = {}
