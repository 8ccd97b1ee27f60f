"""The closed form: what the clean patch is, on average, given a noisy one and all there are."""

from __future__ import annotations

import torch
from torch import Tensor

from studio.diffusion.levels import Level


def posterior_mean(y: Tensor, patches: Tensor, level: Level) -> tuple[Tensor, Tensor]:
    """E[p | y] for y = alpha·p + sigma·noise with p drawn evenly from `patches`.

    `y` [N, D], `patches` [M, D]. Returns x̂0 = Σ w_i p_i [N, D] and the weights
    w_i ∝ exp(−‖y − alpha·p_i‖² / 2sigma²) [N, M], which add up to 1. For sigma → 0 it is the
    nearest patch, for sigma → ∞ (or alpha = 0) the mean of all.
    """
    distance = squared_distances(y, level.alpha * patches)
    weights = posterior_weights(distance, level.sigma)
    return weights @ patches, weights


def posterior_weights(distance: Tensor, sigma: float) -> Tensor:
    """Weights [N, M] from squared distances [N, M]; at sigma = 0 all on the nearest."""
    if sigma <= 0:
        nearest = distance.argmin(dim=1, keepdim=True)
        return torch.zeros_like(distance).scatter_(1, nearest, 1.0)
    # Relative to the nearest, and by one sigma after the other: their square may be 0, and 0/0.
    beyond = distance - distance.amin(1, keepdim=True)
    return torch.softmax(-(beyond / sigma) / (2 * sigma), dim=1)


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """‖a_i − b_j‖² [N, M] of rows [N, D] and [M, D]."""
    product = a.square().sum(1, keepdim=True) + b.square().sum(1) - 2 * (a @ b.T)
    return product.clamp_min(0)
