"""The denoiser of a set of patches against the closed form, in float64."""

import pytest
import torch
from torch import Tensor

from studio.diffusion.levels import Level
from studio.diffusion.patches.posterior import posterior_mean, squared_distances


def sample(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize(("alpha", "sigma"), [(1.0, 0.7), (0.6, 0.8), (0.9, 3.0)])
def test_the_mean_is_weighted_by_how_well_each_patch_explains_the_noisy_one(
    alpha: float, sigma: float
) -> None:
    y, patches = sample(5, 12), sample(7, 12, seed=1)
    x0, weights = posterior_mean(y, patches, Level(alpha, sigma, 0.0))
    for n in range(5):
        likelihood = torch.stack(
            [torch.exp(-(y[n] - alpha * p).square().sum() / (2 * sigma**2)) for p in patches]
        )
        wanted = likelihood / likelihood.sum()
        assert torch.allclose(weights[n], wanted, rtol=1e-9, atol=1e-12)
        assert torch.allclose(x0[n], (wanted[:, None] * patches).sum(0), rtol=1e-9, atol=1e-12)


def test_one_patch_is_the_answer_whatever_the_noise() -> None:
    patch = sample(1, 12)
    for level in (Level(1.0, 0.0, 0.0), Level(0.5, 0.8, 0.0), Level(0.0, 1.0, 0.0)):
        x0, _ = posterior_mean(sample(4, 12, seed=2), patch, level)
        assert torch.equal(x0, patch.expand(4, -1))


@pytest.mark.parametrize("sigma", [0.0, 1e-200, 1e-3])
def test_without_noise_it_is_the_nearest_patch(sigma: float) -> None:
    y, patches = sample(6, 12), sample(9, 12, seed=3)
    x0, _ = posterior_mean(y, patches, Level(1.0, sigma, 0.0))
    nearest = torch.cdist(y, patches).argmin(1)
    assert torch.equal(x0, patches[nearest])


def test_in_endless_noise_it_is_the_mean_patch() -> None:
    y, patches = sample(6, 12), sample(9, 12, seed=4)
    mean = patches.mean(0).expand(6, -1)
    x0, weights = posterior_mean(y, patches, Level(1.0, 1e12, 0.0))
    assert torch.allclose(x0, mean, rtol=1e-12, atol=1e-12)
    assert torch.allclose(weights, torch.full_like(weights, 1 / 9), rtol=1e-12)
    # The limit of all noise and no picture is that mean to the last bit of every weight.
    x0, weights = posterior_mean(y, patches, Level(0.0, 1.0, 0.0))
    assert torch.equal(weights, torch.softmax(torch.zeros(6, 9, dtype=torch.float64), 1))
    assert torch.allclose(x0, mean, rtol=1e-15, atol=1e-15)


def test_distances_are_those_of_the_definition() -> None:
    a, b = sample(4, 6), sample(5, 6, seed=5)
    assert torch.allclose(squared_distances(a, b), torch.cdist(a, b).square(), atol=1e-12)
