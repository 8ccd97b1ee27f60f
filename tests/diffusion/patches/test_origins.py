"""What a pixel is said to be made of is what it is made of."""

import pytest
import torch

from studio.diffusion.patches.origins import origins, unlaid
from studio.diffusion.patches.pyramid import PatchDenoiser, levels_of
from studio.diffusion.patches.stock import SYMMETRIES
from tests.diffusion.patches.test_pyramid import middle, noise, stripes


@pytest.mark.parametrize(("turns", "mirrored"), SYMMETRIES)
def test_a_pixel_of_a_turned_copy_is_traced_back(turns: int, mirrored: bool) -> None:
    picture = torch.arange(5 * 7).view(5, 7)
    copy = torch.rot90(picture.flip(-1) if mirrored else picture, turns, (-2, -1))
    for row in range(copy.shape[0]):
        for column in range(copy.shape[1]):
            at = unlaid(row, column, 5, 7, turns, mirrored)
            assert picture[at] == copy[row, column]


@pytest.mark.parametrize("place", [(30, 40), (23, 31), (41, 49)])
def test_the_weighted_mean_of_the_origins_is_the_prediction(place: tuple[int, int]) -> None:
    picture, hole = (stripes() + 0.1 * noise(stripes(), 5)).clamp(-1, 1), middle()
    level = levels_of(64, 80, 12)[-2]
    denoiser, x = PatchDenoiser(picture, hole), picture + level.sigma * noise(picture, 1)
    assert denoiser.scale(level.sigma) == 0
    found = origins(denoiser, x, level, *place)
    assert sum(origin.weight for origin in found) == pytest.approx(1, abs=1e-5)
    mean = torch.tensor([[o.weight * c for c in o.colour] for o in found]).sum(0)
    assert torch.allclose(mean, denoiser(x, level)[:, *place], atol=1e-5)
    for origin in found:
        middle_row = round(origin.row + (origin.side - 1) / 2)
        middle_column = round(origin.column + (origin.side - 1) / 2)
        assert picture[:, middle_row, middle_column].tolist() == list(origin.colour)
        assert not hole[middle_row, middle_column]
    weights = [origin.weight for origin in found]
    assert weights == sorted(weights, reverse=True)


def test_at_coarse_scales_too_the_weights_add_up_and_outside_there_are_none() -> None:
    picture, hole = stripes(), middle()
    denoiser, levels = PatchDenoiser(picture, hole), levels_of(64, 80, 12)
    found = origins(denoiser, picture + noise(picture), levels[0], 32, 40)
    assert len(found) > 1
    assert sum(origin.weight for origin in found) == pytest.approx(1, abs=1e-5)
    middles = [(o.row + o.side / 2, o.column + o.side / 2) for o in found]
    assert all(0 <= row <= 64 and 0 <= column <= 80 for row, column in middles)
    assert origins(denoiser, picture, levels[-2], 0, 0) == []
