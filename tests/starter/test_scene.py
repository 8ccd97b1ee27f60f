from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.starter.scene import ATTRIBUTES, Scene, is_held_out, labels, random_scene

seeds = st.integers(0, 2**32)


@given(seeds)
def test_a_seed_gives_one_scene(seed: int) -> None:
    first, second = (random_scene(np.random.default_rng(seed)) for _ in range(2))
    assert first == second


@given(seeds, st.booleans())
def test_held_out_combinations_stay_apart(seed: int, held_out: bool) -> None:
    assert is_held_out(random_scene(np.random.default_rng(seed), held_out=held_out)) == held_out


@given(seeds)
def test_scenes_are_plausible(seed: int) -> None:
    scene = random_scene(np.random.default_rng(seed))
    assert not (scene.boat and scene.terrain not in ("sea", "lake"))
    assert not (scene.light == "sun" and scene.time == "night")
    assert not (scene.light == "moon" and scene.time == "noon")
    assert not (scene.tree == "palm" and scene.season == "winter")
    assert not (scene.terrain == "forest" and scene.tree in ("none", "palm"))


def test_every_value_of_every_attribute_occurs() -> None:
    rng = np.random.default_rng(0)
    answers = np.array([labels(random_scene(rng)) for _ in range(1500)])
    for column, values in zip(answers.T, ATTRIBUTES.values(), strict=True):
        assert set(column.tolist()) - {-1} == set(range(len(values)))


def test_labels_name_the_values() -> None:
    scene = Scene("night", "lake", "winter", "snowy", "moon", "few", "pine", "house", "blue", True)
    named = [values[k] for values, k in zip(ATTRIBUTES.values(), labels(scene), strict=True)]
    assert named == [
        "night", "lake", "winter", "snowy", "moon", "few", "pine", "house", "blue", "yes", "no",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("scene", "attribute"),
    [(Scene("noon", "sea"), "colour"), (Scene("noon", "desert", building="tent"), "season")],
)
def test_what_cannot_be_seen_has_no_label(scene: Scene, attribute: str) -> None:
    unseen = {name for name, k in zip(ATTRIBUTES, labels(scene), strict=True) if k < 0}
    assert unseen == {attribute}
