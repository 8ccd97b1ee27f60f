"""What a run on a picture works from: the picture, the mask, the part seen, its latents."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from studio.core.errors import BadInput
from studio.core.events import Plan
from studio.core.geometry import Box, Size
from studio.core.material import chosen_area, usable
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.record import Asset, Record
from studio.core.request import Request
from studio.core.sizing import check_mask, check_size, padded
from studio.diffusion.noise import START, Noise
from studio.engine.large import decode, encode
from studio.engine.pixels import to_latent_mask, to_tensor
from studio.engine.trajectory import Trajectory
from studio.imaging.cropping import cut, cut_mask, fit, lined, parts_of, plan_crop
from studio.imaging.extending import extended, widened
from studio.imaging.fills import filled
from studio.imaging.region import NOWHERE
from studio.library.library import Library
from studio.models.family import Condition, Family, Inpainting


@dataclass(frozen=True)
class Inputs:
    """The source and mask of a run, whether given with the request or inherited by a fork.

    With margins both are of the larger picture; the assets are what was given.
    """

    source: Picture | None
    mask: Mask | None
    source_asset: Asset | None
    mask_asset: Asset | None
    held: Tensor | None = None
    material: Mask | None = None
    material_asset: Asset | None = None


NO_CHOICE = BadInput(
    "This model does not fill from places of the picture, so they cannot be chosen.",
    "Choose This photo (--model patches), or leave out where to take from.",
)
NOTHING = Inputs(None, None, None, None)
"""A run that starts from noise alone has none."""


@dataclass(frozen=True)
class Latents:
    """What a run on a picture does in latent space, on the family's device.

    `clean` [1, C, h, w] is kept outside the mask; `begin` [1 or batch, C, h, w] is what noise is
    added to at the start; `free` [1, 1, h, w], 0…1, is the mask (see `studio.diffusion.hold`).
    `masked`, like `clean`, and `covered` [1, 1, H, W], 0 or 1, are for the network's own
    inpainting channels, if they are used, and `usable` [1, 1, h, w] for those that fill from the
    picture itself.
    """

    clean: Tensor
    begin: Tensor
    free: Tensor | None = None
    masked: Tensor | None = None
    covered: Tensor | None = None
    usable: Tensor | None = None

    def aware(self, condition: Condition) -> Condition:
        """The condition as a network is told it that may know of the mask."""
        if self.masked is None or self.free is None:
            return condition
        free = (self.free >= 0.5).to(self.free.dtype)
        return Inpainting(condition, free, self.masked, self.covered, self.usable)


def inputs_of(
    request: Request, parent: Trajectory | None, family: Family, library: Library
) -> Inputs:
    """Raises BadInput for a mask of another size, CannotWrite if they cannot be kept."""
    material = request.material
    if material is not None and not family.info.abilities.material:
        raise NO_CHOICE
    if parent is not None:
        return _inherited(request, parent, family, library)
    source, mask = request.source, request.mask
    source_asset = library.keep(source, request.source_name) if source else None
    mask_asset = library.keep(mask) if mask else None
    if source is not None and request.recipe.extend:
        source, mask = extended(source, mask, request.recipe.extend)
    kept = library.keep(material) if material else None
    material = widened(material, request.recipe.extend)
    return Inputs(source, mask, source_asset, mask_asset, None, material, kept)


def _inherited(request: Request, parent: Trajectory, family: Family, library: Library) -> Inputs:
    source, mask = parent.source, request.mask or parent.mask
    held, source_asset = parent.held, parent.record.source
    if mask is not None and source is None:
        # A region of a picture that came from noise: its own end is what is held outside.
        held = parent.steps[-1].after.x[:1]
        source = decode(family, held, parent.record.recipe.size)
        source_asset = library.keep(source, "picture of the run")
    if mask is not None and source is not None and mask.size != source.size:
        raise BadInput(
            f"The mask is {mask.size} and the run's picture {source.size}.",
            "Use a mask of the picture's size.",
        )
    mask_asset = library.keep(mask) if request.mask and mask else parent.record.mask
    material, kept = parent.material, parent.record.material
    if request.material is not None:
        if source is not None and request.material.size != source.size:
            raise BadInput(
                f"What marks the material is {request.material.size} and the picture "
                f"{source.size}.",
                "Use masks of the picture's size.",
            )
        material, kept = request.material, library.keep(request.material)
    if not family.info.abilities.material:
        material = kept = None
    return Inputs(source, mask, source_asset, mask_asset, held, material, kept)


def region_of(record: Record, library: Library) -> tuple[Picture | None, Mask | None]:
    """The picture and the mask that a kept run was pasted into; None for one without a mask.

    Raises CannotOpen if they are gone.
    """
    if not record.source or not (record.mask or record.recipe.extend):
        return None, None
    source = library.asset_picture(record.source)
    mask = library.asset_mask(record.mask) if record.mask else None
    if record.recipe.extend:
        larger = record.recipe.extend.around(source.size)
        # A branch may have had a mask of its own, which was painted on the larger picture.
        own = mask if mask and mask.size == larger else None
        source, mask = extended(source, None if own else mask, record.recipe.extend)
        mask = own or mask
    return source, mask


def material_of(record: Record, library: Library) -> Mask | None:
    """What marked where a kept run was filled from. Raises CannotOpen if it is gone."""
    if record.material is None:
        return None
    material = library.asset_mask(record.material)
    margins = record.recipe.extend
    return material if record.origin else widened(material, margins)


def plan_of(
    recipe: Recipe, inputs: Inputs, parent: Trajectory | None, family: Family
) -> tuple[Plan | None, Size]:
    """Which part of the picture the model sees, and the size it works at."""
    check_mask(family.info, inputs.mask is not None)
    plan, size = _plan_and_size(recipe, inputs, parent, family)
    if plan is not None:
        plan = replace(plan, channels=_channels(recipe, family))
    return plan, size


def _channels(recipe: Recipe, family: Family) -> bool:
    """Whether the network is told the mask."""
    able = family.info.abilities.inpaint_channels
    if recipe.inpaint_channels == "on" and able and recipe.tile:
        raise BadInput(
            "In tiles a network cannot be told the mask.",
            "Set the inpainting channels to auto, or fill without tiles.",
        )
    if recipe.inpaint_channels == "on" and not able:
        raise BadInput(
            f"{family.info.title} has no inpainting channels.",
            "Set them to auto, or choose an inpainting model.",
        )
    if family.info.abilities.mask_needed:
        return able
    return able and not recipe.tile and recipe.inpaint_channels != "off"


def _plan_and_size(
    recipe: Recipe, inputs: Inputs, parent: Trajectory | None, family: Family
) -> tuple[Plan | None, Size]:
    abilities = family.info.abilities
    if parent is not None and parent.plan is not None:
        return replace(parent.plan, band=recipe.feather), parent.plan.working_size
    if parent is not None:
        size = parent.record.recipe.size
        if recipe.size != size:
            raise BadInput(f"A branch keeps its run's size, {size}.", "Leave the size out.")
        plan = Plan(Box.of(size), size, recipe.feather) if inputs.mask else None
        return plan, padded(size, abilities.multiple)
    if inputs.mask is not None and inputs.source is not None:
        plan = plan_crop(
            inputs.source.size,
            inputs.mask,
            abilities.native_size,
            abilities.multiple,
            max(recipe.context, abilities.least_context),
            recipe.feather,
            recipe.box,
            parts=parts_of(recipe),
            own_scale=abilities.own_scale,
            also=chosen_area(inputs.material) if inputs.material else NOWHERE,
        )
        return plan, plan.working_size
    if inputs.source is not None:
        # Any size will do: what is beyond it is cut off again.
        return None, padded(recipe.size, abilities.multiple)
    check_size(recipe.size, abilities)
    return None, recipe.size


def latents_of(
    recipe: Recipe, inputs: Inputs, plan: Plan | None, size: Size, family: Family, noise: Noise
) -> Latents | None:
    """None for a run that starts from noise alone."""
    if inputs.source is None:
        return None
    if plan is None or inputs.mask is None:
        clean = encode(family, to_tensor(lined(fit(inputs.source, recipe.size), size)))
        return Latents(clean, clean)
    mask = cut_mask(inputs.mask, plan)
    if inputs.held is not None:
        clean = inputs.held.to(family.device)
    else:
        seen = filled(cut(inputs.source, plan), _covered(recipe, inputs.mask, plan), _under(recipe))
        clean = encode(family, to_tensor(seen))
    free = to_latent_mask(lined_mask(mask, family), *clean.shape[-2:]).to(family.device)
    begin = clean
    if recipe.fill == "noise":
        begin = torch.where(free > 0, noise(START, 1), clean)
    masked = covered = None
    if plan.channels:
        # The network learnt to fill grey: that, and not what is under the mask, is what it sees.
        pixels = to_tensor(lined(cut(inputs.source, plan), size))
        covered = torch.from_numpy(lined_mask(mask, family).pixels >= 128)[None, None]
        masked = encode(family, torch.where(covered, torch.zeros_like(pixels), pixels))
        covered = covered.to(family.device, masked.dtype)
    drawn = usable_in(inputs.material, plan)
    return Latents(clean, begin, free, masked, covered, drawn)


def usable_in(material: Mask | None, plan: Plan) -> Tensor | None:
    """Where the part that is seen may be drawn on, [1, 1, h, w] bool; None if everywhere."""
    if material is None:
        return None
    avoided = Mask(np.where(usable(material), 0, 255).astype(np.uint8))
    return torch.from_numpy(cut_mask(avoided, plan).pixels == 0)[None, None]


def lined_mask(mask: Mask, family: Family) -> Mask:
    """The mask with nothing painted on what was added to make the size a multiple."""
    size = padded(mask.size, family.info.abilities.multiple)
    more = size.height - mask.size.height, size.width - mask.size.width
    return Mask(np.pad(mask.pixels, ((0, more[0]), (0, more[1]))))


def _covered(recipe: Recipe, mask: Mask, plan: Plan) -> Mask:
    """What is laid over: the mask, but not the margins where the picture's edges go on."""
    if recipe.extend and recipe.fill in ("original", "edges"):
        margins, pixels = recipe.extend, np.zeros_like(mask.pixels)
        rows = slice(margins.top, mask.size.height - margins.bottom)
        columns = slice(margins.left, mask.size.width - margins.right)
        pixels[rows, columns] = mask.pixels[rows, columns]
        mask = Mask(pixels)
    return cut_mask(mask, plan)


def _under(recipe: Recipe) -> str:
    """What to lay under the mask before encoding.

    An encoder's cells look at their neighbours: other colours hide what was there from those that
    are held, where nothing of it is wanted.
    """
    return "blurred" if recipe.fill == "noise" else recipe.fill
