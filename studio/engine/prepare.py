"""Everything that is decided before the first step: levels, starting point, denoiser, record."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass

import diffusers
import numpy as np
import PIL
import torch
import transformers
from torch import Tensor

from studio import __version__
from studio.core.errors import BadInput
from studio.core.events import Plan
from studio.core.geometry import Size
from studio.core.picture import Mask, Picture
from studio.core.prompting.speech import spoken
from studio.core.recipe import Recipe
from studio.core.record import Origin, Record
from studio.core.request import Request
from studio.diffusion.guidance import guide
from studio.diffusion.hold import hold
from studio.diffusion.levels import Level
from studio.diffusion.loop import start
from studio.diffusion.noise import Noise
from studio.diffusion.schedule import Schedule
from studio.diffusion.state import Predict, Prediction, State, Step
from studio.diffusion.tiles import Side, tiled
from studio.engine.archive import Archive
from studio.engine.branch import go_on, parent_of, settle
from studio.engine.fill import NOTHING, Inputs, Latents, inputs_of, latents_of, plan_of
from studio.engine.large import tile_side
from studio.engine.pixels import images
from studio.engine.speaking import knower, with_files, with_said
from studio.library.library import Library
from studio.models.adapters.wardrobe import wear
from studio.models.family import Condition, Family
from studio.models.parts import parts_of


@dataclass(frozen=True)
class Prepared:
    """A run, ready to be walked. `inherited` are the parent's steps before the fork."""

    recipe: Recipe
    record: Record
    schedule: Schedule
    state: State
    first: int
    noise: Noise
    predict: Predict
    source: Picture | None = None
    mask: Mask | None = None
    plan: Plan | None = None
    held: Tensor | None = None
    inherited: tuple[Step, ...] = ()
    inputs: Inputs = NOTHING
    latents: Latents | None = None
    side: Side | None = None
    until: int | None = None
    """No step from this one on is wanted, and no picture."""

    @property
    def end(self) -> int:
        """The index that no step of this run has: one behind the last."""
        take = self.recipe.take
        end = take + 1 if take >= 0 else self.schedule.steps
        # One step at least: it is what a branch from the first begins at.
        return end if self.until is None else min(end, max(self.until, self.first + 1))


def prepare(
    request: Request,
    run: str,
    family: Family,
    model_hash: str,
    library: Library,
    archive: Archive,
) -> Prepared:
    """Raises BadInput for what this model cannot do, CannotWrite if inputs cannot be kept."""
    parent = parent_of(request.fork, library, archive) if request.fork else None
    if parent is not None and request.fork is not None:
        request = settle(request, parent, family)
    recipe = with_said(request.recipe, library, parent.record.recipe if parent else None)
    inputs = inputs_of(request, parent, family, library)
    plan, size = plan_of(recipe, inputs, parent, family)
    side = tile_side(recipe, size, plan is None and inputs.source_asset is not None, family)
    schedule = family.schedule(recipe, size)
    noise = noise_of(recipe, size, family)
    latents = latents_of(recipe, inputs, plan, size, family, noise)
    now = recipe.at(request.fork.step if request.fork else 0)
    predict = predictor(family, now, latents, side)
    recipe = with_files(family, recipe, now)
    if parent is not None and request.fork is not None:
        schedule, state, inherited = go_on(parent, request.fork.step, recipe, schedule, family)
        first = parent.first
    else:
        state = first_state(recipe, schedule, noise, latents)
        first, inherited = state.index, ()
    _check_end(recipe, state, schedule)
    record = Record(
        recipe=recipe,
        run=run,
        source=inputs.source_asset,
        mask=inputs.mask_asset,
        material=inputs.material_asset,
        origin=Origin(request.fork.run, request.fork.step, parent.record)
        if parent and request.fork
        else None,
        model_hash=model_hash,
        software=software(family.device) + precision(family),
    )
    return Prepared(
        recipe,
        record,
        schedule,
        state,
        first,
        noise,
        predict,
        # Without a mask the source is only where the run starts; nothing is pasted back.
        inputs.source if inputs.mask else None,
        inputs.mask,
        plan,
        latents.clean if latents is not None and inputs.mask else None,
        inherited,
        inputs,
        latents,
        side,
        request.until,
    )


