"""Prompt weights, `(word:1.2)`: parts of a prompt that count more or less than the rest.

The syntax and the arithmetic are those of AUTOMATIC1111's web UI: each token's embedding is
multiplied by its part's weight, and the whole is given back its mean.
"""

from __future__ import annotations

import re

from torch import Tensor

Part = tuple[str, float]

_WEIGHTED = re.compile(r"\(([^()]*?):\s*(\d+(?:\.\d+)?|\.\d+)\s*\)")
MOST = 10.0


def parts(prompt: str) -> list[Part]:
    """The prompt as (text, weight) in order. What is not understood is taken literally.

    Weights are at most `MOST`; parts without text are left out.
    """
    found: list[Part] = []
    at = 0
    for match in _WEIGHTED.finditer(prompt):
        found.append((prompt[at : match.start()], 1.0))
        found.append((match[1], min(float(match[2]), MOST)))
        at = match.end()
    found.append((prompt[at:], 1.0))
    return [(text, weight) for text, weight in found if text.strip()]


def emphasize(embeddings: Tensor, weights: Tensor) -> Tensor:
    """Embeddings [1, tokens, width] times weights [tokens], with the mean they had before."""
    weighted = embeddings * weights[None, :, None].to(embeddings)
    before, after = embeddings.float().mean(), weighted.float().mean()
    # A mean near zero has no scale to give back.
    factor = before / after if after.abs() > 1e-6 else before.new_ones(())
    return weighted * factor.to(embeddings.dtype)
