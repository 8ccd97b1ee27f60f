"""Keeping what is outside the mask while the inside is denoised."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from studio.diffusion.levels import Level
from studio.diffusion.state import Predict, Prediction


def hold(predict: Predict, source: Tensor, mask: Tensor) -> Predict:
    """A denoiser whose x0 is `source` outside the mask, and that of `predict` inside.

    `source`: clean latents [1 or batch, C, H, W]. `mask` [1, 1, H, W] in 0…1: 0 is held for
    good, 1 is free from the beginning. Between them a pixel is held until the noise has fallen
    to its value and is free from then on (differential diffusion, Levin & Fried 2023): the less
    noise is left, the less a pixel can still change. Noise is measured by `noisiness`.

    Held in x0, not in x, because x is then still made by the sampler alone: every sampler works
    unchanged, with second looks and memory of earlier steps too. A deterministic sampler that
    starts at x = alpha·source + sigma·noise keeps the outside at that for the same noise at
    every level, so it arrives at the source itself; a stochastic one changes the noise under
    way and arrives at the source as well. And the recorded x0 shows what is really held.
    """

    def held(x: Tensor, level: Level) -> Prediction:
        free = (mask > 0) & (mask >= noisiness(level))
        said = predict(x, level)
        return replace(said, x0=torch.where(free, said.x0, source))

    return held


def noisiness(level: Level) -> float:
    """How far from clean: 0 is a clean sample, 0.5 as much noise as signal, 1 pure noise.

    The angle of (alpha, sigma), which is the same measure for every family, unlike sigma itself,
    and spreads evenly over the steps, unlike sigma² of variance-preserving models.
    """
    return min(1.0, math.atan2(level.sigma, level.alpha) * 2 / math.pi)
