"""What lies behind and below: sky, mountains, water, land. Each returns what stands on it needs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from studio.starter.palette import (
    CLIFF,
    FLOWERS,
    GROUND,
    RGB,
    ROCK,
    SNOW,
    Hour,
    lit,
    mix,
)
from studio.starter.pen import Pen, Ridge
from studio.starter.plants import draw_tree
from studio.starter.scene import Scene

HALO = 1.9
"""How much wider than the sun or the moon the outermost ring of its light is."""


@dataclass(frozen=True)
class Ground:
    """Where things stand: the near land, and how far right it reaches."""

    ridge: Ridge
    reach: float
    horizon: float


def _light_height(scene: Scene) -> float:
    if scene.light == "sun":
        return {"dawn": 0.33, "noon": 0.17, "sunset": 0.36}.get(scene.time, 0.17)
    return 0.17


def draw_sky(pen: Pen, scene: Scene, hour: Hour, rng: np.random.Generator, horizon: float) -> None:
    """The sky's run of colours, stars, and sun or moon."""
    part, pen.part = pen.part, 0
    pen.gradient(0, min(1.0, horizon + 0.08), hour.sky)
    if scene.time == "night":
        for x, y, size in zip(
            rng.uniform(0, 1, 40), rng.uniform(0, 0.45, 40), rng.uniform(0.3, 1, 40), strict=True
        ):
            pen.disc(x, y, 0.0065 * size, 0.0065 * size, (255, 250, 230), 0.95)
    pen.part = part
    x = rng.uniform(0.64, 0.82)
    y = _light_height(scene) + rng.uniform(-0.03, 0.03)
    if scene.light == "sun":
        r = {"noon": 0.075}.get(scene.time, 0.105)
        pen.disc(x, y, r * HALO, r * HALO, hour.glow, 0.16)
        pen.disc(x, y, r * 1.4, r * 1.4, hour.glow, 0.28)
        pen.disc(x, y, r, r, hour.glow)
    elif scene.light == "moon":
        r, pale = 0.085, (250, 247, 228)
        pen.disc(x, y, r * 1.6, r * 1.6, pale, 0.10)
        arc = [math.pi * k / 16 for k in range(17)]
        outer = [(x + r * math.sin(a) * 0.95 - r * 0.3, y - r * math.cos(a)) for a in arc]
        inner = [(x + r * math.sin(a) * 0.38 - r * 0.3, y - r * math.cos(a)) for a in reversed(arc)]
        pen.poly(outer + inner, pale)


_CLOUDS: dict[str, tuple[tuple[float, float], ...]] = {
    "clear": (),
    "few": ((0.2, 0.13), (0.42, 0.27)),
    "many": ((0.1, 0.1), (0.45, 0.07), (0.9, 0.08), (0.27, 0.24), (0.72, 0.27), (0.08, 0.36)),
}


def draw_clouds(pen: Pen, scene: Scene, hour: Hour, rng: np.random.Generator) -> None:
    """Flat-bottomed clouds: two for few, four to six for many; never before sun or moon."""
    many = scene.clouds == "many"
    lamp = _light_height(scene)
    for cx, cy in _CLOUDS[scene.clouds]:
        if scene.light != "none" and cx > 0.5 and abs(cy - lamp) < 0.15:
            continue
        x, y = cx + rng.uniform(-0.07, 0.07), cy + rng.uniform(-0.025, 0.025)
        w = rng.uniform(0.13, 0.18) * (1.15 if many else 1.0)
        pen.disc(x - w * 0.35, y - w * 0.10, w * 0.38, w * 0.27, hour.cloud)
        pen.disc(x + w * 0.10, y - w * 0.19, w * 0.45, w * 0.38, hour.cloud)
        pen.disc(x + w * 0.5, y - w * 0.06, w * 0.33, w * 0.22, hour.cloud)
        pen.disc(x, y, w, w * 0.15, hour.cloud)
        pen.disc(x + w * 0.06, y + w * 0.07, w * 0.84, w * 0.085, hour.cloud_shade)


