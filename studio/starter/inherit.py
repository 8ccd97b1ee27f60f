"""A denoiser that starts from another one's weights, wherever the two are built alike.

What a UNet knows of scenes sits in its inner levels, which do not see how pictures are encoded.
So a denoiser of other latents, with one more level around, keeps all of them, and learns only how
its new outermost level speaks to them, as in progressive growing (Karras et al. 2018).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_OUTER = ("conv_in.", "conv_out.", "conv_norm_out.")


def inherit(unet: Any, known: Any) -> int:
    """Copy `known`'s weights into `unet`; returns how many numbers were copied.

    Both are UNet2DConditionModel, `unet` with as many levels or more. Levels are matched from the
    innermost outwards. Of a weight that reads more or fewer input channels the common first ones
    are copied, and any other that differs in shape stays as it is. Layers next to the latents are
    copied only if there are as many levels. The first layer of the time, whose waves come in
    other numbers, is fitted to say the same. Raises ValueError if `known` has more levels.
    """
    levels, fewer = len(unet.down_blocks), len(known.down_blocks)
    if fewer > levels:
        raise ValueError(f"{fewer} levels do not fit into {levels}")
    more = levels - fewer
    mine: dict[str, Tensor] = dict(unet.named_parameters())
    copied = 0
    with torch.no_grad():
        for name, theirs in known.named_parameters():
            if more and name.startswith(_OUTER):
                continue
            to = mine.get(_shifted(name, more))
            if to is None or to.ndim != theirs.ndim or len(to) != len(theirs):
                continue
            if to.shape == theirs.shape:
                to.copy_(theirs)
            elif name.startswith("time_embedding."):
                continue
            elif to.ndim > 1 and to.shape[2:] == theirs.shape[2:]:
                common = min(to.shape[1], theirs.shape[1])
                to[:, :common] = theirs[:, :common]
            else:
                continue
            copied += theirs.numel()
        if unet.time_embedding.linear_1.weight.shape != known.time_embedding.linear_1.weight.shape:
            _tell_time_alike(unet, known)
    return copied


def _tell_time_alike(unet: Any, known: Any) -> None:
    """Least squares over all 1000 steps; a little ridge keeps the weights of a usual size."""
    t = torch.arange(1000)
    wanted = known.time_embedding.linear_1(known.time_proj(t))
    waves = torch.cat([unet.time_proj(t), torch.ones(len(t), 1)], dim=1).double()
    square = waves.T @ waves + 0.1 * torch.eye(waves.shape[1], dtype=torch.float64)
    found = torch.linalg.solve(square, waves.T @ wanted.double()).float()
    unet.time_embedding.linear_1.weight.copy_(found[:-1].T)
    unet.time_embedding.linear_1.bias.copy_(found[-1])


def _shifted(name: str, more: int) -> str:
    """Where a weight of a smaller UNet is in one with `more` levels around it."""
    part, _, rest = name.partition(".")
    if part != "down_blocks":
        return name  # upward blocks are counted from the innermost
    index, _, rest = rest.partition(".")
    return f"{part}.{int(index) + more}.{rest}"
