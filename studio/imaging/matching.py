"""The colours of a fill drawn to those around it, so that no edge is seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.picture import Pixels
from studio.imaging.fills import surroundings

Field = npt.NDArray[np.floating[Any]]

RING = 8.0
"""Width, in pixels, of the ring around the mask in which fill and picture are compared."""

STEP_RING = 4.0
"""Width of each of the two rings, on either side of the edge, that a step is measured in."""

LONGEST = 384
"""The correction is worked out at most that large: it is smooth, and a photo is not small."""

ALIKE = 32.0
"""How far the two may differ, of 255, and still be meant to be one colour: more is a detail that
the decoder did not get, and counts the less the more it is."""

ALONG = 4.0
"""How far along the edge a step is averaged, in rings: a shift of colour is broad."""

NOISE = 1.5
"""A step smaller than this, of 255, is none."""


def matched(fill: Pixels, source: Pixels, mask: Pixels, strength: float) -> Pixels:
    """The fill with its colours moved so that it meets the source's around the mask.

    `fill` H×W×3, `source` H×W×3 or 4 (what is transparent says nothing), `mask` H×W. Around the
    mask both show the same, one of them through the model's decoder: what they differ by there,
    smoothed, is taken off the fill, and inside the mask a membrane spanned from there (as in
    Pérez et al., Poisson Image Editing, 2003). And if the fill itself has a step at the mask's
    edge, the same all along, its inside is moved by that.
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

    outside = reduced(mask) == 0
    if source.shape[2] == 4:
        outside &= reduced(source[..., 3]) > 127
    lost = reduced(np.ascontiguousarray(source[..., :3])) - reduced(fill)
    trust = outside * _alike(lost)
    ring = max(1.0, RING / step)
    correction, known = _mean(lost, trust, ring / 2)
    sure = outside & (known > 0.05)
    if not sure.any():
        return fill
    # Details differ from place to place; far from the mask nothing of the fill is shown.
    field = surroundings(correction.astype(np.float32), sure)
    field += _step(reduced(fill), outside, max(1.0, STEP_RING / step))
    whole: Field = cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR)
    moved = fill + np.float32(strength) * whole.reshape(fill.shape)
    return np.rint(moved).clip(0, 255).astype(np.uint8)


def _step(fill: Field, outside: npt.NDArray[np.bool_], ring: float) -> Field:
    """What to add inside so that the colours on both sides, each carried on to the edge along its
    own slope, meet there. Only as far as they differ by more than they vary along the edge, or
    every edge of a thing would count, and a smooth fill would be given the step it has not."""
    deep, far = _distance(~outside), _distance(outside)
    inner, slope_in, some_in = _carried(fill, ~outside, deep, ring)
    outer, slope_out, some_out = _carried(fill, outside, far, ring)
    edge = (deep <= ring) & (far <= ring) & (some_in > 1e-3) & (some_out > 1e-3)
    if not edge.any():
        return np.zeros_like(fill)
    gap = outer - inner
    trust = edge * _alike(gap) * _alike(slope_in) * _alike(slope_out)
    mean, certain = _mean(gap, trust, ALONG * ring)
    square, _ = _mean(gap * gap, trust, ALONG * ring)
    _, possible = _mean(gap, edge.astype(np.float32), ALONG * ring)
    varies = np.sqrt(np.maximum(square - mean * mean, 0).sum(axis=2, keepdims=True))
    size = np.sqrt((mean * mean).sum(axis=2, keepdims=True))
    kept = np.clip(1 - (2 * varies + NOISE) / np.maximum(size, 1e-6), 0, 1)
    kept *= (certain / np.maximum(possible, 1e-6) > 0.5)[..., None]
    inside = surroundings((mean * kept).astype(np.float32), edge)
    return np.where(outside[..., None], 0, inside).astype(np.float32)


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


def _alike(difference: Field) -> Field:
    """1 for no difference, falling to 0 beyond `ALIKE`."""
    trust: Field = np.exp(-((np.abs(difference).max(axis=2) / ALIKE) ** 2))
    return trust.astype(np.float32)


def _distance(region: npt.NDArray[np.bool_]) -> Field:
    """Of each pixel of the region from its edge; 0 elsewhere. The picture's border is no edge."""
    import cv2

    distance: Field = cv2.distanceTransform(
        region.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )
    return distance


def _mean(values: Field, weight: Field, sigma: float) -> tuple[Field, Field]:
    """The weighted mean around each pixel, and the weight that it rests on."""
    import cv2

    weighed = (values * weight[..., None]).astype(np.float32)
    total: Field = cv2.GaussianBlur(weighed, (0, 0), sigma)
    share: Field = cv2.GaussianBlur(weight, (0, 0), sigma)
    return total / np.maximum(share, 1e-6)[..., None], share
