"""Prompts of any length and with weights, as CLIP text encoders make them into embeddings."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from studio.core.prompting.weights import parse
from studio.models.prompts.chunks import LENGTH, chunks, row
from studio.models.prompts.emphasis import emphasize

MOST_REPEATS = 4

Run = Callable[[Tensor], tuple[Tensor, Tensor | None]]
"""Ids [1, length] to embeddings [1, length, width] and the pooled one [1, width], if any."""


def encode_clip(
    prompt: str, tokenizer: Any, run: Run, device: torch.device, length: int = LENGTH
) -> tuple[Tensor, Tensor | None]:
    """Embeddings [1, n·length, width] of the n chunks of the prompt, and the first one's pooled.

    `run` calls the network, and takes the hidden state that the family wants. It is called once
    for each chunk, so a chunk's bits do not depend on the others. A prompt of one chunk without
    weights gives the bits that `run` gives.
    """
    parts: list[Tensor] = []
    pooled: Tensor | None = None
    for number, chunk in enumerate(chunks(parse(prompt), tokenizer, length)):
        ids, weights = row(chunk, tokenizer, length)
        embeddings, whole = run(torch.tensor([ids], device=device))
        if any(weight != 1.0 for weight in weights):
            embeddings = emphasize(embeddings, torch.tensor(weights, device=device))
        pooled = whole if number == 0 else pooled
        parts.append(embeddings)
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1), pooled


def alike(embeddings: Sequence[Tensor]) -> Tensor:
    """Embeddings [1, n_i, width] of several prompts as one batch [B, n, width].

    A shorter one is repeated. Attention to the same keys and values twice is attention to them
    once, so that, other than with padding, no prompt changes because another is longer. (But
    where that would take more than `MOST_REPEATS` times the longest, the last time is cut short.)
    Networks that give places to tokens or mask some cannot be told so.
    """
    lengths = [each.shape[1] for each in embeddings]
    size = math.lcm(*lengths)
    if size > MOST_REPEATS * max(lengths):
        size = max(lengths)
    return torch.cat([_repeated(each, size) for each in embeddings])


def together(one: Tensor, two: Tensor) -> Tensor:
    """Two encoders' embeddings of one prompt, [1, n, a] and [1, m, b], as [1, max(n, m), a + b].

    They may cut a prompt into different numbers of chunks, where a textual inversion is one
    token to one of them and several to the other: the shorter one is repeated.
    """
    size = max(one.shape[1], two.shape[1])
    return torch.cat([_repeated(one, size), _repeated(two, size)], dim=-1)


def _repeated(embeddings: Tensor, size: int) -> Tensor:
    times = -(-size // embeddings.shape[1])
    return embeddings if times == 1 else embeddings.repeat(1, times, 1)[:, :size]
