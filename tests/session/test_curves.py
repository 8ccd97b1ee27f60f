from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.events import Stepped
from studio.session.curves import QUANTITIES, aligned, curve, kind_of, quantity, short, words


def run(levels: list[tuple[float, float]], seconds: float = 0.5) -> dict[int, Stepped]:
    steps = len(levels)
    return {
        index: Stepped("a", index, steps, (), alpha, sigma, 0.0, seconds)
        for index, (alpha, sigma) in enumerate(levels)
    }


def vp(steps: int, first: float = 0.02, last: float = 0.99) -> dict[int, Stepped]:
    """Levels with alpha² + sigma² = 1, ᾱ going evenly from `first` to `last`."""
    parts = [first + (last - first) * index / (steps - 1) for index in range(steps)]
    return run([(math.sqrt(part), math.sqrt(1 - part)) for part in parts])


def points(name: str, levels: dict[int, Stepped]) -> tuple[tuple[float, float], ...]:
    found = quantity(name)
    assert found is not None
    return curve(found, levels, 0).points


def test_the_share_of_the_signal_is_alpha_bar_where_variance_is_preserved() -> None:
    levels = vp(5)
    for (place, share), (_, sigma) in zip(
        points("alpha_bar", levels), points("sigma", levels), strict=True
    ):
        assert share == pytest.approx(levels[round(place)].alpha ** 2)
        assert sigma == pytest.approx(math.sqrt(1 - share))
    assert points("alpha_bar", run([(1.0, 3.0)]))[0][1] == pytest.approx(0.1)


@given(st.floats(0.01, 100), st.floats(0.01, 100))
def test_the_log_snr_is_that_of_signal_and_noise_in_any_scaling(alpha: float, sigma: float) -> None:
    ((_, snr),) = points("log_snr", run([(alpha, sigma)]))
    assert math.exp(snr) == pytest.approx(alpha**2 / sigma**2)


def test_a_step_without_a_number_has_no_point() -> None:
    levels = run([(0.0, 1.0), (0.6, 0.8), (1.0, 0.0)])
    assert [place for place, _ in points("log_snr", levels)] == [1.0]
    assert points("guidance", levels) == ()
    moved = {i: replace(step, change=(0.1 * i, 0.2 * i)) for i, step in levels.items()}
    change = quantity("change")
    assert change is not None
    assert curve(change, moved, 1).points == ((1.0, 0.2), (2.0, 0.4))
    told_again = {0: replace(levels[0], seconds=0.0), 1: levels[1]}
    assert points("milliseconds", told_again) == ((1.0, 500.0),)


def test_how_signal_and_noise_are_mixed_is_seen_and_said() -> None:
    kinds = {
        "vp": vp(4),
        "ve": run([(1.0, 14.6), (1.0, 2.0), (1.0, 0.1)]),
        "flow": run([(0.0, 1.0), (0.4, 0.6), (0.9, 0.1)]),
        "other": run([(2.0, 1.0), (3.0, 0.2)]),
    }
    sigma, share = quantity("sigma"), quantity("alpha_bar")
    assert sigma is not None
    assert share is not None
    for kind, levels in kinds.items():
        assert kind_of(levels) == kind
        assert curve(sigma, levels, 0).log == (kind == "ve")
    assert len({curve(share, levels, 0).help for levels in kinds.values()}) == 4
    assert kind_of({}) == "other"


def test_a_value_is_read_where_there_is_one() -> None:
    sigma = quantity("sigma")
    assert sigma is not None
    found = curve(sigma, {3: run([(0.6, 0.8)])[0]}, 0)
    assert (found.at(3), found.at(2), found.at(4)) == (0.8, None, None)


def test_another_run_is_drawn_where_this_one_has_as_much_noise() -> None:
    mine, other = vp(50), vp(20)
    sigma = quantity("sigma")
    assert sigma is not None
    moved = aligned(curve(sigma, other, 0), other, mine)
    assert len(moved) == 20
    assert moved[0][0] == 0.0
    assert moved[-1][0] == 49.0
    for place, value in moved:
        low, high = mine[math.floor(place)], mine[math.ceil(place)]
        assert high.sigma - 1e-9 <= value <= low.sigma + 1e-9


def test_what_another_run_did_beyond_these_levels_is_left_out() -> None:
    mine, longer = vp(20, 0.1, 0.5), vp(20, 0.01, 0.99)
    sigma = quantity("sigma")
    assert sigma is not None
    moved = aligned(curve(sigma, longer, 0), longer, mine)
    assert 0 < len(moved) < 20
    assert all(0 <= place <= 19 for place, _ in moved)
    assert aligned(curve(sigma, longer, 0), longer, {}) == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.83456, "0.835"),
        (-9.5, "−9.50"),
        (312.4, "312"),
        (12345.0, "12345"),
        (0.00012, "1.20e−4"),
        (2.5e7, "2.50e7"),
    ],
)
def test_numbers_are_short_and_read_well(value: float, text: str) -> None:
    assert short(value) == text


def test_a_value_is_told_with_what_it_is_of() -> None:
    told = [words(curve(what, vp(3), 0), 0.5) for what in QUANTITIES]
    assert told[0] == "σ 0.500"
    assert told[-1] == "0.500 ms"
