"""What text encoders make of a prompt: the tensors that transformers are conditioned with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Tokens:
    """`ids` and `mask` (1: a word, 0: filled up), int64 [1, length]."""

    ids: Tensor
    mask: Tensor


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


def tokens(tokenizer: Any, prompt: str, length: int, device: torch.device) -> Tokens:
    """The prompt, cut or filled up to `length` tokens."""
    found = tokenizer(
        prompt, padding="max_length", max_length=length, truncation=True, return_tensors="pt"
    )
    return Tokens(found.input_ids.to(device), found.attention_mask.to(device))
