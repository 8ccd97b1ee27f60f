"""What text encoders make of a prompt: the tensors that transformers are conditioned with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from studio.models.prompts.reading import Read, read_whole


@dataclass(frozen=True)
class Encoded:
    """`states` [1, length, width] of the tokens, and the tokens' own `mask`."""

    states: Tensor
    mask: Tensor


@dataclass(frozen=True)
class Words:
    """`states` [1, length, width] of the tokens, and `pooled` [1, width] of all of the prompt."""

    states: Tensor
    pooled: Tensor


def padded(prompt: str, tokenizer: Any, length: int, device: torch.device) -> Read:
    """The prompt, cut or filled up to `length` tokens, as T5 reads it."""
    return read_whole(
        prompt, tokenizer, device, padding="max_length", max_length=length, truncation=True
    )
