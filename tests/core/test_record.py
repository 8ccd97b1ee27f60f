from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.core.recipe import MAX_SEED, Recipe
from studio.core.record import Origin, Record


@given(
    seed=st.integers(0, MAX_SEED),
    batch=st.integers(1, 64),
    image=st.integers(0, 63),
    generations=st.integers(0, 3),
)
def test_the_record_of_a_batch_can_be_told_from_any_of_its_pictures(
    seed: int, batch: int, image: int, generations: int
) -> None:
    whole = Record(Recipe(seed=seed, batch=batch), run="0")
    for generation in range(generations):
        origin = Origin(str(generation), 2, whole)
        whole = Record(Recipe(seed=seed, batch=batch), str(generation + 1), origin=origin)
    one = whole.alone(image % batch)
    assert one.recipe.batch == 1
    assert one.together(batch) == whole
