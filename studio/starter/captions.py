"""Sentences for scenes, drawn anew each time: other words, another order, something left out.

A caption only ever says what can be seen; that something is missing is never said, except for
the empty sky.
"""

from __future__ import annotations

import re

import numpy as np

from studio.starter.scene import Scene

TIME: dict[str, tuple[str, ...]] = {
    "dawn": ("at dawn", "at sunrise", "in the early morning", "in pink morning light"),
    "noon": ("at noon", "at midday", "in daylight", "on a bright day", "during the day"),
    "sunset": ("at sunset", "at dusk", "in the evening", "in evening light", "under a red sky"),
    "night": ("at night", "at midnight", "under the stars", "under a starry sky", "in the dark"),
}
TERRAIN: dict[str, tuple[str, ...]] = {
    "sea": ("by the sea", "on a cliff by the sea", "at the ocean", "on the coast", "at the sea"),
    "lake": ("by a lake", "at a lake", "on the shore of a lake", "near a quiet lake"),
    "meadow": ("in a meadow", "in the fields", "on a meadow", "among fields"),
    "hills": ("in the hills", "among rolling hills", "on a hill", "in green hills", "on hills"),
    "forest": ("in a forest", "in the woods", "in front of a forest", "at a forest clearing"),
    "desert": ("in the desert", "among sand dunes", "in a sandy desert", "on the dunes"),
}
SEASON: dict[str, tuple[str, ...]] = {
    "spring": ("in spring", "with spring flowers", "in springtime", "with flowers"),
    "summer": ("in summer", "in summertime", "in a green summer"),
    "autumn": ("in autumn", "in fall", "in golden autumn"),
    "winter": ("in winter", "in the snow", "on a winter day", "in wintertime", "with snow"),
}
MOUNTAINS: dict[str, tuple[str, ...]] = {
    "bare": ("with mountains", "with bare mountains", "with rocky mountains behind"),
    "snowy": ("with snowy mountains", "with snow capped mountains", "with white peaks behind"),
}
LIGHT: dict[str, tuple[str, ...]] = {
    "sun": ("with the sun", "with a big sun", "with sun in the sky"),
    "moon": ("with a moon", "with a crescent moon", "in moonlight", "with the moon"),
}
CLOUDS: dict[str, tuple[str, ...]] = {
    "clear": ("under a clear sky", "with a clear sky", "with a cloudless sky"),
    "few": ("with a few clouds", "with some clouds", "with two clouds"),
    "many": ("with many clouds", "under a cloudy sky", "with lots of clouds"),
}
TREE: dict[str, tuple[str, ...]] = {
    "pine": ("with pine trees", "with pines", "with fir trees", "with conifers"),
    "round": ("with round trees", "with leafy trees", "with broad trees"),
    "palm": ("with palm trees", "with palms", "with tropical palms"),
    "autumn": ("with autumn trees", "with orange trees", "with red autumn leaves"),
}
BUILDING: dict[str, tuple[str, ...]] = {
    "house": ("house", "cottage", "home"),
    "lighthouse": ("lighthouse", "light house", "lighthouse tower"),
    "windmill": ("windmill", "mill", "wind mill"),
    "castle": ("castle", "fortress", "castle with towers"),
    "tent": ("tent", "camping tent"),
}
COLOUR: dict[str, tuple[str, ...]] = {
    "red": ("red",),
    "orange": ("orange",),
    "yellow": ("yellow",),
    "green": ("green",),
    "blue": ("blue",),
    "purple": ("purple", "violet"),
    "white": ("white",),
}
BOAT: tuple[str, ...] = ("with a boat", "with a sailing boat", "with a sailboat", "and a ship")
BALLOON: tuple[str, ...] = ("with a balloon", "with a hot air balloon", "and a balloon in the sky")
OPENINGS: tuple[str, ...] = (
    "", "", "", "", "a poster of ", "a picture of ", "an illustration of ", "a landscape with ",
)  # fmt: skip
NO_BUILDING: tuple[str, ...] = ("a landscape", "a view", "scenery", "a scene")


def caption(scene: Scene, rng: np.random.Generator, *, complete: bool = False) -> str:
    """One of the many things that can truly be said of the scene, in lower-case English.

    With `complete` nothing that is there is left out; words and order still vary.
    """

    def one(phrases: tuple[str, ...]) -> str:
        return phrases[int(rng.integers(len(phrases)))]

    keep = (0.35, 0.7, 0.95)[int(rng.integers(3))]  # how talkative this caption is

    def kept(share: float = 1.0) -> bool:
        return bool(rng.random() < keep * share) or complete

    parts: list[str] = []
    if kept():
        parts.append(one(_seen(TERRAIN[scene.terrain], scene)))
    if kept():
        parts.append(one(TIME[scene.time]))
    if scene.terrain != "desert" and kept(0.8):
        parts.append(one(SEASON[scene.season]))
    if scene.mountains != "none" and kept():
        parts.append(one(MOUNTAINS[scene.mountains]))
    if scene.light != "none" and kept():
        parts.append(one(LIGHT[scene.light]))
    if kept(0.3 if scene.clouds == "clear" else 1.0):
        parts.append(one(CLOUDS[scene.clouds]))
    if scene.tree != "none" and kept():
        parts.append(one(TREE[scene.tree]))
    if scene.boat and kept():
        parts.append(one(BOAT))
    if scene.balloon and kept():
        parts.append(one(BALLOON))
    order = list(range(len(parts)))
    if rng.random() < 0.7:
        rng.shuffle(order)
    subject = ""
    if scene.building != "none" and (rng.random() < 0.94 or complete):
        name = one(BUILDING[scene.building])
        if rng.random() < 0.92 or complete:
            name = f"{one(COLOUR[scene.colour])} {name}"
        subject = ("an " if name[0] in "aeiou" else "a ") + name
    elif not parts or rng.random() < 0.7:
        subject = one(NO_BUILDING)
    phrases = [parts[i] for i in order]
    if rng.random() < 0.2:  # as a list of tags
        tags = [re.sub(r"^(with|and) ", "", p) for p in phrases] + ([subject] if subject else [])
        rng.shuffle(tags)
        return ", ".join(tags)
    text = subject
    for phrase in phrases:
        text += (", " if text and rng.random() < 0.2 else " ") + phrase
    text = text.strip()
    opening = one(OPENINGS) if scene.building != "none" and subject else ""
    return opening + (text.removeprefix("and ") if not subject else text)


def _seen(phrases: tuple[str, ...], scene: Scene) -> tuple[str, ...]:
    """The phrases without those that a season would make untrue."""
    green = scene.season in ("spring", "summer")
    return tuple(p for p in phrases if green or "green" not in p)


def words() -> tuple[str, ...]:
    """Every word a caption can hold, sorted; the tokenizer gives each its own token."""
    tables = (TIME, TERRAIN, SEASON, MOUNTAINS, LIGHT, CLOUDS, TREE, BUILDING, COLOUR)
    phrases = [p for table in tables for group in table.values() for p in group]
    phrases += [*BOAT, *BALLOON, *OPENINGS, *NO_BUILDING, "an"]
    return tuple(sorted({word for p in phrases for word in re.findall(r"[a-z]+", p)}))
