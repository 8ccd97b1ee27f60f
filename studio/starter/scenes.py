"""From a scene to its picture, in the manner of a flat travel poster, at any size."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PIL import Image, ImageOps

from studio.starter.buildings import draw_building
from studio.starter.landforms import (
    HORIZON,
    Ground,
    draw_clouds,
    draw_land,
    draw_mountains,
    draw_sky,
)
from studio.starter.palette import CHARCOAL, CREAM, HOURS, PAINTS, Hour, lit, mix, rgb
from studio.starter.pen import Pen
from studio.starter.plants import draw_tree
from studio.starter.scene import Scene

PARTS = ("sky", "light", "cloud", "mountains", "land", "tree", "building", "boat", "balloon")


def draw(scene: Scene, size: int, supersampling: int = 3) -> Image.Image:
    """The scene as an RGB picture of size × size pixels; the same scene gives the same picture.

    It is drawn `supersampling` times larger and averaged down, so edges are smooth.
    """
    return draw_with_map(scene, size, supersampling)[0]


def draw_with_map(
    scene: Scene, size: int, supersampling: int = 3, cells: int | None = None
) -> tuple[Image.Image, Image.Image]:
    """The picture, and where what is: an 8-bit image of `cells` × `cells` indices into `PARTS`."""
    rng = np.random.default_rng(scene.layout)
    hour = HOURS[scene.time]
    pen = Pen(size * supersampling)
    horizon = HORIZON[scene.terrain]
    pen.part = PARTS.index("light")  # the sky's own run of colours stays part 0
    draw_sky(pen, scene, hour, rng, horizon)
    pen.part = PARTS.index("cloud")
    draw_clouds(pen, scene, hour, rng)
    pen.part = PARTS.index("mountains")
    draw_mountains(pen, scene, hour, rng, horizon)
    pen.part = PARTS.index("land")
    ground = draw_land(pen, scene, hour, rng)
    pen.part = PARTS.index("boat")
    if scene.boat:
        _boat(pen, hour, rng.uniform(0.76, 0.84), ground.horizon + rng.uniform(0.10, 0.14))
    pen.part = PARTS.index("balloon")
    if scene.balloon:
        _balloon(pen, hour, rng.uniform(0.44, 0.52), rng.uniform(0.15, 0.2))
    _things(pen, scene, hour, ground, rng)
    picture = pen.image.reduce(supersampling)
    side = cells or size
    where = pen.map.resize((side, side), Image.Resampling.NEAREST)
    if scene.mirrored:
        return ImageOps.mirror(picture), ImageOps.mirror(where)
    return picture, where


def _things(pen: Pen, scene: Scene, hour: Hour, ground: Ground, rng: np.random.Generator) -> None:
    """Building and trees on the near land, back to front."""
    x = rng.uniform(0.27, 0.36)
    if scene.terrain != "sea" and rng.random() < 0.35:
        x = 1 - x
    scale = rng.uniform(0.94, 1.08)
    pen.part = PARTS.index("tree")
    if scene.tree != "none":
        wide = scene.terrain == "sea"
        spots = [0.07, 0.48] if wide else [0.06, 0.62, 0.93, 0.78]
        if scene.building == "none":
            spots = [0.09, 0.3, 0.47] if wide else [0.1, 0.3, 0.72, 0.9]
        elif x > 0.5:
            spots = [1 - s for s in spots]
        heights = [0.26, 0.22, 0.27, 0.2]
        for spot, height in zip(spots, heights, strict=False):
            tx = min(spot + rng.uniform(-0.025, 0.025), ground.reach - 0.04)
            ty = ground.ridge.at(tx) + rng.uniform(0.015, 0.05)
            h = height * rng.uniform(0.9, 1.12)
            draw_tree(pen, scene.tree, scene.season, hour, rng, tx, ty, h)
    pen.part = PARTS.index("building")
    if scene.building != "none":
        dark = scene.time in ("sunset", "night")
        y = ground.ridge.at(x) + 0.035
        colour = PAINTS[scene.colour]
        draw_building(pen, scene.building, colour, hour, dark, x, y, scale)


def _boat(pen: Pen, hour: Hour, x: float, y: float) -> None:
    """A small sailing boat with a cream sail."""
    hull, sail = lit(rgb("7A3E2E"), hour.things), lit(CREAM, hour.things)
    pen.poly([(x - 0.085, y), (x + 0.085, y), (x + 0.055, y + 0.04), (x - 0.06, y + 0.04)], hull)
    pen.rect(x - 0.004, y - 0.15, x + 0.004, y, lit(CHARCOAL, hour.things))
    pen.poly([(x + 0.01, y - 0.145), (x + 0.01, y - 0.015), (x + 0.08, y - 0.015)], sail)
    shade = mix(sail, (60, 50, 90), 0.2)
    pen.poly([(x - 0.01, y - 0.12), (x - 0.01, y - 0.015), (x - 0.06, y - 0.015)], shade)


def _balloon(pen: Pen, hour: Hour, x: float, y: float) -> None:
    """A hot-air balloon in coral and cream stripes."""
    coral, cream = lit(rgb("E8574A"), hour.things), lit(CREAM, hour.things)
    r = 0.085
    pen.poly([(x - r * 0.86, y + r * 0.5), (x + r * 0.86, y + r * 0.5), (x + r * 0.22, y + r * 1.4),
              (x - r * 0.22, y + r * 1.4)], coral)  # fmt: skip
    for half, colour in ((1.0, coral), (0.68, cream), (0.34, coral)):
        pen.disc(x, y, r * half, r, colour)
        if half < 1:
            low = r * 0.3
            pen.poly([(x - half * r * 0.95, y + low), (x + half * r * 0.95, y + low),
                      (x + half * r * 0.3, y + r * 1.4), (x - half * r * 0.3, y + r * 1.4)],
                     colour)  # fmt: skip
    basket = lit(rgb("6B4630"), hour.things)
    pen.rect(x - r * 0.25, y + r * 1.55, x + r * 0.25, y + r * 1.9, basket)
    pen.line([(x - r * 0.2, y + r * 1.4), (x - r * 0.2, y + r * 1.6)], basket, 0.006)
    pen.line([(x + r * 0.2, y + r * 1.4), (x + r * 0.2, y + r * 1.6)], basket, 0.006)


def sheet(pictures: Iterable[Image.Image], columns: int, gap: int = 4) -> Image.Image:
    """Pictures of one size in rows of `columns`, on white."""
    tiles = list(pictures)
    width, height = tiles[0].size
    rows = -(-len(tiles) // columns)
    page = Image.new(
        "RGB", (columns * (width + gap) + gap, rows * (height + gap) + gap), (255, 255, 255)
    )
    for i, tile in enumerate(tiles):
        row, column = divmod(i, columns)
        page.paste(tile, (gap + column * (width + gap), gap + row * (height + gap)))
    return page
