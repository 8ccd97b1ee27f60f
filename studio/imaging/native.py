"""A picture as its file holds it: with all its depth and in its own colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from studio.core.geometry import Size

Samples = npt.NDArray[Any]
Mode = Literal["L", "LA", "RGB", "RGBA", "CMYK", "LAB"]
CHANNELS: dict[Mode, int] = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4, "LAB": 3}
PLAIN: dict[Mode, Mode] = {"LA": "L", "RGBA": "RGB"}
"""The modes with alpha, and what they are without it."""


@dataclass(frozen=True, eq=False)
class Native:
    """`samples` is H×W×C, upright: uint8, uint16, or float32 of any range.

    Alpha is straight. LAB has a and b with zero in the middle. `profile` is an ICC profile that
    fits the mode, or nothing.
    """

    samples: Samples
    mode: Mode
    profile: bytes = b""

    def __post_init__(self) -> None:
        if self.samples.ndim != 3 or self.samples.shape[2] != CHANNELS[self.mode]:
            raise ValueError(f"{self.mode} has no samples of shape {self.samples.shape}")

    @property
    def size(self) -> Size:
        return Size(self.samples.shape[1], self.samples.shape[0])

    @property
    def depth(self) -> int:
        """Bits a sample: 8, 16 or 32 (float)."""
        return int(self.samples.dtype.itemsize * 8)

    @property
    def has_alpha(self) -> bool:
        return self.mode in PLAIN

    @property
    def colour(self) -> Samples:
        """The samples without alpha; a view."""
        return self.samples[..., : CHANNELS[PLAIN.get(self.mode, self.mode)]]

    @property
    def alpha(self) -> Samples | None:
        return self.samples[..., -1] if self.has_alpha else None


def normal(samples: Samples) -> Samples:
    """The samples as one of the three types: what fits 16 bits stays exact, the rest is float.

    Whole numbers beyond 16 bits, or below 0, are scaled so that the smallest is 0 and the largest
    1. What is no number at all (nan, infinite) becomes 0.
    """
    if samples.dtype in (np.uint8, np.uint16):
        return samples.astype(samples.dtype.newbyteorder("="), copy=False)
    if samples.dtype == np.bool_:
        return samples.astype(np.uint8) * np.uint8(255)
    if samples.dtype.kind in "iu":
        low, high = int(samples.min()), int(samples.max())
        if low >= 0 and high <= 65535:
            return samples.astype(np.uint16)
        return ((samples.astype(np.float64) - low) / (high - low)).astype(np.float32)
    with np.errstate(over="ignore"):  # a float64 too large for float32 is infinite, so 0
        floats = samples.astype(np.float32)
    if not np.isfinite(floats).all():
        floats = np.nan_to_num(floats, copy=True, nan=0.0, posinf=0.0, neginf=0.0)
    return floats


def span(native: Native) -> tuple[float, float]:
    """The values that are black and white. Floats reach beyond 0…1 if the picture does."""
    if native.depth < 32:
        return 0.0, float(np.iinfo(native.samples.dtype).max)
    colour = native.colour
    return min(0.0, float(colour.min())), max(1.0, float(colour.max()))
