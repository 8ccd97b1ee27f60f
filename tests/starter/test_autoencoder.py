from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.starter.autoencoder import (
    build_autoencoder,
    principal_components,
    psnr,
    standardize_latents,
    start_from_components,
    to_tensor,
)
from studio.starter.config import AutoencoderConfig
from studio.starter.scene import random_scene
from studio.starter.scenes import draw

CONFIG = AutoencoderConfig(channels=(12, 48, 48, 32), latent_channels=8)


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.stack([np.asarray(draw(random_scene(rng), 32)) for _ in range(40)])


@pytest.fixture
def vae(pictures: np.ndarray):  # type: ignore[no-untyped-def]
    torch.manual_seed(0)
    vae = build_autoencoder(CONFIG, 32)
    start_from_components(vae, pictures)
    return vae


def test_components_are_orthonormal_and_fall_in_variance(pictures: np.ndarray) -> None:
    mean, components = principal_components(pictures, 8)
    assert mean.shape == (192,)
    np.testing.assert_allclose(components @ components.T, np.eye(8), atol=1e-5)
    patches = (pictures.astype(np.float32) / 127.5 - 1).reshape(40, 4, 8, 4, 8, 3)
    patches = patches.transpose(0, 1, 3, 2, 4, 5).reshape(-1, 192)
    spread = ((patches - mean) @ components.T).var(axis=0)
    assert (np.diff(spread) <= 1e-6).all()


@torch.no_grad()
def test_encoding_starts_as_the_projection_on_the_components(vae, pictures: np.ndarray) -> None:  # type: ignore[no-untyped-def]
    mean, components = principal_components(pictures, 8)
    x = to_tensor(pictures[:4])
    z = vae.encode(x).latent_dist.mean
    patches = x.permute(0, 2, 3, 1).reshape(4, 4, 8, 4, 8, 3).permute(0, 1, 3, 2, 4, 5)
    expected = (patches.reshape(4, 4, 4, 192) - torch.from_numpy(mean)) @ torch.from_numpy(
        components.T / 8
    )
    expected = expected.permute(0, 3, 1, 2)
    # The group norm adds a few per cent that depend on the picture.
    assert (z - expected).abs().max() < 0.06 * expected.abs().max()


def test_decoding_starts_near_the_mean_colours(vae, pictures: np.ndarray) -> None:  # type: ignore[no-untyped-def]
    assert psnr(vae, pictures) > 15


@torch.no_grad()
def test_standardized_latents_are_unit_and_decode_to_the_same(vae, pictures: np.ndarray) -> None:  # type: ignore[no-untyped-def]
    x = to_tensor(pictures)
    before = vae.decode(vae.encode(x).latent_dist.mean).sample
    deviation = vae.encode(x).latent_dist.std
    standardize_latents(vae, pictures)
    posterior = vae.encode(x).latent_dist
    assert posterior.mean.mean(dim=(0, 2, 3)).abs().max() < 1e-4
    assert posterior.mean.square().mean().item() == pytest.approx(1, abs=1e-3)
    torch.testing.assert_close(vae.decode(posterior.mean).sample, before, atol=2e-3, rtol=1e-3)
    ratio = posterior.std / deviation
    assert ratio.std() < 1e-4
    assert vae.config.scaling_factor == 1
