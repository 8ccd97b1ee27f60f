from __future__ import annotations

import itertools

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.diffusion.noise import START, Noise, key

SHAPE = (3, 4, 5)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4),
    st.integers(-1, 1000),
    st.integers(0, 3),
)
def test_an_image_of_a_batch_has_the_noise_of_its_seed_alone(
    seeds: list[int], step: int, draw: int
) -> None:
    batch = Noise(seeds, SHAPE)(step, draw)
    assert batch.shape == (len(seeds), *SHAPE)
    for image, seed in zip(batch, seeds, strict=True):
        assert torch.equal(image, Noise([seed], SHAPE)(step, draw)[0])


def test_seed_step_and_draw_each_make_other_noise() -> None:
    drawn = [
        Noise([seed], SHAPE)(step, draw)
        for seed, step, draw in itertools.product((0, 1, 7), (-1, 0, 1), (0, 1))
    ]
    for a, b in itertools.combinations(drawn, 2):
        assert not torch.equal(a, b)


def test_it_does_not_depend_on_the_order_of_draws_or_on_the_global_generator() -> None:
    noise = Noise([5], SHAPE)
    first = noise(3)
    torch.manual_seed(1)
    noise(4)
    assert torch.equal(noise(3), first)


def test_it_is_standard_normal() -> None:
    values = Noise([1, 2, 3, 4], (4, 64, 64)).start()
    assert abs(float(values.mean())) < 0.01
    assert abs(float(values.std()) - 1) < 0.01


def test_the_start_is_a_step_of_its_own_and_dtypes_are_rounded_from_float32() -> None:
    noise = Noise([9], SHAPE, dtype=torch.float64)
    assert torch.equal(noise.start(), noise(START))
    assert noise.start().dtype == torch.float64
    assert torch.equal(noise.start(), Noise([9], SHAPE).start().double())


def test_keys_never_change() -> None:
    # A stored recipe must give the same noise in every later version.
    assert key(7, -1, 0) == 7065072932256955519
    assert 0 <= key(2**32 - 1, 999, 3) < 2**63
