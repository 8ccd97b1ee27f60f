"""A denoiser that starts from another one's weights, wherever the two are built alike.

What a UNet knows of scenes sits in its inner levels, which do not see how pictures are encoded.
So a denoiser of other latents, with one more level around, keeps all of them, and learns only how
its new outermost level speaks to them, as in progressive growing (Karras et al. 2018).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_NEXT_TO_LATENTS = ("conv_in.", "conv_out.", "conv_norm_out.")


def inherit(unet: Any, known: Any) -> None:
    """Copy `known`'s weights into `unet`, in place.

    Both are UNet2DConditionModel, `unet` with as many levels or more. Levels are matched from the
    innermost outwards; a weight of another shape stays as it is. With more levels also those stay
    whose whole input is new, and where kept channels meet new ones, the kept ones' part is copied.
    The first layer of the time, whose waves come in other numbers, is fitted to say the same.
    Raises ValueError if `known` has more levels or another width of the time's embedding.
    """
    levels, fewer = len(unet.down_blocks), len(known.down_blocks)
    if fewer > levels:
        raise ValueError(f"{fewer} levels do not fit into {levels}")
    widths = [net.time_embedding.linear_1.out_features for net in (unet, known)]
    if widths[0] != widths[1]:
        raise ValueError(f"the time is {widths[1]} numbers wide, not {widths[0]}")
    more = levels - fewer
    new = (*_NEXT_TO_LATENTS, "down_blocks.0.resnets.0.conv1.", "down_blocks.0.resnets.0.norm1.")
    last = len(known.up_blocks[-1].resnets) - 1
    joint = f"up_blocks.{fewer - 1}.resnets.{last}."
    mine: dict[str, Tensor] = dict(unet.named_parameters())
    with torch.no_grad():
        for name, theirs in known.named_parameters():
            to = mine.get(_shifted(name, more))
            if to is None or (more and name.startswith(new)):
                continue
            if more and name.startswith(joint) and _reads_both(name):
                # What comes from below is first, then what the outer level hands across.
                kept = known.up_blocks[-1].resnets[last].out_channels
                _by_input(to)[:kept] = _by_input(theirs)[:kept]
            elif to.shape == theirs.shape:
                to.copy_(theirs)
        if unet.time_proj.num_channels != known.time_proj.num_channels:
            _tell_time_alike(unet, known)


def _reads_both(name: str) -> bool:
    return name.endswith(("norm1.weight", "norm1.bias", "conv1.weight", "conv_shortcut.weight"))


def _by_input(weight: Tensor) -> Tensor:
    """A view whose first axis is the channels that a convolution or a norm reads."""
    return weight.transpose(0, 1) if weight.ndim > 1 else weight


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
