from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import ImageOps

from studio.starter.scene import ATTRIBUTES, Scene, random_scene
from studio.starter.scenes import PARTS, draw, draw_with_map, sheet

BASE = Scene(
    time="noon",
    terrain="lake",
    season="autumn",
    mountains="bare",
    light="sun",
    clouds="few",
    tree="pine",
    building="house",
    colour="red",
    layout=5,
)


def test_the_same_scene_is_the_same_picture() -> None:
    rng = np.random.default_rng(1)
    for _ in range(5):
        scene = random_scene(rng)
        assert draw(scene, 40).tobytes() == draw(scene, 40).tobytes()


@pytest.mark.parametrize("size", [8, 33, 128, 256])
def test_any_size(size: int) -> None:
    picture = draw(BASE, size)
    assert picture.mode == "RGB"
    assert picture.size == (size, size)


def test_sizes_show_the_same_scene() -> None:
    small = np.asarray(draw(BASE, 64), dtype=float)
    large = np.asarray(draw(BASE, 256).reduce(4), dtype=float)
    assert np.abs(small - large).mean() < 4


@pytest.mark.parametrize("attribute", list(ATTRIBUTES))
def test_every_attribute_changes_the_picture(attribute: str) -> None:
    pictures = set()
    values = ATTRIBUTES[attribute]
    for value in values:
        seen: object = value == "yes" if attribute in ("boat", "balloon") else value
        pictures.add(draw(replace(BASE, **{attribute: seen}), 64).tobytes())
    assert len(pictures) == len(values)


def test_mirroring_flips_the_picture() -> None:
    plain, mirrored = draw(BASE, 64), draw(replace(BASE, mirrored=True), 64)
    assert ImageOps.mirror(plain).tobytes() == mirrored.tobytes()


def test_every_scene_of_a_hundred_is_drawn() -> None:
    rng = np.random.default_rng(2)
    for _ in range(100):
        assert np.asarray(draw(random_scene(rng), 32, supersampling=1)).std() > 5


@pytest.mark.parametrize("kind", ATTRIBUTES["building"][1:])
@pytest.mark.parametrize("terrain", ATTRIBUTES["terrain"])
def test_a_building_is_at_least_a_quarter_high(kind: str, terrain: str) -> None:
    tree = "pine" if terrain == "forest" else "none"
    for layout in range(3):
        scene = Scene("noon", terrain, tree=tree, building=kind, layout=layout)  # type: ignore[arg-type]
        _, where = draw_with_map(scene, 64, cells=64)
        rows = np.flatnonzero((np.asarray(where) == PARTS.index("building")).any(axis=1))
        assert len(rows) >= 16
        assert rows[-1] < 63, "it stands in the picture"


@pytest.mark.parametrize(
    ("attribute", "value", "part"),
    [("building", "none", "building"), ("tree", "none", "tree"), ("light", "none", "light")],
)
def test_the_map_knows_what_is_there(attribute: str, value: str, part: str) -> None:
    index = PARTS.index(part)
    _, with_it = draw_with_map(BASE, 64, cells=32)
    _, without = draw_with_map(replace(BASE, **{attribute: value}), 64, cells=32)
    assert (np.asarray(with_it) == index).any()
    assert not (np.asarray(without) == index).any()


def test_a_sheet_holds_all_pictures() -> None:
    tiles = [draw(BASE, 16)] * 5
    assert sheet(tiles, columns=3, gap=2).size == (3 * 18 + 2, 2 * 18 + 2)
