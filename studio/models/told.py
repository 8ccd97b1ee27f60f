"""What a UNet is told besides the noisy sample and its level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from studio.models.prompts.clip import alike


@dataclass(frozen=True)
class Told:
    """`states` [1, tokens, width] of the text encoders; `pooled` [1, width], one vector for all
    of the prompt; `guidance` [1, width], a scale embedded for a network distilled with it."""

    states: Tensor
    pooled: Tensor | None = None
    guidance: Tensor | None = None


def arguments(told: Sequence[Told]) -> dict[str, Any]:
    """The arguments of a UNet2DConditionModel for one call under all of these conditions."""
    named: dict[str, Any] = {"encoder_hidden_states": alike([one.states for one in told])}
    scales = [one.guidance for one in told if one.guidance is not None]
    if scales:
        named["timestep_cond"] = torch.cat(scales)
    return named


def guidance_embedding(scale: float, width: int) -> Tensor:
    """[1, width]: w = 1000·(scale − 1) as sines and cosines (Meng et al. 2023, section 3).

    `scale` counts as in `studio.diffusion.guidance`: 1 is the prompt alone, for which w is 0.
    """
    half = width // 2
    rates = torch.exp(torch.arange(half) * -(torch.log(torch.tensor(10000.0)) / (half - 1)))
    angles = 1000.0 * torch.tensor([[scale - 1.0]]) * rates
    waves = torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)
    return torch.nn.functional.pad(waves, (0, width % 2))
