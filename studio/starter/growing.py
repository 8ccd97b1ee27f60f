"""An autoencoder grown to pictures of twice the side, with the same latents.

One more level is laid around a trained autoencoder, as in progressive growing (Karras et al.
2018), between the pictures and what it has learned. At first it only halves and doubles; then the
encoder learns to say of the large picture what the small autoencoder says of the halved one, and
the decoder to draw the large picture's edges. The denoiser, which sees nothing but latents, makes
pictures of twice the side without another lesson and at the same cost.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import nn
from torch.nn import functional as F

from studio.starter.autoencoder import to_tensor
from studio.starter.cache import Cache
from studio.starter.config import Config
from studio.starter.lessons import Optimized, autocast, draws

TAPS = 9
"""A pixel and its neighbours: what the first convolution hands on of each colour."""


def grow(small: AutoencoderKL, seed: int = 0) -> AutoencoderKL:
    """For pictures of twice the side of those `small` was trained on; `small` stays as it is.

    The new level is as wide as the one that was outermost, at least 27 channels. Encoding starts
    as `small`'s of the halved picture but for one outer row and column of each first kernel,
    decoding as `small`'s, interpolated. Raises ValueError for too few channels.
    """
    old = small.config
    channels = tuple(old["block_out_channels"])
    outer = channels[0]
    if outer < 3 * TAPS:
        raise ValueError(f"{outer} channels are too few to grow: {3 * TAPS} hold the neighbours")
    kinds = {**old, "block_out_channels": (outer, *channels), "sample_size": 2 * old["sample_size"]}
    for name in ("down_block_types", "up_block_types"):
        kinds[name] = (old[name][0], *old[name])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        large: Any = AutoencoderKL.from_config(kinds)
    net: Any = small
    _copy(large.quant_conv, net.quant_conv)
    _copy(large.post_quant_conv, net.post_quant_conv)
    for part in ("mid_block", "conv_norm_out", "conv_out"):
        _copy(getattr(large.encoder, part), getattr(net.encoder, part))
        _copy(getattr(large.decoder, part), getattr(net.decoder, part))
    _copy(large.decoder.conv_in, net.decoder.conv_in)
    for block, known in zip(large.encoder.down_blocks[1:], net.encoder.down_blocks, strict=True):
        _copy(block, known)
    for block, known in zip(large.decoder.up_blocks, net.decoder.up_blocks, strict=False):
        _copy(block.resnets, known.resnets)
        if known.upsamplers:
            _copy(block.upsamplers, known.upsamplers)
    with torch.no_grad():
        for block in (large.encoder.down_blocks[0], large.decoder.up_blocks[-1]):
            for resnet in block.resnets:
                resnet.conv2.weight.zero_()
                resnet.conv2.bias.zero_()
        _halving(large.encoder, net.encoder.conv_in)
        _doubling(large.decoder.up_blocks[-2].upsamplers[0].conv)
    large.to(memory_format=torch.channels_last)
    return large


def _copy(to: nn.Module, known: nn.Module) -> None:
    to.load_state_dict(known.state_dict())


def _halving(encoder: Any, first: nn.Conv2d) -> None:
    """A halving by 2×2 means, followed by `first`, from a 3×3 convolution and a strided one.

    The first hands on every pixel with its neighbours, shifted; the second has then five of the
    six rows and columns within reach that `first` covers of the large picture. The mean of the
    missing one and its neighbour is that neighbour's.
    """
    into, down = encoder.conv_in, encoder.down_blocks[0].downsamplers[0].conv
    for conv in (into, down):
        conv.weight.zero_()
        conv.bias.zero_()
    down.bias.copy_(first.bias)
    for colour in range(3):
        for tap in range(TAPS):
            into.weight[TAPS * colour + tap, colour, tap // 3, tap % 3] = 1.0
    # Of one axis: which shift (0…2, by -1…1) and which place of the strided kernel give the two
    # pixels that a place of `first` is the mean of.
    reach = (((0, 0), (0, 0)), ((1, 0), (1, 1)), ((1, 2), (2, 2)))
    for row, rows in enumerate(reach):
        for column, columns in enumerate(reach):
            for shift, place in rows:
                for aside, beside in columns:
                    tap = 3 * shift + aside
                    for colour in range(3):
                        share = first.weight[:, colour, row, column] / 4
                        down.weight[:, TAPS * colour + tap, place, beside] += share


def _doubling(conv: nn.Conv2d) -> None:
    """Interpolation after each value was repeated."""
    conv.weight.zero_()
    conv.bias.zero_()  # type: ignore[union-attr]
    kernel = torch.tensor([0.25, 0.5, 0.25])
    for channel in range(conv.out_channels):
        conv.weight[channel, channel] = kernel[:, None] * kernel[None, :]


class EncoderLesson(Optimized):
    """Say of crops of large pictures what the small autoencoder says of them halved."""

    name = "encoder"

    def __init__(self, config: Config, large: Any, small: Any, cache: Cache) -> None:
        own = config.growth
        modules = {"encoder": large.encoder, "quant": large.quant_conv}
        super().__init__(modules, own.learning_rate, 20)
        self.steps, self.batch = own.steps, own.batch
        self._config, self._large, self._small = config, large, small
        self._pictures = cache.pictures

    def step(self, index: int, progress: float) -> float:
        rng, _ = draws(self._config, 6, index)
        side = 2 * self._config.autoencoder.crop
        chosen = rng.integers(len(self._pictures), size=self.batch)
        corners = rng.integers(self._pictures.shape[1] - side + 1, size=(self.batch, 2))
        crops = [
            self._pictures[i][y : y + side, x : x + side]
            for i, (y, x) in zip(chosen, corners, strict=True)
        ]
        x = to_tensor(np.stack(crops))
        with autocast(self._config):
            with torch.no_grad():
                wanted = self._small.encode(F.avg_pool2d(x, 2)).latent_dist.mean
            says = self._large.encode(x).latent_dist.mean
        loss = F.mse_loss(says.float(), wanted.float())
        self.update(loss, index, progress)
        return loss.item()
