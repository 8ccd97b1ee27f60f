"""Classifier-free guidance (Ho & Salimans 2022)."""

from __future__ import annotations

import torch
from torch import Tensor


def guide(conditional: Tensor, unconditional: Tensor, scale: float, rescale: float = 0.0) -> Tensor:
    """u + s·(c − u) in x0 space: away from the prediction without the prompt, past the one with.

    `scale` s: 1 is the prompt alone, 0 none. The paper writes the same thing as (1+w)·c − w·u,
    with s = 1 + w. At one x and level every kind of prediction is an affine function of x0, so
    this gives the same picture in whichever of them it is done.

    `rescale` φ in 0…1 (Lin et al. 2024, section 3.4): large scales blow up the contrast, so the
    result is given back the prompt's own deviation, image by image, and mixed in by φ. That step
    is not affine. Here it is done on x0, whose contrast it is about; diffusers does it on
    whatever the network outputs, and agrees when `guide` is called with those outputs.
    """
    guided = unconditional + scale * (conditional - unconditional)
    if not rescale:
        return guided
    axes = tuple(range(1, guided.ndim))
    wanted = conditional.std(dim=axes, keepdim=True)
    has = guided.std(dim=axes, keepdim=True)
    # A picture of one flat value has no contrast to correct.
    factor = torch.where(has > 0, wanted / has, torch.ones_like(has))
    return rescale * (guided * factor) + (1 - rescale) * guided
