from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.starter import captions
from studio.starter.captions import caption, words
from studio.starter.scene import Scene, random_scene

seeds = st.integers(0, 2**32)

# Words that only ever speak of one thing, written down apart from the phrase tables.
TELLTALE: dict[str, dict[str, tuple[str, ...]]] = {
    "time": {
        "dawn": ("dawn", "sunrise", "morning"),
        "noon": ("noon", "midday", "daylight", "day"),
        "sunset": ("sunset", "dusk", "evening"),
        "night": ("night", "midnight", "stars", "starry", "dark"),
    },
    "terrain": {
        "sea": ("sea", "ocean", "coast", "cliff"),
        "lake": ("lake",),
        "meadow": ("meadow", "fields"),
        "hills": ("hills", "hill"),
        "forest": ("forest", "woods"),
        "desert": ("desert", "dunes"),
    },
    "season": {
        "spring": ("spring", "springtime", "flowers"),
        "summer": ("summer", "summertime"),
        "autumn": ("autumn", "fall"),
        "winter": ("winter", "wintertime", "snow"),
    },
    "light": {"sun": ("sun",), "moon": ("moon", "moonlight")},
    "tree": {
        "pine": ("pine", "pines", "fir", "conifers"),
        "round": ("leafy", "round", "broad"),
        "palm": ("palm", "palms"),
    },
    "building": {
        "house": ("house", "cottage", "home"),
        "lighthouse": ("lighthouse",),
        "windmill": ("windmill", "mill"),
        "castle": ("castle", "fortress"),
        "tent": ("tent",),
    },
    "colour": {
        "red": ("red",), "orange": ("orange",), "yellow": ("yellow",), "green": ("green",),
        "blue": ("blue",), "purple": ("purple", "violet"), "white": ("white",),
    },
}  # fmt: skip


OTHERWISE = {
    "snow capped": "", "white peaks": "", "red sky": "", "orange trees": "",
    "light house": "lighthouse", "winter day": "winter", "the day": "daylight",
    "bright day": "daylight", "green hills": "hills", "green summer": "summer",
    "red autumn": "autumn",
}  # fmt: skip


def _plain(text: str) -> str:
    """Without the phrases in which a telltale word says something else."""
    for phrase, plain in OTHERWISE.items():
        text = text.replace(phrase, plain)
    return text


@given(seeds)
def test_a_caption_never_lies(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scene = random_scene(rng, held_out=seed % 5 == 0)
    said = set(_plain(caption(scene, rng)).replace(",", "").split())
    for attribute, values in TELLTALE.items():
        for value, telltales in values.items():
            if getattr(scene, attribute) != value:
                assert not said & set(telltales), (attribute, scene, said)
    if scene.building == "none":
        assert not said & {w for group in TELLTALE["building"].values() for w in group}
    assert scene.boat or not said & {"boat", "sailboat", "ship"}
    assert scene.balloon or "balloon" not in said
    assert (scene.mountains != "none") or not said & {"mountains", "peaks"}
    assert scene.mountains == "snowy" or "snowy" not in said
    assert scene.clouds != "clear" or not said & {"clouds", "cloudy"}
    assert scene.clouds == "clear" or not said & {"clear", "cloudless"}


@given(seeds)
def test_a_caption_has_only_known_words_and_is_never_empty(seed: int) -> None:
    rng = np.random.default_rng(seed)
    text = caption(random_scene(rng), rng)
    assert text
    assert text == text.strip()
    assert set(text.replace(",", "").split()) <= set(words())


def test_captions_vary() -> None:
    rng = np.random.default_rng(0)
    scene = random_scene(rng)
    assert len({caption(scene, rng) for _ in range(50)}) > 25


def test_every_attribute_is_said_sooner_or_later() -> None:
    scene = Scene(
        "night", "lake", "winter", "snowy", "moon", "few", "pine", "house", "blue", True, True
    )
    rng = np.random.default_rng(0)
    said = {w for _ in range(300) for w in caption(scene, rng).replace(",", "").split()}
    assert {"night", "lake", "winter", "snowy", "moon", "clouds", "pine", "house", "blue", "boat",
            "balloon"} <= said  # fmt: skip


@pytest.mark.parametrize("season", ["autumn", "winter"])
def test_hills_are_green_only_when_they_are(season: str) -> None:
    scene = Scene("noon", "hills", season)  # type: ignore[arg-type]
    rng = np.random.default_rng(0)
    texts = [caption(scene, rng) for _ in range(300)]
    assert not any("green" in t for t in texts)
    summer = replace(scene, season="summer")
    assert any("green hills" in caption(summer, rng) for _ in range(300))


def test_the_phrases_name_every_attribute() -> None:
    tables = {
        "time": captions.TIME, "terrain": captions.TERRAIN, "season": captions.SEASON,
        "mountains": captions.MOUNTAINS, "light": captions.LIGHT, "clouds": captions.CLOUDS,
        "tree": captions.TREE, "building": captions.BUILDING, "colour": captions.COLOUR,
    }  # fmt: skip
    from studio.starter.scene import ATTRIBUTES

    for name, table in tables.items():
        assert set(table) == set(ATTRIBUTES[name]) - {"none"}
