"""The colours of a fill drawn to those around it, so that no edge is seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.picture import Pixels
from studio.imaging.fills import surroundings

Field = npt.NDArray[np.floating[Any]]

RING = 4.0
"""Width, in pixels, of each of the two rings that are compared on either side of the edge."""

LONGEST = 384
"""The correction is worked out at most that large: it is smooth, and a photo is not small."""

ALIKE = 20.0
"""How far colours may differ across the edge, of 255, and still be meant to be one colour. What
differs more is a thing that was asked for, and counts the less the more it differs."""

ALONG = 4.0
"""How far along the edge differences are averaged, in rings: a shift of colour is broad."""

ROUNDS = 2
"""The second takes what the first, blurred along the edge, has left."""


def matched(fill: Pixels, source: Pixels, mask: Pixels, strength: float) -> Pixels:
    """The fill with its colours moved so that it meets the source's at the mask's edge.

    `fill` H×W×3, `source` H×W×3 or 4 (what is transparent says nothing), `mask` H×W. The colours
    on both sides of the edge are carried on to it, each along its own slope, and what they differ
    by is taken off the fill: fully at the edge, and inside as a membrane spanned from there (as
    in Pérez et al., Poisson Image Editing, 2003). Fine detail is left as it is.
    """
    import cv2

    if strength <= 0 or not mask.any() or (mask > 0).all():
        return fill
    height, width = mask.shape
    step = max(1.0, max(height, width) / LONGEST)
    small = (max(1, round(width / step)), max(1, round(height / step)))

    def reduced(pixels: Pixels) -> Field:
        part: Field = cv2.resize(pixels, small, interpolation=cv2.INTER_AREA).astype(np.float32)
        return part

    inside = reduced(mask) >= 128
    if not inside.any():
        inside = reduced(mask) > 0
    here, there = reduced(fill), reduced(np.ascontiguousarray(source[..., :3]))
    seen = reduced(source[..., 3]) / 255 if source.shape[2] == 4 else np.ones(inside.shape)
    known = (~inside) & (seen > 0.5)
    if not known.any():
        return fill
    total = np.zeros_like(here)
    for _ in range(ROUNDS):
        total += _membrane(here + total, there, inside, known, max(1.0, RING / step))
    whole: Field = cv2.resize(total, (width, height), interpolation=cv2.INTER_LINEAR)
    moved = fill + np.float32(strength) * whole
    return np.rint(moved).clip(0, 255).astype(np.uint8)


def _membrane(
    fill: Field,
    source: Field,
    inside: npt.NDArray[np.bool_],
    known: npt.NDArray[np.bool_],
    ring: float,
) -> Field:
    """What to add to the fill: inside, what its edge is away from the source's; outside, what the
    decoder has changed of the colours that it was to keep."""
    deep, far = _distance(inside), _distance(~inside)
    here, slope_in, some_in = _carried(fill, inside, deep, ring)
    there, slope_out, some_out = _carried(source, known, far, ring)
    gap = there - here
    trust = _alike(gap) * _alike(slope_in) * _alike(slope_out)
    edge = (deep <= ring) & (far <= ring) & (some_in > 1e-3) & (some_out > 1e-3)
    broad, certain = _mean(gap, trust * edge, ALONG * ring)
    _, possible = _mean(gap, edge.astype(np.float32), ALONG * ring)
    at_edge = broad * np.minimum(1, 2 * certain / np.maximum(possible, 1e-6))[..., None]
    if not edge.any():
        return np.zeros_like(fill)
    inner = surroundings(at_edge.astype(np.float32), edge)
    share = (known & (far <= 4 * ring)).astype(np.float32)
    lost, some = _mean(source - fill, share, 2 * ring)
    outer = np.where(some[..., None] > 1e-3, lost, 0)
    return np.where(inside[..., None], inner, outer).astype(np.float32)


def _alike(difference: Field) -> Field:
    """1 for no difference, falling to 0 beyond `ALIKE`."""
    trust: Field = np.exp(-((np.abs(difference).max(axis=2) / ALIKE) ** 2))
    return trust.astype(np.float32)


def _carried(
    values: Field, where: npt.NDArray[np.bool_], distance: Field, ring: float
) -> tuple[Field, Field, Field]:
    """The values next to the edge, from two rings on one side, along their slope up to it; that
    slope, per ring; and how much is known of them."""
    near = (where & (distance <= ring)).astype(np.float32)
    next_one = (where & (distance > ring) & (distance <= 2 * ring)).astype(np.float32)
    close, some = _mean(values, near, ring)
    further, more = _mean(values, next_one, ring)
    slope = np.where((more > 0.25 * some)[..., None], close - further, 0)
    # Half a slope more: the near ring's middle is half a ring from the edge.
    return close + slope / 2, slope, some


def _mean(values: Field, weight: Field, sigma: float) -> tuple[Field, Field]:
    """The weighted mean around each pixel, and the weight that it rests on."""
    import cv2

    total: Field = cv2.GaussianBlur((values * weight[..., None]).astype(np.float32), (0, 0), sigma)
    share: Field = cv2.GaussianBlur(weight, (0, 0), sigma)
    return total / np.maximum(share, 1e-6)[..., None], share


def _distance(region: npt.NDArray[np.bool_]) -> Field:
    """Of each pixel of the region from its edge; 0 elsewhere. The picture's border is no edge."""
    import cv2

    distance: Field = cv2.distanceTransform(
        region.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )
    return distance
