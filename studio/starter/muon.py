"""Muon: momentum whose updates have all singular values near one.

Gradients of matrices are nearly of low rank, and AdamW follows their few strong directions; Muon
makes all directions of the momentum equally strong (Jordan et al. 2024, "Muon: an optimizer for
hidden layers"). PyTorch's own takes no convolutions, whose kernels are matrices (out, in·h·w).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

_A, _B, _C = 3.4445, -4.7750, 2.0315  # Jordan's quintic: singular values from (0, 1] to near 1
_ROUNDS = 5


@torch.no_grad()
def orthogonalized(matrix: Tensor) -> Tensor:
    """A matrix (n, m) with the same singular vectors and singular values of about 0.7 … 1.2.

    Newton and Schulz's iteration with Jordan's coefficients, in bfloat16; returned in float32.
    Each round multiplies small values by 3.44, so those under some 0.3 % of the matrix's norm end
    lower, and zero stays zero.
    """
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).bfloat16()
    x = x / (x.norm() + 1e-7)
    for _ in range(_ROUNDS):
        gram = x @ x.T
        x = _A * x + (_B * gram + _C * gram @ gram) @ x
    near: Tensor = (x.T if tall else x).float()
    return near


class Muon(torch.optim.Optimizer):
    """For weights of two and more dimensions, seen as matrices (first, all others).

    An update's root mean square is 0.2 of the learning rate whatever the shape (Liu et al. 2025,
    "Muon is scalable for LLM training"), about AdamW's, so that both can share one rate. Momentum
    is Nesterov's; weights decay as in AdamW.
    """

    def __init__(
        self, parameters: Iterable[Any], lr: float, momentum: float = 0.95, decay: float = 1e-3
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One update from the gradients; there is no closure to evaluate again."""
        for group in self.param_groups:
            rate, momentum = group["lr"], group["momentum"]
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["mean"] = torch.zeros_like(weight)
                mean = state["mean"]
                mean.lerp_(weight.grad, 1 - momentum)
                ahead = weight.grad.lerp(mean, momentum).flatten(1)
                update = orthogonalized(ahead).reshape(weight.shape)
                weight.mul_(1 - rate * group["decay"])
                weight.add_(update, alpha=-rate * 0.2 * max(ahead.shape) ** 0.5)
