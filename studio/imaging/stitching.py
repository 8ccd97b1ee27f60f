"""Paste a fill back: inside the mask and its band, and not one byte elsewhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.core.events import Plan
from studio.core.geometry import Box
from studio.core.picture import Mask, Picture, Pixels
from studio.imaging.cropping import scaled
from studio.imaging.masks import bounds, composite_mask
from studio.imaging.matching import matched

ROWS = 256
"""How many rows are worked on at once, so that large fills take little memory more."""

RINGS = 24
"""Pixels beyond the band that are looked at to match colours."""


def stitch(
    source: Picture, fill: Picture, mask: Mask, plan: Plan, match: float = 0.0
) -> tuple[Picture, int]:
    """The picture with the fill in it, and how many pixels beyond the band differ from `source`.

    `fill` has the plan's working size; `match`, 0…1, is how far its colours are drawn to those
    around the mask. The second value is counted by comparing every pixel.
    """
    if fill.size != plan.working_size:
        raise ValueError(f"the fill is {fill.size}, the plan works at {plan.working_size}")
    if mask.size != source.size:
        raise ValueError(f"the mask is {mask.size}, the picture {source.size}")
    area = bounds(mask).grow(plan.band).intersect(plan.box)
    if area.empty:
        return source, 0
    painted = _placed(fill, source, mask, plan, area, match)
    share = composite_mask(Mask(mask.pixels[area.rows, area.columns]), plan.band)
    pixels = source.pixels.copy()
    region = pixels[area.rows, area.columns]
    blend = _blend_alpha if source.has_alpha else _blend
    for top in range(0, area.height, ROWS):
        rows = slice(top, top + ROWS)
        blend(region[rows], painted[rows], share[rows])
    pixels.flags.writeable = False
    return Picture(pixels), _changed_beyond(source.pixels, pixels, share, area)


def _placed(
    fill: Picture, source: Picture, mask: Mask, plan: Plan, area: Box, match: float
) -> Pixels:
    """The part of the fill that lies on `area`, H×W×3, at the picture's own scale."""
    whole = scaled(fill.pixels[..., :3], plan.box.size)

    def part(box: Box) -> Pixels:
        x, y = box.x - plan.box.x, box.y - plan.box.y
        return whole[y : y + box.height, x : x + box.width]

    if match <= 0:
        return part(area)
    around = area.grow(RINGS).intersect(plan.box)
    rows, columns = around.rows, around.columns
    drawn = matched(part(around), source.pixels[rows, columns], mask.pixels[rows, columns], match)
    x, y = area.x - around.x, area.y - around.y
    return drawn[y : y + area.height, x : x + area.width]


def _blend(region: Pixels, painted: Pixels, share: Pixels) -> None:
    """Mix in place where `share` > 0: out = region + (painted − region)·share/255, rounded."""
    weight = share[..., None].astype(np.uint16)  # 255 · 255 + 127 just fits
    mixed = (region * (255 - weight) + painted * weight + 127) // 255
    np.copyto(region, mixed.astype(np.uint8), where=share[..., None] > 0)


def _blend_alpha(region: Pixels, painted: Pixels, share: Pixels) -> None:
    """The same onto straight alpha: colours count by how much of them is there to be seen."""
    weight = share[..., None].astype(np.float32) / 255
    kept = region[..., 3:].astype(np.float32) / 255 * (1 - weight)
    alpha = kept + weight
    colour = (region[..., :3] * kept + painted * weight) / np.maximum(alpha, 1e-6)
    mixed = np.concatenate((colour, alpha * 255), axis=2)
    mixed_bytes = np.rint(mixed).clip(0, 255).astype(np.uint8)
    np.copyto(region, mixed_bytes, where=share[..., None] > 0)


def _changed_beyond(before: Pixels, after: Pixels, share: Pixels, area: Box) -> int:
    """Pixels that differ although `share` is 0 there; beyond `area` it is 0 everywhere."""
    changed = 0
    for top in range(0, before.shape[0], ROWS):
        rows = slice(top, top + ROWS)
        if not _same(before[rows], after[rows]):
            pixels: npt.NDArray[np.bool_] = (before[rows] != after[rows]).any(axis=2)
            inside = Box(0, top, before.shape[1], pixels.shape[0]).intersect(area)
            allowed = share[inside.y - area.y : inside.bottom - area.y] > 0
            pixels[inside.y - top : inside.bottom - top, area.columns] &= ~allowed
            changed += int(np.count_nonzero(pixels))
    return changed


def _same(a: Pixels, b: Pixels) -> bool:
    """Whether every byte is equal, eight at a time as most of a photo is."""
    one, two = a.reshape(-1), b.reshape(-1)
    whole = one.size // 8 * 8
    eights = one[:whole].view(np.uint64) == two[:whole].view(np.uint64)
    return bool(eights.all()) and bool((one[whole:] == two[whole:]).all())
