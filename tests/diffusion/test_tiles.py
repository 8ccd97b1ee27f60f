from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studio.diffusion.levels import Level
from studio.diffusion.state import Prediction
from studio.diffusion.tiles import grid, tiled, windows

LEVEL = Level(0.6, 0.8, 500.0)


@given(st.integers(1, 200), st.integers(1, 40), st.sampled_from([1, 2, 8]))
def test_windows_cover_everything_once(length: int, side: int, scale: int) -> None:
    total = torch.zeros(length * scale)
    found = windows(length, side, scale)
    for window in found:
        assert 0 <= window.start < window.stop <= length
        assert window.stop - window.start == min(side, length)
        assert window.weight.numel() == (window.stop - window.start) * scale
        assert (window.weight >= 0).all()
        total[window.span(scale)] += window.weight
    assert torch.allclose(total, torch.ones_like(total), atol=1e-5)
    for one, other in pairwise(found):
        assert one.stop - other.start >= side // 4


@pytest.mark.parametrize("shape", [(1, 4, 16, 16), (2, 4, 16, 50), (1, 3, 61, 35)])
def test_what_looks_at_single_cells_is_the_same_in_tiles(shape: tuple[int, ...]) -> None:
    def pointwise(x: torch.Tensor, level: Level) -> Prediction:
        assert max(x.shape[-2:]) <= 16
        return Prediction(x * level.alpha + 1, (x * 2, x * 3))

    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    said = tiled(pointwise, (16, 16))(x, LEVEL)
    assert torch.allclose(said.x0, x * 0.6 + 1, atol=1e-5)
    assert torch.allclose(said.parts[1], x * 3, atol=1e-5)


def test_parts_that_disagree_are_faded_together() -> None:
    count = iter(range(9))

    def own_colour(x: torch.Tensor, level: Level) -> Prediction:
        return Prediction(torch.full_like(x, float(next(count))))

    x0 = tiled(own_colour, (8, 8))(torch.zeros(1, 1, 8, 20), LEVEL).x0[0, 0, 0]
    steps = (x0[1:] - x0[:-1]).abs()
    assert (x0.min(), x0.max()) == (0.0, 2.0)
    assert steps.max() <= 0.51


def test_a_grid_goes_row_by_row() -> None:
    places = [(row.start, column.start) for row, column in grid(20, 14, (8, 8))]
    assert places == sorted(places)
    assert places[0] == (0, 0)
    assert places[-1] == (12, 6)
