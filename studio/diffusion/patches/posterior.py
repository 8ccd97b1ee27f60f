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
