"""The weights of a set of patches against the closed form, in float64."""

import pytest
import torch
from torch import Tensor

from studio.diffusion.patches.posterior import posterior_weights
from studio.diffusion.patches.seen import TAU, _pool, affordable, nearest_seen
from studio.diffusion.patches.stock import Stock


def sample(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def mean(y: Tensor, patches: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
    weights = posterior_weights(torch.cdist(y, patches).square(), sigma)
    return weights @ patches, weights


@pytest.mark.parametrize("sigma", [0.4, 1.3, 3.0])
def test_the_mean_is_weighted_by_how_well_each_patch_explains_the_noisy_one(sigma: float) -> None:
    y, patches = sample(5, 12), sample(7, 12, seed=1)
    x0, weights = mean(y, patches, sigma)
    for n in range(5):
        likelihood = torch.stack(
            [torch.exp(-(y[n] - p).square().sum() / (2 * sigma**2)) for p in patches]
        )
        wanted = likelihood / likelihood.sum()
        assert torch.allclose(weights[n], wanted, rtol=1e-9, atol=1e-12)
        assert torch.allclose(x0[n], (wanted[:, None] * patches).sum(0), rtol=1e-9, atol=1e-12)


def test_one_patch_is_the_answer_whatever_the_noise() -> None:
    patch = sample(1, 12)
    for sigma in (0.0, 0.8, 1e12):
        assert torch.equal(mean(sample(4, 12, seed=2), patch, sigma)[0], patch.expand(4, -1))


@pytest.mark.parametrize("sigma", [0.0, 1e-200, 1e-3])
def test_without_noise_it_is_the_nearest_patch(sigma: float) -> None:
    y, patches = sample(6, 12), sample(9, 12, seed=3)
    nearest = torch.cdist(y, patches).argmin(1)
    assert torch.equal(mean(y, patches, sigma)[0], patches[nearest])


def test_in_endless_noise_it_is_the_mean_patch() -> None:
    y, patches = sample(6, 12), sample(9, 12, seed=4)
    x0, weights = mean(y, patches, 1e12)
    assert torch.allclose(x0, patches.mean(0).expand(6, -1), rtol=1e-12, atol=1e-12)
    assert torch.allclose(weights, torch.full_like(weights, 1 / 9), rtol=1e-12)


def stock() -> Stock:
    """Of few patches, with a hole that some of the places lie in altogether."""
    picture, hole = sample(3, 14, 15).clamp(-1, 1), torch.zeros(14, 15, dtype=torch.bool)
    hole[3:9, 4:10] = True
    return Stock(picture, hole, torch.ones_like(hole), 5)


@pytest.mark.parametrize("noise", [1e-6, 0.01, 0.3, 2.0])
def test_a_patch_known_in_part_is_explained_by_the_known_first(noise: float) -> None:
    small, y = stock(), sample(3, 14, 15, seed=7)
    y = torch.where(small.hole, y, small.picture)
    assert affordable(small)
    names, distance = nearest_seen(y, small, noise, len(small.names))
    for n, place in enumerate(small.wanted.tolist()):
        row, column = divmod(place, small.columns)
        window = slice(row, row + 5), slice(column, column + 5)
        # The variance of every pixel, relative to that of a guessed one.
        ratio = torch.where(small.hole[window], 1, 1 / (1 + noise**2 / TAU**2))
        for which in (0, len(small.names) // 2):
            patch = small.patches(names[n, which : which + 1])[0]
            wanted = ((y[:, *window] - patch).square() / ratio).sum()
            assert distance[n, which].item() == pytest.approx(wanted.item(), rel=1e-6)
    assert (distance.diff(dim=1) >= 0).all()


def test_a_patch_that_is_all_guessed_is_the_mean_of_all_in_endless_noise() -> None:
    small = stock()
    inside = (small.wanted == 3 * small.columns + 4).nonzero().item()
    names, distance = nearest_seen(small.picture, small, 1e9, len(small.names))
    weights = posterior_weights(distance, 1e9)[inside]
    x0 = (weights[:, None, None, None] * small.patches(names[inside])).sum(0)
    assert torch.allclose(x0, small.patches(small.names).mean(0), atol=1e-9)


def test_of_too_many_patches_some_are_drawn_and_always_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = stock()
    assert torch.equal(_pool(small), small.names)
    monkeypatch.setattr("studio.diffusion.patches.seen.WORK", 20 * len(small.wanted) * 75)
    some = _pool(small)
    assert len(some) == 20
    assert torch.equal(some, _pool(small))
    assert torch.isin(some, small.names).all()
    assert not affordable(small)
