"""Pixels to latents and back, for every model that denoises the latents of an AutoencoderKL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from studio.core.geometry import Size
from studio.models.parts import Parts
from studio.models.sound import sound

Numbers = Tensor | float


class Autoencoder:
    """The part "vae" of a model. Latents are scaled to about unit variance."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        config = parts.config("vae")
        self.channels = int(config.latent_channels)
        self.factor = 2 ** (len(config.block_out_channels) - 1)
        self._scale, self._shift = _standard(config, parts.device)
        self._grey: Tensor | None = None

    def latent_shape(self, size: Size) -> tuple[int, int, int]:
        """See `studio.models.family.Family.latent_shape`."""
        return self.channels, size.height // self.factor, size.width // self.factor

    @torch.inference_mode()
    def encode(self, pixels: Tensor) -> Tensor:
        """See `studio.models.family.Family.encode`."""
        parts = self._parts
        vae, dtype = parts.use("vae"), parts.computes("vae")
        latents: Tensor = vae.encode(pixels.to(parts.device, dtype)).latent_dist.mode().float()
        return (latents - self._shift) * self._scale

    @torch.inference_mode()
    def decode(self, latents: Tensor) -> Tensor:
        """See `studio.models.family.Family.decode`."""
        parts = self._parts
        unscaled = latents.to(parts.device) / self._scale + self._shift
        pixels = self._decoded(unscaled)
        if sound(unscaled) and not sound(pixels) and parts.computes("vae") != torch.float32:
            with parts.rescue("vae"):
                return self._decoded(unscaled)
        return pixels

    def _decoded(self, unscaled: Tensor) -> Tensor:
        vae, dtype = self._parts.use("vae"), self._parts.computes("vae")
        pixels: Tensor = vae.decode(unscaled.to(dtype), return_dict=False)[0]
        return pixels.float()

    def grey(self, x: Tensor) -> Tensor:
        """The latents [1, C, h, w] of a grey picture as large as that of x [B, C, h, w]."""
        if self._grey is None or self._grey.shape[2:] != x.shape[2:]:
            height, width = x.shape[2] * self.factor, x.shape[3] * self.factor
            self._grey = self.encode(torch.zeros(1, 3, height, width))
        return self._grey

    def blocks(self) -> Sequence[nn.Module]:
        """Between them decoding and encoding can be interrupted."""
        vae: Any = self._parts.networks()["vae"]
        return [*vae.encoder.down_blocks, *vae.decoder.up_blocks]


def _standard(config: Any, device: torch.device) -> tuple[Numbers, Numbers]:
    """(scale, shift): latents are (what is encoded − shift)·scale.

    Some autoencoders say mean and deviation of each channel besides, [1, C, 1, 1].
    """
    scale = float(config.scaling_factor)
    mean, deviation = (getattr(config, f"latents_{word}", None) for word in ("mean", "std"))
    if mean is None or deviation is None:
        return scale, float(getattr(config, "shift_factor", None) or 0.0)
    means, deviations = (
        torch.tensor(numbers, device=device).reshape(1, -1, 1, 1) for numbers in (mean, deviation)
    )
    return scale / deviations, means
