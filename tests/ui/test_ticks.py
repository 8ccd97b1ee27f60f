from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from studio.ui.ticks import Scale, nice, tick_text

values = st.lists(st.floats(-1e6, 1e6).filter(lambda v: v == 0 or abs(v) > 1e-6), min_size=1)


@given(values, st.booleans(), st.integers(2, 9))
def test_all_values_are_on_the_scale(given_: list[float], zero: bool, most: int) -> None:
    scale = Scale.of(given_, zero, most=most)
    assert 2 <= len(scale.ticks) <= most + 2
    assert all(-1e-6 <= scale.part(value) <= 1 + 1e-6 for value in given_)
    assert not zero or (scale.low <= 0 and (min(given_) < 0 or scale.low == 0))
    steps = {round(b - a, 9) for a, b in zip(scale.ticks, scale.ticks[1:], strict=False)}
    assert len(steps) == 1


@given(st.lists(st.floats(1e-6, 1e6), min_size=1))
def test_a_logarithmic_scale_has_round_ends_and_ticks(given_: list[float]) -> None:
    scale = Scale.of(given_, zero=False, log=True)
    assert all(-1e-6 <= scale.part(value) <= 1 + 1e-6 for value in given_)
    assert 2 <= len(scale.ticks) <= 6
    for value in (scale.low, scale.high, *scale.ticks):
        first = value / 10.0 ** math.floor(math.log10(value) + 1e-9)
        assert min(abs(first - part) for part in (1, 2, 5)) < 1e-6
        assert -1e-6 <= scale.part(value) <= 1 + 1e-6
    assert scale.part(0.0) == 0.0


def test_nothing_to_show_has_no_ticks() -> None:
    assert Scale.of((), True).ticks == ()
    assert Scale.of((math.nan, math.inf), True).ticks == ()


def test_steps_are_round() -> None:
    assert [nice(step) for step in (0.3, 1.0, 1.1, 3.0, 7.0, 23.0)] == [0.5, 1, 2, 5, 10, 50]


def test_ticks_are_written_with_the_decimals_they_need() -> None:
    assert [tick_text(t, s) for s in (Scale.of((0.0, 0.9), True),) for t in s.ticks] == [
        "0",
        "0.5",
        "1.0",
    ]
    scale = Scale.of((-9.3, 3.4), False)
    assert [tick_text(tick, scale) for tick in scale.ticks] == ["−10", "−5", "0", "5"]
    wide = Scale.of((0.06, 15.0), False, log=True)
    assert [tick_text(tick, wide) for tick in wide.ticks] == ["0.1", "1", "10"]
    narrow = Scale.of((0.3, 0.7), False, log=True)
    assert [tick_text(tick, narrow) for tick in narrow.ticks] == ["0.2", "0.5", "1"]
