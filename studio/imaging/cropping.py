"""Which part of a picture the model sees, and at what size."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
from PIL import Image

from studio.core.events import Plan
from studio.core.geometry import Box, Size
from studio.core.picture import Mask, Picture, Pixels
from studio.core.recipe import Recipe
from studio.core.sizing import padded
from studio.imaging.colour import flat
from studio.imaging.masks import bounds, cover_mask
from studio.imaging.region import NOWHERE

MAX_ENLARGEMENT = 4
"""A tiny mask gets more surroundings rather than more blur: its box is at least native / 4."""

MAX_ASPECT = 2.0
"""The box is widened, where the picture allows, until it is no more than twice as long as wide."""

Parts = Literal["", "full", "across"]
"""full: at the picture's own size, for detail, up to `FULL_AT_MOST`. across: reduced until the
shorter side is the model's own, so that each part shows all of it, as in a panorama."""

FULL_AT_MOST = 16
"""Times native's area that is worked on in parts for the sake of detail; more takes too long."""

MAX_STRETCH = 4
"""Working sides are from native / 4 to native · 4, even for a picture one pixel wide."""


def parts_of(recipe: Recipe) -> Parts:
    """Margins go on with the picture as a whole; a region is worked on in parts for its detail."""
    if not recipe.tile:
        return ""
    return "across" if recipe.extend else "full"


def plan_crop(
    size: Size,
    mask: Mask,
    native: Size,
    multiple: int,
    context: float,
    feather: int,
    chosen: Box | None = None,
    parts: Parts = "",
    own_scale: bool = False,
    also: Box = NOWHERE,
) -> Plan:
    """The plan for what is painted in the mask, as by `plan_region`."""
    return plan_region(
        size, bounds(mask), native, multiple, context, feather, chosen, parts, own_scale, also
    )


def plan_region(
    size: Size,
    painted: Box,
    native: Size,
    multiple: int,
    context: float,
    feather: int,
    chosen: Box | None = None,
    parts: Parts = "",
    own_scale: bool = False,
    also: Box = NOWHERE,
) -> Plan:
    """The box around what is painted, feather and context, and the working size it is scaled to.

    The working size has about native's area, and sides that are multiples of `multiple`. The
    box lies inside the picture; where there is room it has the working size's aspect, so that
    both axes scale alike. A picture no larger than the model's own size is taken whole. A box
    that is `chosen` is kept, with so much more as mask and feather need. `parts`: how a box
    with more pixels than native is worked on, in parts that overlap. `own_scale`: one with fewer
    is not enlarged, and one with more keeps its shape to the pixel. `also`: what has to be seen
    besides.
    """
    picture = Box.of(size)
    plan = _planned(picture, painted, native, multiple, context, feather, chosen, own_scale)
    also = also.intersect(picture)
    if not also.empty and not plan.box.contains(also):
        box = plan.box.union(also)
        plan = _planned(picture, painted, native, multiple, context, feather, box, own_scale)
    if own_scale:
        return replace(plan, working_size=_reduced(plan.box.size, native))
    if not parts or plan.box.size.area <= native.area:
        return plan
    scale = math.sqrt(FULL_AT_MOST * native.area / plan.box.size.area)
    if parts == "across":
        longer = max(plan.box.width, plan.box.height)
        scale = min(scale, min(native.width, native.height) * longer / plan.box.size.area)
    if scale < 1:
        wanted = Size(round(plan.box.width * scale), round(plan.box.height * scale))
        return replace(plan, working_size=_working(plan.box.size, wanted, multiple))
    wanted = padded(plan.box.size, multiple)
    room = Size(min(wanted.width, size.width), min(wanted.height, size.height))
    return replace(plan, box=_around(plan.box, room, size), working_size=wanted)


