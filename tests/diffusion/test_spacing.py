from __future__ import annotations

import itertools

import pytest

from studio.diffusion.spacing import Grid, consistency, space


@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
@pytest.mark.parametrize("grid", Grid)
def test_every_number_of_steps_stays_within_what_was_trained(spacing: str, grid: Grid) -> None:
    for steps, offset in itertools.product((*range(1, 130), 499, 500, 998, 999, 1000), (0, 1)):
        times = space(spacing, grid, steps, 1000, offset, 1000)
        assert len(times) == steps
        assert times[0] <= 999
        assert times[-1] >= 0
        assert (times[1:] <= times[:-1]).all()


def test_the_three_spacings_of_table_2() -> None:
    def whole(spacing: str) -> list[float]:
        return list(space(spacing, Grid.WHOLE, 5, 1000, 1, 1000))

    assert whole("leading") == [801, 601, 401, 201, 1]
    assert whole("trailing") == [999, 799, 599, 399, 199]
    assert whole("linspace") == [999, 749, 500, 250, 0]


def test_trailing_where_rounding_gives_diffusers_a_step_too_many() -> None:
    assert len(space("trailing", Grid.WHOLE, 61, 1000, 0, 1000)) == 61


def test_consistency_models_start_at_the_noisiest_level() -> None:
    assert list(consistency(4, 1000, 50)) == [999, 759, 499, 259]
