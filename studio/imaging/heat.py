"""Heat maps: a colour scale in which equal steps look equally large, and how it lies on a picture.

The scale is drawn in OKLab (Ottosson 2020), where distance is what the eye sees: from a dark
violet through red to a pale yellow, ever lighter, so that it reads in grey as well and for those
who cannot tell red from green.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from studio.core.geometry import Size
from studio.core.picture import Picture, Pixels

Shares = npt.NDArray[np.float32]
"""H×W in 0…1, of a heat map's scale."""

DECADES = 2.5
"""Powers of ten that the scale spans: below 1/316 of its end all is dark."""
DIM = 0.4
"""How bright the picture under a heat map is left."""
_DARKEST, _LIGHTEST = 0.14, 0.95
_FIRST_HUE, _LAST_HUE = 285.0, 465.0
"""Degrees: violet, and past red and orange to yellow."""
_SATURATION = 0.9
"""Of the most colourful that sRGB has at each lightness and hue."""


def share(values: npt.NDArray[np.floating], scale: float) -> Shares:
    """Where each value ≥ 0 is on the logarithmic scale that ends at `scale`; see `value_at`.

    A logarithm, because the values of a run's first and last steps differ by a hundred times,
    and steps are to be compared on one scale.
    """
    if not scale > 0:
        return np.zeros(values.shape, np.float32)
    part = np.maximum(values / scale, 10.0**-DECADES)
    shares: Shares = np.clip(1 + np.log10(part) / DECADES, 0.0, 1.0).astype(np.float32)
    return shares


def value_at(share: float, scale: float) -> float:
    """The value that is at this place, 0…1, of the scale that ends at `scale`."""
    return scale * float(10.0 ** (DECADES * (share - 1)))


def enlarge(values: npt.NDArray[np.floating], size: Size) -> npt.NDArray[np.float32]:
    """The map, smoothly, at another size; none of it below 0."""
    import cv2

    wide = cv2.resize(
        np.ascontiguousarray(values, np.float32),
        (size.width, size.height),
        interpolation=cv2.INTER_CUBIC,
    )
    return np.maximum(np.asarray(wide, np.float32), 0.0)


def colours(shares: Shares) -> Pixels:
    """The scale's colours, H×W×3."""
    return scale_colours()[np.rint(shares * 255).astype(np.uint8)]


def over(picture: Picture, shares: Shares) -> Picture:
    """The heat over the picture, which is grey and dim beneath, and gone where it is hottest.

    Added as light is (1 − (1 − a)(1 − b)), so that dark colours of the scale show on dark places.
    """
    grey = picture.pixels[..., :3] @ np.array([0.2126, 0.7152, 0.0722], np.float32) * DIM
    dark = 1 - grey[..., None] / 255 * (1 - shares[..., None])
    light = 255 - (255 - colours(shares).astype(np.float32)) * dark
    return Picture(np.rint(light).astype(np.uint8))


@cache
def scale_colours() -> Pixels:
    """256 colours, each as far from the last as it is from the next."""
    fine = np.linspace(0.0, 1.0, 2048)
    lightness = _DARKEST + (_LIGHTEST - _DARKEST) * fine
    hue = np.deg2rad(_FIRST_HUE + (_LAST_HUE - _FIRST_HUE) * fine)
    direction = np.stack([np.cos(hue), np.sin(hue)], axis=-1)
    chroma = _smooth(_SATURATION * _most_colourful(lightness, direction))
    lab = np.concatenate([lightness[:, None], chroma[:, None] * direction], axis=-1)
    length = np.concatenate([[0.0], np.linalg.norm(np.diff(lab, axis=0), axis=1).cumsum()])
    even = np.linspace(0.0, length[-1], 256)
    path = np.stack([np.interp(even, length, lab[:, i]) for i in range(3)], axis=-1)
    linear = _to_linear(path).clip(0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    result: Pixels = np.rint(encoded * 255).astype(np.uint8)
    result.flags.writeable = False
    return result


def _most_colourful(
    lightness: npt.NDArray[np.float64], hue: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The largest chroma of each lightness and hue that sRGB can show, by halving."""
    low, high = np.zeros_like(lightness), np.full_like(lightness, 0.4)
    for _ in range(24):
        middle = (low + high) / 2
        rgb = _to_linear(np.concatenate([lightness[:, None], middle[:, None] * hue], axis=-1))
        inside = ((rgb >= 0) & (rgb <= 1)).all(axis=-1)
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return low


def _smooth(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Without the corners of the colour solid, which would show as bands; never above `values`
    by more than the gamut's own slack."""
    wide = np.hanning(301)
    padded = np.pad(values, 150, mode="edge")
    return np.minimum(np.convolve(padded, wide / wide.sum(), mode="valid"), values / _SATURATION)


def _to_linear(lab: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Linear sRGB of OKLab: the published matrices."""
    lms = lab @ np.array(
        [
            [1.0, 1.0, 1.0],
            [0.3963377774, -0.1055613458, -0.0894841775],
            [0.2158037573, -0.0638541728, -1.2914855480],
        ]
    )
    rgb: npt.NDArray[np.float64] = lms**3 @ np.array(
        [
            [4.0767416621, -1.2684380046, -0.0041960863],
            [-3.3077115913, 2.6097574011, -0.7034186147],
            [0.2309699292, -0.3413193965, 1.7076147010],
        ]
    )
    return rgb
