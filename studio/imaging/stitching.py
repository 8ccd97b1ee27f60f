"""Paste a fill back: inside the mask and its band, and not one byte elsewhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.core.events import Plan
from studio.core.geometry import Box
from studio.core.picture import Mask, Picture, Pixels
from studio.imaging.cropping import scaled
from studio.imaging.masks import bounds, composite_mask

ROWS = 256
"""How many rows are worked on at once, so that large fills take little memory more."""


def stitch(source: Picture, fill: Picture, mask: Mask, plan: Plan) -> tuple[Picture, int]:
    """The picture with the fill in it, and how many pixels beyond the band differ from `source`.

    `fill` has the plan's working size. The second value is counted by comparing every pixel.
    """
    if fill.size != plan.working_size:
        raise ValueError(f"the fill is {fill.size}, the plan works at {plan.working_size}")
    if mask.size != source.size:
        raise ValueError(f"the mask is {mask.size}, the picture {source.size}")
    area = bounds(mask).grow(plan.band).intersect(plan.box)
    if area.empty:
        return source, 0
    painted = scaled(fill.pixels, plan.box.size)[
        area.y - plan.box.y : area.bottom - plan.box.y,
        area.x - plan.box.x : area.right - plan.box.x,
        :3,
    ]
    share = composite_mask(Mask(mask.pixels[area.rows, area.columns]), plan.band)
    pixels = source.pixels.copy()
    region = pixels[area.rows, area.columns]
    blend = _blend_alpha if source.has_alpha else _blend
    for top in range(0, area.height, ROWS):
        rows = slice(top, top + ROWS)
        blend(region[rows], painted[rows], share[rows])
    pixels.flags.writeable = False
    return Picture(pixels), _changed_beyond(source.pixels, pixels, share, area)


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