def _check_end(recipe: Recipe, state: State, schedule: Schedule) -> None:
    """The step whose x̂0 is to be the picture has to be one of the run's, as the edits' have."""
    if recipe.take >= schedule.steps:
        raise BadInput(
            f"This run has no step {recipe.take}.", f"It has steps 0 to {schedule.steps - 1}."
        )
    if 0 <= recipe.take < state.index - 1:
        raise BadInput(
            f"Step {recipe.take} is before the step that this run starts from.",
            "Branch from an earlier step.",
        )
    late = [edit.step for edit in recipe.edits if edit.step >= schedule.steps]
    if late:
        raise BadInput(
            f"There is an edit at step {late[0]}, and the run has {schedule.steps} steps.",
            "Leave it out, or take more steps.",
        )


def noise_of(recipe: Recipe, size: Size, family: Family) -> Noise:
    """All noise of a run at `size` pixels."""
    seeds = [recipe.single(image).seed for image in range(recipe.batch)]
    return Noise(seeds, family.latent_shape(size), family.device, torch.float32)


def first_state(recipe: Recipe, schedule: Schedule, noise: Noise, latents: Latents | None) -> State:
    """Where a run that is no branch starts: in noise, or by its strength on the way to it."""
    first = schedule.start(recipe.strength) if latents is not None else 0
    begin = latents.begin.expand(recipe.batch, -1, -1, -1) if latents is not None else None
    x = start(begin, noise.start(), schedule.levels[first], schedule.noise_scale)
    return State(first, x, ())


def predictor(
    family: Family, recipe: Recipe, latents: Latents | None, side: Side | None
) -> Predict:
    """The model, guided; in parts of `side` if that is given; held to what is outside the mask."""
    predict = guided(family, recipe, latents)
    if side is not None:
        predict = tiled(predict, side)
    if latents is not None and latents.free is not None:
        predict = hold(predict, latents.clean, latents.free)
    return predict


def guided(family: Family, recipe: Recipe, latents: Latents | None = None) -> Predict:
    """The model under classifier-free guidance, one image of the batch at a time.

    With `latents` of a fill, the model is told the mask if it can be.

    One at a time, since kernels round differently for other batch sizes, and image 3 of a batch
    has to be the same picture as that seed alone.
    """
    known = knower(family, recipe)
    told = [_tell(family, spoken(recipe, image, known), latents) for image in range(recipe.batch)]
    guides = any(len(one.conditions) > 1 for one in told)

    def predict(x: Tensor, level: Level) -> Prediction:
        said = [one(image, level, its) for image, its in zip(images(x), told, strict=True)]
        parts = zip(*(one.parts for one in said), strict=True)
        return Prediction(torch.cat([one.x0 for one in said]), tuple(map(torch.cat, parts)))

    def one(x: Tensor, level: Level, its: _Told) -> Prediction:
        # Another picture of the batch, or another run while this one waited, may wear others.
        wear(family, its.recipe, look=False)
        parts = family.predict(x, level, its.conditions)
        if len(parts) == 1:
            return Prediction(parts[0], parts * 2 if guides else ())
        x0 = guide(parts[1], parts[0], recipe.guidance_scale, recipe.guidance_rescale)
        return Prediction(x0, parts)

    return predict


@dataclass(frozen=True)
class _Told:
    """One picture's own recipe, and what the model makes of its prompts: of the prompt alone, or
    of the negative one and it."""

    recipe: Recipe
    conditions: Sequence[Condition]


def _tell(family: Family, recipe: Recipe, latents: Latents | None) -> _Told:
    wear(family, recipe)
    conditions = [family.condition(recipe.prompt, recipe)]
    # Between two prompts that say the same, as without any, there is nothing to guide.
    same = recipe.prompt.strip() == recipe.negative_prompt.strip()
    able = family.info.abilities
    embedded = able.embedded_guidance or not able.negative_prompt
    if not (recipe.guidance_scale == 1.0 or same or embedded):
        conditions.insert(0, family.condition(recipe.negative_prompt, recipe))
    if latents is not None:
        conditions = [latents.aware(condition) for condition in conditions]
    return _Told(recipe, conditions)


def precision(family: Family) -> tuple[tuple[str, str], ...]:
    """What the networks compute in, if it is not float32."""
    parts = parts_of(family)
    if parts is None or parts.dtype == torch.float32:
        return ()
    return (("precision", str(parts.dtype).removeprefix("torch.")),)


def software(device: torch.device) -> tuple[tuple[str, str], ...]:
    """The versions a picture's exact bits depend on."""
    return (
        ("studio", __version__),
        ("torch", torch.__version__),
        ("diffusers", diffusers.__version__),
        ("transformers", transformers.__version__),
        ("numpy", np.__version__),
        ("pillow", PIL.__version__),
        ("device", device.type),
        ("machine", platform.machine()),
        ("threads", str(torch.get_num_threads())),
    )