def draw_mountains(
    pen: Pen, scene: Scene, hour: Hour, rng: np.random.Generator, horizon: float
) -> None:
    """Three or four peaks behind the land, their left flanks in the light."""
    if scene.mountains == "none":
        return

    def veiled(c: RGB, share: float) -> RGB:
        return mix(lit(c, hour.land), hour.haze, share)

    peaks = [(0.12, 0.20, 0.42), (0.88, 0.24, 0.32), (0.60, 0.19, 0.30), (0.36, 0.29, 0.18)]
    for cx, height, veil in peaks:
        x, top = cx + rng.uniform(-0.05, 0.05), horizon - height * rng.uniform(0.92, 1.12)
        half, foot = height * 1.15, horizon + 0.06
        light, shade = veiled(ROCK[0], veil), veiled(ROCK[1], veil)
        spine = x + half * 0.12
        pen.poly([(x - half, foot), (x, top), (x + half, foot)], light)
        pen.poly([(spine, foot), (x, top), (x + half, foot)], shade)
        if scene.mountains != "snowy":
            continue
        v = 0.42  # how far down the snow reaches
        y = top + (foot - top) * v
        left, right, notch = x - half * v, x + half * v, (foot - top) * 0.09
        middle = x + (spine - x) * v
        pen.poly([(x, top), (left, y), ((left + x) / 2, y - notch), (x - half * 0.08, y + notch),
                  (middle, y - notch * 0.6)],
                 mix(lit(SNOW[0], hour.things), hour.haze, veil * 0.25))  # fmt: skip
        pen.poly([(x, top), (middle, y - notch * 0.6), (x + half * 0.2, y + notch * 0.8),
                  ((right + x) / 2 + half * 0.08, y - notch * 0.8), (right, y)],
                 veiled(SNOW[1], veil * 0.25))  # fmt: skip


def draw_land(pen: Pen, scene: Scene, hour: Hour, rng: np.random.Generator) -> Ground:
    """The terrain from the horizon to the viewer."""
    return {
        "sea": _sea,
        "lake": _lake,
        "meadow": _meadow,
        "hills": _hills,
        "forest": _forest,
        "desert": _desert,
    }[scene.terrain](pen, scene, hour, rng)


HORIZON = {
    "sea": 0.56, "lake": 0.53, "meadow": 0.60, "hills": 0.56, "forest": 0.55, "desert": 0.58,
}  # fmt: skip


def _ground(scene: Scene, hour: Hour, depth: float) -> RGB:
    """The land's colour at a depth from 0 far to 1 near."""
    far, near = GROUND["desert" if scene.terrain == "desert" else scene.season]
    return mix(lit(mix(far, near, depth), hour.land), hour.haze, 0.42 * (1 - depth))


def _water(
    pen: Pen, scene: Scene, hour: Hour, rng: np.random.Generator, top: float, bottom: float
) -> None:
    near = mix(hour.water[1], (225, 240, 248), 0.25) if scene.season == "winter" else hour.water[1]
    pen.gradient(top, min(1.0, bottom), (hour.water[0], mix(hour.water[0], near, 0.75), near))
    light = mix(hour.water[0], (255, 255, 255), 0.35)
    for _ in range(12):
        depth = rng.uniform(0.05, 1)
        x, y = rng.uniform(0, 1), top + (bottom - top) * depth
        half = rng.uniform(0.02, 0.05) * (0.5 + depth)
        pen.rect(x - half, y, x + half, y + 0.003 + 0.005 * depth, light, 0.45)
    if scene.light != "none" and scene.time != "noon":
        for k in range(6):
            y = top + 0.015 + (bottom - top) * 0.13 * k
            half = 0.085 - 0.009 * k
            pen.rect(0.72 - half, y, 0.72 + half, y + 0.009, hour.glow, 0.6)


