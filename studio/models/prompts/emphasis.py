"""What a prompt's weights do to the embeddings of its words."""

from __future__ import annotations

import torch
from torch import Tensor

from studio.core.prompting.weights import MOST


def emphasize(embeddings: Tensor, weights: Tensor) -> Tensor:
    """Embeddings [1, tokens, width] times weights [tokens], with the mean they had before.

    The arithmetic of AUTOMATIC1111's web UI ("original" emphasis), for CLIP.
    """
    weighted = scale(embeddings, weights)
    before, after = embeddings.float().mean(), weighted.float().mean()
    factor = before / after
    # A mean near zero has no scale to give back: the quotient is of rounding errors, and can turn
    # all around. Weights up to `MOST` cannot change a mean more than so many times. (Without a
    # look at the numbers, which a run without memory has not: see `studio.models.dry`.)
    right = (after.abs() > 1e-6) & (factor >= 1 / MOST) & (factor <= MOST)
    return weighted * torch.where(right, factor, 1.0).to(embeddings.dtype)


def scale(embeddings: Tensor, weights: Tensor) -> Tensor:
    """Embeddings [1, tokens, width] times weights [tokens], for encoders other than CLIP.

    The mean of what T5 and the language models say is near zero and of either sign: giving it
    back would blow up or turn around everything.
    """
    return embeddings * weights[None, :, None].to(embeddings)
