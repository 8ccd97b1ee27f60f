"""Trees, with their foot's middle at (x, y) and `h` high; light falls from the left."""

from __future__ import annotations

import numpy as np

from studio.starter.palette import (
    AUTUMN_LEAVES,
    LEAVES,
    PALM,
    PINE,
    RGB,
    SNOW,
    TRUNK,
    Hour,
    lit,
    mix,
)
from studio.starter.pen import Pen


def draw_tree(
    pen: Pen,
    kind: str,
    season: str,
    hour: Hour,
    rng: np.random.Generator,
    x: float,
    y: float,
    h: float,
    veil: float = 0.0,
) -> None:
    """One tree; `veil` is the share of haze over it, 0 near to 1 far."""

    def colour(c: RGB) -> RGB:
        soft = mix(lit(c, hour.land), lit(c, hour.things), 0.45)
        return mix(soft, hour.haze, veil)

    trunk = colour(TRUNK)
    if kind == "pine":
        _pine(pen, colour(PINE[0]), colour(PINE[1]), trunk, x, y, h)
        if season == "winter":
            _snow_cap(pen, colour(SNOW[0]), x, y, h)
    elif kind == "palm":
        _palm(pen, colour(PALM[0]), colour(PALM[1]), trunk, x, y, h, rng.uniform(-0.14, 0.14))
    elif kind == "autumn":
        light, shade = AUTUMN_LEAVES[int(rng.integers(len(AUTUMN_LEAVES)))]
        _crown(pen, colour(light), colour(shade), trunk, x, y, h)
    else:
        light, shade = LEAVES[season]
        _crown(pen, colour(light), colour(shade), trunk, x, y, h)


def _pine(pen: Pen, light: RGB, shade: RGB, trunk: RGB, x: float, y: float, h: float) -> None:
    pen.rect(x - h * 0.04, y - h * 0.16, x + h * 0.04, y, trunk)
    for low, high, half in ((0.1, 0.55, 0.27), (0.32, 0.78, 0.215), (0.56, 1.0, 0.15)):
        foot, top = y - h * low, y - h * high
        pen.poly([(x - h * half, foot), (x, top), (x + h * half, foot)], light)
        pen.poly([(x + h * 0.03, foot), (x, top), (x + h * half, foot)], shade)


def _snow_cap(pen: Pen, snow: RGB, x: float, y: float, h: float) -> None:
    for low, high, half in ((0.32, 0.55, 0.14), (0.58, 0.78, 0.1), (0.8, 1.0, 0.07)):
        foot, top = y - h * low, y - h * high
        pen.poly([(x - h * half, foot), (x, top), (x + h * 0.02, foot + h * 0.03)], snow)


def _crown(pen: Pen, light: RGB, shade: RGB, trunk: RGB, x: float, y: float, h: float) -> None:
    pen.rect(x - h * 0.045, y - h * 0.45, x + h * 0.045, y, trunk)
    pen.disc(x + h * 0.03, y - h * 0.62, h * 0.33, h * 0.36, shade)
    pen.disc(x - h * 0.05, y - h * 0.66, h * 0.27, h * 0.31, light)


def _palm(
    pen: Pen, light: RGB, shade: RGB, trunk: RGB, x: float, y: float, h: float, lean: float
) -> None:
    cx, cy = x + lean * h, y - h * 0.74
    half = h * 0.035
    bend = x + lean * h * 0.2
    left = [(x - half * 1.3, y), (bend - half, y - h * 0.4), (cx - half * 0.8, cy)]
    right = [(cx + half * 0.8, cy), (bend + half, y - h * 0.4), (x + half * 1.3, y)]
    pen.poly(left + right, trunk)
    leaves = (
        (-0.42, 0.14),
        (0.42, 0.14),
        (-0.4, -0.12),
        (0.4, -0.12),
        (-0.17, -0.27),
        (0.19, -0.26),
    )
    for i, (dx, dy) in enumerate(leaves):
        tip = (cx + dx * h, cy + dy * h)
        crest = (cx + dx * h * 0.5, cy + min(dy, 0.0) * h * 0.7 - h * 0.13)
        under = (cx + dx * h * 0.5, cy + dy * h * 0.45 + h * 0.015)
        pen.poly([(cx, cy), crest, tip, under], shade if i % 2 else light)
