"""Models of the same autoencoder have the same preview, which tests load again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from studio.models import latent
from studio.models.preview import LinearPreview, fit_preview

Coder = Callable[[Tensor], Tensor]


def fitted_once() -> Iterator[None]:
    """While this lasts, each preview is fitted once. The fit itself is tested with the models."""
    fitted: dict[bytes, LinearPreview] = {}

    def fit(encode: Coder, decode: Coder, size: int) -> LinearPreview:
        latents = encode(torch.linspace(-1, 1, 3 * 32 * 32).reshape(1, 3, 32, 32))
        key = b"".join(t.cpu().float().numpy().tobytes() for t in (latents, decode(latents)))
        if key not in fitted:
            fitted[key] = fit_preview(encode, decode, size)
        return fitted[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latent, "fit_preview", fit)
        yield
