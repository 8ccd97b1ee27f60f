"""A training run small enough for a test: 32×32 pictures and very small networks."""

from __future__ import annotations

import pytest

from studio.starter.config import (
    AutoencoderConfig,
    Config,
    DecoderConfig,
    DenoiserConfig,
    TextConfig,
)


@pytest.fixture(scope="session")
def tiny() -> Config:
    return Config(
        seed=3,
        size=32,
        scenes=48,
        checkpoint_seconds=1e9,
        bfloat16=False,
        autoencoder=AutoencoderConfig(
            channels=(27, 48, 48, 16), latent_channels=4, crop=16, batch=8, steps=4
        ),
        text=TextConfig(width=16, layers=1, heads=2, batch=16, steps=4),
        decoder=DecoderConfig(pictures=16, batch=8, steps=3),
        denoiser=DenoiserConfig(
            channels=(16, 16, 16), heads=2, norm_groups=4, batch=8, steps=6, warmup=2
        ),
    )
