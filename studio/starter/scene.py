"""A landscape as plain data, and how scenes are drawn at random.

Nothing here knows pixels or words: `scenes.draw` turns a `Scene` into a picture and
`captions.caption` into a sentence, and both read only what stands in the dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

import numpy as np

Time = Literal["dawn", "noon", "sunset", "night"]
Terrain = Literal["sea", "lake", "meadow", "hills", "forest", "desert"]
Season = Literal["spring", "summer", "autumn", "winter"]
Mountains = Literal["none", "bare", "snowy"]
Light = Literal["none", "sun", "moon"]
Clouds = Literal["clear", "few", "many"]
Tree = Literal["none", "pine", "round", "palm", "autumn"]
Building = Literal["none", "house", "lighthouse", "windmill", "castle", "tent"]
_Value = TypeVar("_Value")
Colour = Literal["red", "orange", "yellow", "green", "blue", "purple", "white"]


@dataclass(frozen=True)
class Scene:
    """One landscape.

    `colour` is the building's and means nothing without one. `layout` seeds everything that is
    never captioned: where things stand, the run of the hills, small shifts of hue. `mirrored`
    flips the finished picture; no caption speaks of left and right.
    """

    time: Time
    terrain: Terrain
    season: Season = "summer"
    mountains: Mountains = "none"
    light: Light = "none"
    clouds: Clouds = "clear"
    tree: Tree = "none"
    building: Building = "none"
    colour: Colour = "white"
    boat: bool = False
    balloon: bool = False
    layout: int = 0
    mirrored: bool = False


# What a network can be asked to name, attribute by attribute; the order of the answers is fixed.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "time": get_args(Time),
    "terrain": get_args(Terrain),
    "season": get_args(Season),
    "mountains": get_args(Mountains),
    "light": get_args(Light),
    "clouds": get_args(Clouds),
    "tree": get_args(Tree),
    "building": get_args(Building),
    "colour": get_args(Colour),
    "boat": ("no", "yes"),
    "balloon": ("no", "yes"),
}

# Never trained on, so that composition can be measured on them.
HELD_OUT_BUILDINGS: frozenset[tuple[str, str]] = frozenset(
    {
        ("house", "purple"),
        ("lighthouse", "green"),
        ("windmill", "red"),
        ("castle", "orange"),
        ("tent", "blue"),
    }
)
HELD_OUT_PLACES: frozenset[tuple[str, str]] = frozenset(
    {("desert", "dawn"), ("lake", "night"), ("forest", "sunset")}
)


def is_held_out(scene: Scene) -> bool:
    """Whether the scene's combination is kept from training for good."""
    coloured = (scene.building, scene.colour) in HELD_OUT_BUILDINGS
    return coloured or (scene.terrain, scene.time) in HELD_OUT_PLACES


def labels(scene: Scene) -> tuple[int, ...]:
    """The scene's attributes as class numbers, in the order of `ATTRIBUTES`.

    -1 stands for "cannot be seen": the colour without a building, the season of a desert.
    """
    answers: list[int] = []
    for name, values in ATTRIBUTES.items():
        value = getattr(scene, name)
        if isinstance(value, bool):
            answers.append(int(value))
        elif name in _invisible(scene):
            answers.append(-1)
        else:
            answers.append(values.index(value))
    return tuple(answers)


def _invisible(scene: Scene) -> set[str]:
    hidden = {"colour"} if scene.building == "none" else set()
    return hidden | ({"season"} if scene.terrain == "desert" else set())


def random_scene(rng: np.random.Generator, *, held_out: bool = False) -> Scene:
    """A plausible scene: no palms in the snow, no boats on dry land, no sun at night.

    Simple scenes are common. With `held_out` only combinations that training never sees.
    """
    while True:
        scene = _any_scene(rng)
        if is_held_out(scene) == held_out:
            return scene


def _any_scene(rng: np.random.Generator) -> Scene:
    def pick(values: Mapping[_Value, float]) -> _Value:
        weights = np.array(list(values.values()))
        return list(values)[int(rng.choice(len(weights), p=weights / weights.sum()))]

    def chance(p: float) -> bool:
        return bool(rng.random() < p)

    time = pick(dict.fromkeys(get_args(Time), 1.0))
    terrain = pick(dict.fromkeys(get_args(Terrain), 1.0) | {"sea": 1.3})
    desert = terrain == "desert"
    season: Season = "summer" if desert else pick(dict.fromkeys(get_args(Season), 1.0))
    trees: dict[str, float] = {"none": 2.0, "pine": 1.0, "round": 1.0}
    if season == "autumn":
        trees = {"none": 2.0, "pine": 0.6, "round": 0.4, "autumn": 1.8}
    elif season != "winter":
        trees["palm"] = 1.0
    if terrain == "forest":
        trees.pop("none")
        trees.pop("palm", None)
    if desert:
        trees = {"none": 1.5, "palm": 1.0}
    light = {
        "dawn": {"none": 1.0, "sun": 2.0, "moon": 0.5},
        "noon": {"none": 1.0, "sun": 2.0},
        "sunset": {"none": 1.0, "sun": 2.0, "moon": 0.5},
        "night": {"none": 1.0, "moon": 2.5},
    }[time]
    kinds = {"none": 1.0} | dict.fromkeys(get_args(Building)[1:], 0.8)
    return Scene(
        time=time,
        terrain=terrain,
        season=season,
        mountains=pick({"none": 2.0, "bare": 1.0, "snowy": 1.0}),
        light=pick(light),  # type: ignore[arg-type]
        clouds=pick({"clear": 2.0, "few": 1.0, "many": 1.0}),
        tree=pick(trees),  # type: ignore[arg-type]
        building=pick(kinds),
        colour=pick(dict.fromkeys(get_args(Colour), 1.0)),
        boat=terrain in ("sea", "lake") and chance(0.35),
        balloon=chance(0.12),
        layout=int(rng.integers(2**31)),
        mirrored=chance(0.5),
    )
