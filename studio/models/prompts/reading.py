"""Prompts as encoders read them that take a text as a whole: T5, Qwen and other language models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from studio.core.prompting.weights import parse, plain
from studio.models.prompts.emphasis import scale


@dataclass(frozen=True)
class Read:
    """A tokenized prompt: `ids` and `mask` [1, tokens] as the tokenizer gives them, `weights`, one
    for each token, 1 for all that is no word of the prompt."""

    ids: Tensor
    mask: Tensor
    weights: tuple[float, ...]

    def weigh(self, embeddings: Tensor) -> Tensor:
        """Embeddings [1, tokens, width] with the prompt's weights; as they are without any."""
        if all(weight == 1.0 for weight in self.weights):
            return embeddings
        return scale(embeddings, torch.tensor(self.weights, device=embeddings.device))


def read_whole(
    prompt: str,
    tokenizer: Any,
    device: torch.device,
    before: str = "",
    after: str = "",
    **how: Any,
) -> Read:
    """The prompt's words between `before` and `after` (of a chat's template), as one text.

    `how` goes to the tokenizer: padding, max_length, truncation, add_special_tokens. Weights do
    not change how the words are cut into tokens.
    """
    parts = list(plain(parse(prompt)))
    words = "".join(part.text for part in parts)
    weights = [part.weight for part in parts for _ in part.text]
    text = (before + words + after).encode("utf-8", "replace").decode("utf-8")
    found: Mapping[str, Any] = tokenizer(text, return_offsets_mapping=True, **how)
    ids, mask, offsets = (found[key] for key in ("input_ids", "attention_mask", "offset_mapping"))
    first, last = len(before), len(before) + len(words)
    # By a token's last character: the first can be the space before the word.
    each = [weights[stop - 1 - first] if first < stop <= last else 1.0 for _, stop in offsets]
    return Read(
        torch.tensor([ids], device=device),
        torch.tensor([mask], device=device),
        tuple(each),
    )