def _planned(
    picture: Box,
    painted: Box,
    native: Size,
    multiple: int,
    context: float,
    feather: int,
    chosen: Box | None,
    own_scale: bool,
) -> Plan:
    size = picture.size
    if chosen is not None and not painted.empty and not chosen.intersect(picture).empty:
        reach = painted.grow(feather)
        box = chosen.union(reach).intersect(picture)
        return Plan(box, _working(box.size, native, multiple), feather)
    if painted.empty or (size.area <= native.area and not own_scale):
        return Plan(picture, _working(size, native, multiple), feather)
    region = painted.grow(feather).intersect(picture)
    margin = 2 * math.ceil(context * max(painted.width, painted.height))
    width = max(region.width + margin, native.width // MAX_ENLARGEMENT)
    height = max(region.height + margin, native.height // MAX_ENLARGEMENT)
    width = max(width, math.ceil(height / MAX_ASPECT))
    height = max(height, math.ceil(width / MAX_ASPECT))
    wanted = Size(min(width, size.width), min(height, size.height))
    working = wanted if own_scale else _working(wanted, native, multiple)
    aspect = working.width / working.height
    wide = Size(
        max(wanted.width, min(size.width, round(wanted.height * aspect))),
        max(wanted.height, min(size.height, round(wanted.width / aspect))),
    )
    return Plan(_around(region, wide, size), working, feather)


def cut(picture: Picture, plan: Plan) -> Picture:
    """What the model sees: the box as RGB at the working size, transparency on white."""
    part = flat(Picture(picture.pixels[plan.box.rows, plan.box.columns]))
    return Picture(scaled(part.pixels, plan.working_size))


def cut_mask(mask: Mask, plan: Plan) -> Mask:
    """The mask in the box at the working size; whatever is painted stays at least 1."""
    return cover_mask(Mask(mask.pixels[plan.box.rows, plan.box.columns]), plan.working_size)


def fit(picture: Picture, size: Size) -> Picture:
    """The picture as RGB, scaled until it covers `size` and cut to it around its centre."""
    if picture.size == size:
        return flat(picture)
    scale = min(picture.size.width / size.width, picture.size.height / size.height)
    width, height = size.width * scale, size.height * scale
    left, top = (picture.size.width - width) / 2, (picture.size.height - height) / 2
    box = (
        max(0.0, left),
        max(0.0, top),
        min(float(picture.size.width), left + width),
        min(float(picture.size.height), top + height),
    )
    image = Image.fromarray(flat(picture).pixels)
    resized = image.resize((size.width, size.height), Image.Resampling.LANCZOS, box=box)
    return Picture(np.asarray(resized))


def lined(picture: Picture, size: Size) -> Picture:
    """The picture at the upper left of a larger size, its last row and column going on."""
    more = size.height - picture.size.height, size.width - picture.size.width
    if more == (0, 0):
        return picture
    return Picture(np.pad(picture.pixels, ((0, more[0]), (0, more[1]), (0, 0)), mode="edge"))


def scaled(pixels: Pixels, size: Size) -> Pixels:
    """Lanczos, widened to the area when shrinking; the same pixels if the size is the same."""
    if pixels.shape[:2] == (size.height, size.width):
        return pixels
    resized = Image.fromarray(pixels).resize((size.width, size.height), Image.Resampling.LANCZOS)
    return np.asarray(resized)


def _reduced(box: Size, native: Size) -> Size:
    """The box's own size, or one of its shape that has native's area."""
    scale = min(1.0, math.sqrt(native.area / box.area))
    return Size(max(1, round(box.width * scale)), max(1, round(box.height * scale)))


def _working(box: Size, native: Size, multiple: int) -> Size:
    """Of the sizes the model can take, the one nearest in aspect to the box and area to native."""

    def cost(size: Size) -> float:
        aspect = (size.width * box.height) / (size.height * box.width)
        return 4 * abs(math.log(aspect)) + abs(math.log(size.area / native.area))

    return min(_candidates(box, native, multiple), key=cost)


def _candidates(box: Size, native: Size, multiple: int) -> Iterator[Size]:
    shortest = _steps(native.height / MAX_STRETCH, multiple)
    tallest = max(shortest, _steps(native.height * MAX_STRETCH, multiple))
    narrowest = _steps(native.width / MAX_STRETCH, multiple)
    widest = max(narrowest, _steps(native.width * MAX_STRETCH, multiple))
    for columns in range(narrowest, widest + 1):
        exact = columns * box.height / box.width
        for rows in (math.floor(exact), math.ceil(exact)):
            yield Size(columns * multiple, min(max(rows, shortest), tallest) * multiple)


def _steps(length: float, multiple: int) -> int:
    return max(1, round(length / multiple))


def _around(region: Box, wanted: Size, picture: Size) -> Box:
    """A box of the wanted size centred on the region, pushed back into the picture."""
    x = region.x + (region.width - wanted.width) // 2
    y = region.y + (region.height - wanted.height) // 2
    return Box(
        min(max(0, x), picture.width - wanted.width),
        min(max(0, y), picture.height - wanted.height),
        wanted.width,
        wanted.height,
    )
