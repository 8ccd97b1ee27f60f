"""Pictures of one kind of material each, and a hole in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
SIDE = 192


@dataclass(frozen=True)
class Case:
    """`pixels` [192, 192, 3] uint8 as they should be, and the hole, 2 to 10 % of them."""

    pixels: npt.NDArray[np.uint8]
    hole: Bools


def make(kind: str, seed: int) -> Case:
    """Another one for each seed: other colours, sizes, directions, and another hole."""
    chance = np.random.default_rng((KINDS.index(kind), seed))
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)
    first, second = _colours(chance)
    values = PAINTERS[kind](x, y, first, second, chance)
    return Case(np.rint(values.clip(0, 255)).astype(np.uint8), _hole(x, y, chance))


def clouds(chance: np.random.Generator, power: float, stretch: float = 1.0) -> Array:
    """Noise [192, 192] of deviation 1 whose amplitude falls with frequency to the `power`."""
    f = np.fft.fftfreq(SIDE)
    radius = np.hypot(f[:, None] * stretch, f)
    radius[0, 0] = 1
    spectrum = np.fft.fft2(chance.standard_normal((SIDE, SIDE))) / radius**power
    field = np.fft.ifft2(spectrum).real
    return np.asarray((field - field.mean()) / field.std())


def _colours(chance: np.random.Generator) -> tuple[Array, Array]:
    """Two that can be told apart."""
    first = second = chance.uniform(30, 225, 3)
    while np.abs(first - second).sum() < 150:
        second = chance.uniform(30, 225, 3)
    return first, second


def _mixed(share: Array, first: Array, second: Array) -> Array:
    mixed: Array = first + (second - first) * share.clip(0, 1)[..., None]
    return mixed


def _along(x: Array, y: Array, chance: np.random.Generator) -> Array:
    angle = chance.uniform(0, np.pi)
    along: Array = x * np.cos(angle) + y * np.sin(angle)
    return along


def _grating(x: Array, y: Array, a: Array, b: Array, chance: np.random.Generator) -> Array:
    wave = np.sin(2 * np.pi * _along(x, y, chance) / chance.uniform(6, 16))
    return _mixed(0.5 + 0.5 * wave, a, b)


def _brick(x: Array, y: Array, a: Array, b: Array, chance: np.random.Generator) -> Array:
    width, height = int(chance.integers(18, 30)), int(chance.integers(8, 14))
    row = (y // height).astype(int)
    shifted = x + row % 2 * width / 2
    mortar = (y % height < 2) | (shifted % width < 2)
    tones = chance.standard_normal((SIDE, SIDE))[row, (shifted // width).astype(int)] * 12
    grain = chance.normal(0, 4, (SIDE, SIDE, 1))
    return np.where(mortar[..., None], b, a + tones[..., None]) + grain


def _grass(x: Array, y: Array, a: Array, b: Array, chance: np.random.Generator) -> Array:
    return _mixed(0.5 + 0.25 * clouds(chance, 0.6), a, b) + chance.normal(0, 6, (SIDE, SIDE, 3))


def _wood(x: Array, y: Array, a: Array, b: Array, chance: np.random.Generator) -> Array:
    rings = np.sin(y / 5 + 2.2 * clouds(chance, 1.6, 6))
    return _mixed(0.5 + 0.5 * rings, a, b) + chance.normal(0, 3, (SIDE, SIDE, 1))


def _gradient(x: Array, y: Array, a: Array, b: Array, chance: np.random.Generator) -> Array:
    along = _along(x, y, chance)
    return _mixed((along - along.min()) / np.ptp(along), a, b)


def _straight(x: Array, y: Array, a: Array, b: Array, chance: np.random.Generator) -> Array:
    offset = SIDE / 2 + chance.uniform(-10, 10)
    return _mixed(0.5 + _along(x - offset, y - SIDE / 2, chance) / 1.5, a, b)


def _curved(x: Array, y: Array, a: Array, b: Array, chance: np.random.Generator) -> Array:
    radius, angle = chance.uniform(50, 110), chance.uniform(0, 2 * np.pi)
    away = np.hypot(x - SIDE / 2 - radius * np.cos(angle), y - SIDE / 2 - radius * np.sin(angle))
    return _mixed(0.5 + (away - radius) / 1.5, a, b)


def _hole(x: Array, y: Array, chance: np.random.Generator) -> Bools:
    """A blob near the middle with an uneven outline."""
    area = int(chance.uniform(0.02, 0.10) * SIDE**2)
    left, top = SIDE / 2 + chance.uniform(-15, 15, 2)
    away = np.hypot(x - left, y - top) / np.sqrt(area / np.pi) + clouds(chance, 2.0) * 0.075
    return np.asarray(away <= np.sort(away.ravel())[area])


Painter = Callable[[Array, Array, Array, Array, np.random.Generator], Array]
PAINTERS: dict[str, Painter] = {
    "grating": _grating,
    "brick": _brick,
    "grass": _grass,
    "wood": _wood,
    "gradient": _gradient,
    "straight edge": _straight,
    "curved edge": _curved,
}
KINDS = tuple(PAINTERS)
EDGES = ("straight edge", "curved edge")
