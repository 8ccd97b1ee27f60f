"""An autoencoder that was made for small pictures, grown to large ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from studio.starter.autoencoder import build_autoencoder, start_from_components, to_tensor
from studio.starter.cache import Cache
from studio.starter.config import AutoencoderConfig, Config, GrowthConfig
from studio.starter.growing import EncoderLesson, grow
from studio.starter.scene import random_scene
from studio.starter.scenes import draw

CONFIG = AutoencoderConfig(channels=(32, 48, 48, 32), latent_channels=8)


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.stack([np.asarray(draw(random_scene(rng), 64)) for _ in range(16)])


@pytest.fixture(scope="module")
def small(pictures: np.ndarray) -> Any:
    torch.manual_seed(0)
    vae = build_autoencoder(CONFIG, 32)
    start_from_components(vae, pictures[:, ::2, ::2])
    return vae


@torch.no_grad()
def test_the_latents_of_a_picture_are_those_of_it_halved(small: Any, pictures: np.ndarray) -> None:
    x = to_tensor(pictures)
    wanted = small.encode(F.avg_pool2d(x, 2)).latent_dist.mean
    found = grow(small).encode(x).latent_dist.mean
    assert found.shape == wanted.shape
    assert (found - wanted).square().mean() < 0.01 * wanted.square().mean()


@torch.no_grad()
def test_halving_is_exact_where_pixels_come_in_fours(small: Any) -> None:
    """Where a missing row's neighbour is its double, nothing is missing."""
    x = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1
    wanted = small.encode(x).latent_dist.mean
    doubled = F.interpolate(x, scale_factor=2, mode="nearest")
    torch.testing.assert_close(grow(small).encode(doubled).latent_dist.mean, wanted)


@torch.no_grad()
def test_drawing_starts_as_the_small_picture_doubled(small: Any, pictures: np.ndarray) -> None:
    z = small.encode(to_tensor(pictures[:, ::2, ::2])).latent_dist.mean
    before = small.decode(z).sample
    after = grow(small).decode(z).sample
    assert after.shape[-1] == 2 * before.shape[-1]
    assert (F.avg_pool2d(after, 2) - before).abs().mean() < 0.03


def test_what_is_grown_depends_on_its_seed_alone(small: Any) -> None:
    torch.manual_seed(5)
    one = grow(small, 1).state_dict()
    torch.manual_seed(6)
    again, other = grow(small, 1).state_dict(), grow(small, 2).state_dict()
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_too_few_channels_cannot_grow() -> None:
    narrow = build_autoencoder(replace(CONFIG, channels=(12, 48, 48, 32)), 32)
    with pytest.raises(ValueError, match="27"):
        grow(narrow)


def test_the_encoder_learns_what_it_says_wrongly(small: Any, pictures: np.ndarray) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    config = replace(
        Config(bfloat16=False, autoencoder=replace(CONFIG, crop=16)),
        growth=GrowthConfig(batch=4, learning_rate=1e-3, steps=40),
    )
    large: Any = grow(small)
    with torch.no_grad():
        large.encoder.conv_in.weight += 0.1 * torch.randn_like(large.encoder.conv_in.weight)
    lesson = EncoderLesson(config, large, small, Cache([], pictures, pictures))
    losses = [lesson.step(i, i / 40) for i in range(40)]
    assert np.mean(losses[-8:]) < 0.5 * np.mean(losses[:8])
