"""Whether numbers are numbers."""

from __future__ import annotations

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor


def sound(tensor: Tensor) -> bool:
    """Whether all of it is finite: no infinity, and nothing that is not a number."""
    if isinstance(tensor, FakeTensor):
        return True  # It has a shape and no numbers.
    # A sum is not finite if anything in it is not, and is a single pass without a copy.
    total = tensor.sum(dtype=torch.float32)
    return bool(total.isfinite()) or bool(tensor.isfinite().all())
