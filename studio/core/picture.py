"""Pixels that may cross threads: read-only, C-contiguous uint8 arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.core.geometry import Size

Pixels = npt.NDArray[np.uint8]


def _frozen(pixels: Pixels) -> Pixels:
    """A read-only, contiguous array that nobody else can write: shared if it already is one."""
    if pixels.dtype != np.uint8:
        raise TypeError(f"pixels must be uint8, not {pixels.dtype}")
    writable = pixels.flags.writeable or (
        isinstance(pixels.base, np.ndarray) and pixels.base.flags.writeable
    )
    if writable or not pixels.flags.c_contiguous:
        pixels = pixels.copy(order="C")
        pixels.flags.writeable = False
    return pixels


@dataclass(frozen=True, eq=False)
class Picture:
    """An sRGB picture: `pixels` is HWC uint8 with 3 (RGB) or 4 (RGBA, straight alpha) channels."""

    pixels: Pixels

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] not in (3, 4) or not self.pixels.size:
            raise ValueError(f"a picture is H×W×3 or H×W×4, not {self.pixels.shape}")
        object.__setattr__(self, "pixels", _frozen(self.pixels))

    @property
    def size(self) -> Size:
        return Size(self.pixels.shape[1], self.pixels.shape[0])

    @property
    def has_alpha(self) -> bool:
        return bool(self.pixels.shape[2] == 4)


@dataclass(frozen=True, eq=False)
class Mask:
    """Where to paint: `pixels` is HW uint8, 0 keeps the picture, 255 replaces it fully."""

    pixels: Pixels

    def __post_init__(self) -> None:
        if self.pixels.ndim != 2 or not self.pixels.size:
            raise ValueError(f"a mask is H×W, not {self.pixels.shape}")
        object.__setattr__(self, "pixels", _frozen(self.pixels))

    @property
    def size(self) -> Size:
        return Size(self.pixels.shape[1], self.pixels.shape[0])

    @property
    def empty(self) -> bool:
        return not self.pixels.any()