def _sea(pen: Pen, scene: Scene, hour: Hour, rng: np.random.Generator) -> Ground:
    top = HORIZON["sea"]
    _water(pen, scene, hour, rng, top, 1.0)
    ridge = Ridge(rng, 0.745, 0.016, 0.8)
    edge = rng.uniform(0.55, 0.62)
    light, shade = (mix(lit(c, hour.land), hour.haze, 0.08) for c in CLIFF)
    y = ridge.at(edge)
    foam = mix(hour.water[0], (255, 255, 255), 0.55)
    pen.disc(edge - 0.06, 0.985, 0.24, 0.035, foam, 0.8)
    pen.poly([(-0.02, y), (edge, y), (edge - 0.015, y + 0.09), (edge + 0.05, y + 0.14),
              (edge + 0.07, 1.02), (-0.02, 1.02)], shade)  # fmt: skip
    for k in range(4):  # facets of the rock
        x = edge - 0.03 - 0.17 * k
        pen.poly([(x, y + 0.03), (x - 0.1, y + 0.03), (x - 0.13, 1.02), (x - 0.02, 1.02)], light)
    grass = [(px, py) for px, py in ridge.points()[:-2] if px < edge]
    lip = [(edge + 0.015, y + 0.012), (edge - 0.02, y + 0.055)]
    fringe = [(edge * k / 6, y + (0.085 if k % 2 else 0.05)) for k in range(5, -1, -1)]
    pen.poly([*grass, *lip, *fringe, (-0.02, y + 0.06)], _ground(scene, hour, 0.9))
    return Ground(ridge, edge - 0.02, top)


def _lake(pen: Pen, scene: Scene, hour: Hour, rng: np.random.Generator) -> Ground:
    top = HORIZON["lake"]
    pen.poly(Ridge(rng, top - 0.02, 0.03, 1.2).points(top + 0.06), _ground(scene, hour, 0.1))
    _water(pen, scene, hour, rng, top + 0.03, 0.86)
    pen.poly([(-0.02, top + 0.02), (0.3, top + 0.02), (0.5, top + 0.045), (0.2, top + 0.065),
              (-0.02, top + 0.075)], _ground(scene, hour, 0.35))  # fmt: skip
    ridge = Ridge(rng, 0.81, 0.02, 0.7)
    sand = mix(_ground(scene, hour, 0.5), hour.water[0], 0.5)
    pen.poly([(x, y - 0.014) for x, y in ridge.points()], sand)
    pen.poly(ridge.points(), _ground(scene, hour, 0.85))
    _flowers(pen, scene, hour, rng, ridge)
    return Ground(ridge, 1.0, top + 0.03)


def _meadow(pen: Pen, scene: Scene, hour: Hour, rng: np.random.Generator) -> Ground:
    top = HORIZON["meadow"]
    pen.poly(Ridge(rng, top, 0.015, 1.0).points(), _ground(scene, hour, 0.15))
    middle = Ridge(rng, 0.66, 0.018, 0.7)
    pen.poly(middle.points(), _ground(scene, hour, 0.5))
    stripe = _ground(scene, hour, 0.68)
    for k in range(-3, 6):  # rows of the field, meeting far away
        x = 0.2 + 0.2 * k
        pen.poly([(0.5 + (x - 0.5) * 0.35, 0.665), (0.5 + (x - 0.5) * 0.35 + 0.02, 0.665),
                  (x + 0.09, 0.92), (x, 0.92)], stripe)  # fmt: skip
    ridge = Ridge(rng, 0.80, 0.02, 0.6)
    pen.poly(ridge.points(), _ground(scene, hour, 0.95))
    _flowers(pen, scene, hour, rng, ridge)
    return Ground(ridge, 1.0, top)


