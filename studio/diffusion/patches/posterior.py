"""The closed form: how probable each clean patch is, given a noisy one and all there are.

For y = p + sigma·noise with p drawn evenly from the patches, E[p | y] = Σ w_i p_i with
w_i ∝ exp(−‖y − p_i‖² / 2sigma²): for sigma → 0 the nearest patch, for sigma → ∞ the mean of all.
"""

from __future__ import annotations

import torch
from torch import Tensor


def posterior_weights(distance: Tensor, sigma: float) -> Tensor:
    """Weights [N, M] from squared distances [N, M]; at sigma = 0 all on the nearest."""
    if sigma <= 0:
        nearest = distance.argmin(dim=1, keepdim=True)
        return torch.zeros_like(distance).scatter_(1, nearest, 1.0)
    # Relative to the nearest, and by one sigma after the other: their square may be 0, and 0/0.
    beyond = distance - distance.amin(1, keepdim=True)
    return torch.softmax(-(beyond / sigma) / (2 * sigma), dim=1)


def squared_distances(a: Tensor, b: Tensor, weights: Tensor | None = None) -> Tensor:
    """Σ w_i (a_i − b_j)² [N, M] of rows [N, D] and [M, D]; the weights [N, D] are 1 if not given.

    Multiplied out, so that no difference is ever kept: what is far less than both is rounded away.
    """
    w = torch.ones_like(a) if weights is None else weights
    mixed = w * a
    product = (mixed * a).sum(1, keepdim=True) + w @ b.square().T - 2 * (mixed @ b.T)
    return product.clamp_min(0)
