"""A picture's own patches as its denoiser: what it draws on, and that nothing else matters."""

from itertools import pairwise

import pytest
import torch
from torch import Tensor

from studio.core.errors import BadInput
from studio.diffusion.levels import Level
from studio.diffusion.patches.origins import origins
from studio.diffusion.patches.pyramid import PatchDenoiser, levels_of
from studio.diffusion.patches.search import nearest, refined
from studio.diffusion.patches.stock import Stock, depth


def stripes(height: int = 64, width: int = 80) -> Tensor:
    across = torch.arange(width).remainder(8).lt(4).float() * 1.6 - 0.8
    return across.expand(3, height, width) * torch.tensor([1.0, 0.5, -0.5])[:, None, None]


def middle(height: int = 64, width: int = 80, side: int = 20) -> Tensor:
    hole = torch.zeros(height, width, dtype=torch.bool)
    top, left = (height - side) // 2, (width - side) // 2
    hole[top : top + side, left : left + side] = True
    return hole


def noise(picture: Tensor, seed: int = 0) -> Tensor:
    return torch.randn(picture.shape, generator=torch.Generator().manual_seed(seed))


def walked(denoiser: PatchDenoiser, x: Tensor, levels: tuple[Level, ...]) -> Tensor:
    for here, there in pairwise(levels):
        x0 = denoiser(x, here)
        x = x0 + there.sigma / here.sigma * (x - x0)
    return x


def test_stripes_go_on_through_the_hole() -> None:
    picture, hole = stripes(), middle()
    levels = levels_of(64, 80, 12)
    begin = torch.where(hole, torch.zeros(()), picture) + levels[0].sigma * noise(picture)
    filled = walked(PatchDenoiser(picture, hole), begin, levels)
    assert torch.equal(filled[:, ~hole], picture[:, ~hole])
    assert (filled - picture).abs().mean() < 0.02


@pytest.mark.parametrize("slope", [0.0, 0.5, -1.3])
def test_an_edge_goes_straight_on_whatever_the_fill_starts_from(slope: float) -> None:
    row, column = torch.meshgrid(torch.arange(96.0), torch.arange(96.0), indexing="ij")
    away = (row - 46) + slope * (column - 50)
    edge = (0.5 + away).clamp(0, 1) * torch.tensor([1.2, -0.9, 0.4])[:, None, None] - 0.2
    hole, levels = middle(96, 96, 30), levels_of(96, 96, 16)
    begin = torch.where(hole, torch.full((), 0.9), edge) + levels[0].sigma * noise(edge)
    filled = walked(PatchDenoiser(edge, hole), begin, levels)
    assert (filled - edge)[:, hole].abs().mean() < 0.04  # the sides differ by 0.8


def test_a_hole_at_the_picture_s_border_is_filled_to_the_border() -> None:
    picture, hole = stripes(), torch.zeros(64, 80, dtype=torch.bool)
    hole[44:, 30:46] = True
    levels = levels_of(64, 80, 8)
    masked = torch.where(hole, torch.zeros(()), picture)
    denoiser = PatchDenoiser(masked, hole)
    filled = walked(denoiser, masked + levels[0].sigma * noise(picture), levels)
    assert (filled - picture)[:, -1, 30:46].abs().mean() < 0.1
    found = origins(denoiser, filled, levels[-2], 63, 38)
    assert sum(origin.weight for origin in found) == pytest.approx(1, abs=1e-5)


def test_what_is_under_the_hole_changes_nothing() -> None:
    picture, hole = stripes(), middle()
    other = torch.where(hole, torch.full((), 0.3), picture)
    x, level = picture + 0.1 * noise(picture), levels_of(64, 80, 8)[-2]
    assert torch.equal(PatchDenoiser(picture, hole)(x, level), PatchDenoiser(other, hole)(x, level))


@pytest.mark.parametrize("step", [0, 4, 7])
def test_the_same_question_has_the_same_answer_whatever_was_asked_before(step: int) -> None:
    picture, hole = stripes() + 0.1 * noise(stripes(), 5), middle()
    levels = levels_of(64, 80, 8)
    x = picture + levels[step].sigma * noise(picture, 1)
    asked = PatchDenoiser(picture, hole)
    for level in levels[:-1]:
        asked(noise(picture, 2), level)
    assert torch.equal(asked(x, levels[step]), PatchDenoiser(picture, hole)(x, levels[step]))


def test_material_comes_only_from_where_it_may() -> None:
    picture, hole = stripes(), middle()
    picture[:, :, :26] = 0.9
    usable = torch.ones_like(hole)
    usable[:, :26] = False
    level = levels_of(64, 80, 8)[-2]
    x0 = PatchDenoiser(picture, hole, usable)(picture, level)
    found = x0[:, hole].T
    far = (found[:, None] - picture[:, 0, 26:34].T).abs().amax(2).amin(1)
    assert far.max() < 0.9
    assert not (found - 0.9).abs().amax(1).lt(0.05).any()


@pytest.mark.parametrize(
    ("height", "width", "side"), [(10, 10, 4), (64, 64, 62), (40, 40, 39), (3, 200, 2)]
)
def test_too_little_material_is_said(height: int, width: int, side: int) -> None:
    with pytest.raises(BadInput, match="too little"):
        PatchDenoiser(stripes(height, width), middle(height, width, side))


def test_levels_fall_to_the_end_and_there_are_as_many_as_wanted() -> None:
    for steps in (1, 2, 5, 32, 100):
        levels = levels_of(300, 420, steps)
        sigmas = [level.sigma for level in levels]
        assert len(levels) == steps + 1
        assert sigmas == sorted(set(sigmas), reverse=True)
        assert levels[-1] == Level(1.0, 0.0, 0.0)


def test_the_nearest_by_projection_are_the_nearest_by_pixels() -> None:
    picture = noise(torch.zeros(3, 30, 34), 3).clamp(-1, 1)
    stock = Stock(picture, middle(30, 34, 6), torch.ones(30, 34, dtype=torch.bool), 5)
    # Of patches of the stock itself the nearest is the patch itself, at no distance.
    names = stock.names[::97]
    found, distance = nearest(stock.features[names].float(), stock, 1)
    assert torch.equal(found[:, 0], names)
    assert distance.max() < 1e-2
    assert not torch.isinf(stock.features[stock.names]).any()


def test_a_good_answer_of_the_coarser_scale_is_found_again_on_the_finer() -> None:
    picture, hole = stripes(96, 96), middle(96, 96, 24)
    everywhere = torch.ones_like(hole)
    fine = Stock(picture, hole, everywhere, 9)
    small = torch.nn.functional.interpolate(picture[None], (68, 68), mode="area")[0]
    shrunk = torch.nn.functional.interpolate(hole[None, None].float(), (68, 68), mode="area")
    coarse = Stock(small, shrunk[0, 0] > 0, torch.ones(68, 68, dtype=torch.bool), 9)
    answers, _ = nearest(coarse.of(small), coarse, 1)
    query = fine.of(picture)
    _, found = refined(query, fine, coarse, answers[:, 0])
    _, best = nearest(query, fine, 1)
    assert (found - best[:, 0]).mean() < 0.05 * query.square().sum(1).mean()


def test_depth_counts_the_way_out() -> None:
    hole = torch.zeros(9, 9, dtype=torch.bool)
    hole[2:7, 2:7] = True
    assert depth(hole)[4].tolist() == [0, 0, 1, 2, 3, 2, 1, 0, 0]
