"""What is under the mask before the first step, made from the surroundings."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.picture import Mask, Picture, Pixels

Field = npt.NDArray[np.floating[Any]]
"""H×W×C, or H×W, in float32."""

GREY = 128
RADIUS = 5
"""How far around a pixel the classical fill looks, in pixels."""

DEEPEST = 24
"""Holes deeper than this are filled at a smaller scale: the fill costs depth times area, and what
is carried on that far is a guess anyway."""

GUARD = 2
"""Pixels around the mask that are not trusted either: scaling has mixed the covered into them."""


def filled(picture: Picture, mask: Mask, fill: str) -> Picture:
    """The RGB picture with the covered part made anew; of the same size as the mask.

    Where the mask is soft, what was there shows through. "original" and "noise" (which is made in
    latents) change nothing. With nothing left around the mask, all that is known is grey.
    """
    if fill in ("original", "noise") or mask.empty:
        return picture
    hole = _guarded(mask)
    if fill == "neutral" or hole.all():
        made = np.full_like(picture.pixels, GREY)
    elif fill == "blurred":
        made = _bytes(surroundings(picture.pixels.astype(np.float32), ~hole))
    elif fill == "edges":
        made = _carried_on(picture.pixels, hole)
    else:
        raise ValueError(f"there is no fill named {fill}")
    share = mask.pixels[..., None].astype(np.float32) / 255
    return Picture(_bytes(picture.pixels + (made - picture.pixels.astype(np.float32)) * share))


def surroundings(values: Field, known: npt.NDArray[np.bool_]) -> Field:
    """H×W×C values, and smooth ones where they are not known, from those all around.

    Push and pull (Gortler et al., The Lumigraph, 1996): halved until everything is known, then
    doubled again, each hole taking what the next coarser level has there. Linear in the pixels,
    whatever the size of the hole. At least one value must be known.
    """
    import cv2

    weight = known.astype(np.float32)
    levels: list[tuple[Field, Field]] = []
    here: Field = values * weight[..., None]
    while weight.min() <= 0 and max(weight.shape) > 1:
        levels.append((here, weight))
        half = ((weight.shape[1] + 1) // 2, (weight.shape[0] + 1) // 2)
        # Straight alpha: what a coarse pixel knows is the mean of what its fine ones know.
        total: Field = cv2.resize(here, half, interpolation=cv2.INTER_AREA)
        share: Field = cv2.resize(weight, half, interpolation=cv2.INTER_AREA)
        total = total.reshape(*share.shape, -1)
        mean = total / np.maximum(share, 1e-12)[..., None]
        weight = np.minimum(1, share * 4)
        here = mean * weight[..., None]
    coarse = here / np.maximum(weight, 1e-12)[..., None]
    for fine, weight in reversed(levels):
        wide: Field = cv2.resize(coarse, weight.shape[::-1], interpolation=cv2.INTER_LINEAR)
        coarse = fine + wide.reshape(fine.shape) * (1 - weight[..., None])
    return coarse


def _carried_on(pixels: Pixels, hole: npt.NDArray[np.bool_]) -> Pixels:
    """Telea's fast marching (An Image Inpainting Technique, 2004), at a scale it is good at."""
    import cv2

    depth = float(cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5).max())
    height, width = hole.shape
    scale = min(1.0, DEEPEST / max(depth, 1.0))
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    if small == (width, height):
        made: Pixels = cv2.inpaint(pixels, hole.astype(np.uint8), RADIUS, cv2.INPAINT_TELEA)
        return made
    # The covered pixels must not bleed into the known ones while the picture is made smaller.
    whole = _bytes(surroundings(pixels.astype(np.float32), ~hole))
    part = cv2.resize(whole, small, interpolation=cv2.INTER_AREA)
    gap = cv2.resize(hole.astype(np.float32), small, interpolation=cv2.INTER_AREA) > 0
    coarse = cv2.inpaint(part, gap.astype(np.uint8), RADIUS, cv2.INPAINT_TELEA)
    large: Pixels = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return large


def _guarded(mask: Mask) -> npt.NDArray[np.bool_]:
    """Where the picture is not to be looked at: the mask and a little more, but never all."""
    import cv2

    painted = mask.pixels > 0
    side = 2 * GUARD + 1
    grown: npt.NDArray[np.bool_] = (
        cv2.dilate(painted.astype(np.uint8), np.ones((side, side), np.uint8)) > 0
    )
    return painted if grown.all() else grown


def _bytes(values: Field) -> Pixels:
    return np.rint(values).clip(0, 255).astype(np.uint8)
