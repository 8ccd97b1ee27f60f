"""Between samples of 8, 16 and 32 bits: scaled, never clipped, so that white stays white."""

from __future__ import annotations

from functools import cache

import numpy as np

from studio.core.picture import Pixels
from studio.imaging.native import Native, Samples, span

ROWS = 256
"""How many rows are worked on at once, so that large pictures take little memory more."""


def to_8_bit(native: Native) -> Pixels:
    """H×W×C. 16 bits by 257, rounded; floats by their `span`, their alpha by 0…1."""
    samples = native.samples
    if native.depth == 8:
        return samples
    out = np.empty(samples.shape, np.uint8)
    low, high = span(native)
    colours = native.colour.shape[2]
    for top in range(0, samples.shape[0], ROWS):
        rows = samples[top : top + ROWS]
        if native.depth == 16:
            np.take(_sixteen(), rows, out=out[top : top + ROWS])
            continue
        part = out[top : top + ROWS]
        part[..., :colours] = np.rint((rows[..., :colours] - low) * (255 / (high - low)))
        if native.has_alpha:
            part[..., -1] = np.rint(rows[..., -1].clip(0, 1) * 255)
    return out


def to_16_bit(native: Native) -> Samples:
    """H×W×C uint16. 8 bits by 257, floats by their `span`, their alpha by 0…1."""
    samples = native.samples
    if native.depth == 16:
        return samples
    if native.depth == 8:
        return samples.astype(np.uint16) * np.uint16(257)
    low, high = span(native)
    scaled = (samples.astype(np.float64) - low) / (high - low)
    if native.has_alpha:
        scaled[..., -1] = samples[..., -1].clip(0, 1)
    return np.rint(scaled * 65535).astype(np.uint16)


def from_8_bit(pixels: Pixels, like: Native) -> Samples:
    """H×W×C pixels (C as in `like`) at the depth of `like`; `to_8_bit` gives them back exactly."""
    if like.depth == 8:
        return pixels
    if like.depth == 16:
        return pixels.astype(np.uint16) * np.uint16(257)
    low, high = span(like)
    out = pixels.astype(np.float32) / np.float32(255)
    colours = like.colour.shape[2]
    out[..., :colours] = out[..., :colours] * np.float32(high - low) + np.float32(low)
    return out


@cache
def _sixteen() -> Pixels:
    table = ((np.arange(65536, dtype=np.uint32) + 128) // 257).astype(np.uint8)
    table.flags.writeable = False
    return table