def _hills(pen: Pen, scene: Scene, hour: Hour, rng: np.random.Generator) -> Ground:
    for k, (base, swing) in enumerate(((0.52, 0.05), (0.60, 0.055), (0.69, 0.055))):
        pen.poly(Ridge(rng, base, swing, 1.1).points(), _ground(scene, hour, 0.05 + 0.28 * k))
    ridge = Ridge(rng, 0.80, 0.045, 0.7)
    pen.poly(ridge.points(), _ground(scene, hour, 0.95))
    _flowers(pen, scene, hour, rng, ridge)
    return Ground(ridge, 1.0, HORIZON["hills"])


def _forest(pen: Pen, scene: Scene, hour: Hour, rng: np.random.Generator) -> Ground:
    top = HORIZON["forest"]
    pen.poly(Ridge(rng, top, 0.02, 1.0).points(), _ground(scene, hour, 0.2))
    for row, (foot, height, veil, count) in enumerate(
        ((top + 0.05, 0.17, 0.5, 15), (top + 0.15, 0.23, 0.22, 11))
    ):
        for k in range(count):
            x = (k + 0.5 * row) / (count - 1) + rng.uniform(-0.015, 0.015)
            h = height * rng.uniform(0.85, 1.15)
            draw_tree(pen, scene.tree, scene.season, hour, rng, x, foot, h, veil)
        pen.poly(Ridge(rng, foot - 0.01, 0.01, 1.0).points(), _ground(scene, hour, 0.4 + 0.3 * row))
    ridge = Ridge(rng, 0.80, 0.018, 0.7)
    pen.poly(ridge.points(), _ground(scene, hour, 0.95))
    _flowers(pen, scene, hour, rng, ridge)
    return Ground(ridge, 1.0, top)


def _desert(pen: Pen, scene: Scene, hour: Hour, rng: np.random.Generator) -> Ground:
    top = HORIZON["desert"]
    pen.poly(Ridge(rng, top, 0.012, 1.0).points(), _ground(scene, hour, 0.1))
    for cx, cy, half, depth in ((0.22, 0.535, 0.42, 0.3), (0.85, 0.585, 0.46, 0.5)):
        x, y = cx + rng.uniform(-0.05, 0.05), cy + rng.uniform(-0.015, 0.015)
        light = _ground(scene, hour, depth)
        shade = mix(light, (90, 40, 70), 0.3)
        pen.poly([(x - half, 0.8), (x - half * 0.4, y + 0.07), (x, y), (x + half * 0.5, y + 0.13),
                  (x + half, 0.8)], light)  # fmt: skip
        pen.poly([(x, y), (x + half * 0.5, y + 0.13), (x + half, 0.8), (x + half * 0.05, 0.8),
                  (x + half * 0.16, y + 0.1)], shade)  # fmt: skip
    ridge = Ridge(rng, 0.79, 0.03, 0.6)
    pen.poly(ridge.points(), _ground(scene, hour, 0.9))
    ripple = mix(_ground(scene, hour, 0.9), (120, 60, 60), 0.16)
    for k in range(3):
        y = 0.87 + 0.05 * k
        curve = [(x, y + ridge.at(x) - 0.79) for x in np.linspace(-0.02, 1.02, 20).tolist()]
        back = [(x, yy + 0.008) for x, yy in reversed(curve)]
        pen.poly(curve + back, ripple)
    return Ground(ridge, 1.0, top)


def _flowers(pen: Pen, scene: Scene, hour: Hour, rng: np.random.Generator, ridge: Ridge) -> None:
    kinds = FLOWERS[scene.season]
    if not kinds:
        return
    for k in range(44):
        x = rng.uniform(0, 1)
        low = ridge.at(x) + 0.03
        y = low + (1.0 - low) * rng.uniform(0, 1)
        r = 0.007 + 0.009 * (y - low) / 0.2
        pen.disc(x, y, r, r * 0.85, lit(kinds[k % len(kinds)], hour.things))
