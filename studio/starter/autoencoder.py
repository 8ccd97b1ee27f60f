"""The autoencoder: diffusers' AutoencoderKL, started from principal components.

The encoder begins as an exact linear map: each halving moves pixels into channels, the last one
projects the 8×8 patches onto their principal components. The decoder begins by passing on the
patch's mean colour, interpolated. Everything else starts at nothing and is learned; from random
weights the same training time ends some ten decibels lower.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn
from torch.nn import functional as F

from studio.starter.config import AutoencoderConfig

_PATCH = 8
_CONSTANT = 8.0  # two channels of ± this keep the one-group norm's statistics still


def build_autoencoder(config: AutoencoderConfig, size: int) -> AutoencoderKL:
    """An untrained autoencoder with three halvings; `scaling_factor` is 1."""
    blocks = len(config.channels)
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * blocks,
        up_block_types=("UpDecoderBlock2D",) * blocks,
        block_out_channels=config.channels,
        layers_per_block=1,
        latent_channels=config.latent_channels,
        norm_num_groups=1,
        sample_size=size,
        scaling_factor=1.0,
        shift_factor=None,
        force_upcast=False,
        mid_block_add_attention=False,
    )


def principal_components(
    pictures: npt.NDArray[np.uint8], count: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The mean (192) and the first `count` components (count, 192) of 8×8 patches in [-1, 1].

    A patch is flattened as (row, column, channel).
    """
    n, height, width, _ = pictures.shape
    x: npt.NDArray[Any] = pictures.astype(np.float32) / 127.5 - 1
    x = x.reshape(n, height // _PATCH, _PATCH, width // _PATCH, _PATCH, 3)
    x = x.transpose(0, 1, 3, 2, 4, 5).reshape(-1, _PATCH * _PATCH * 3)
    mean = np.asarray(x.mean(axis=0), dtype=np.float32)
    _, vectors = np.linalg.eigh(np.cov(x - mean, rowvar=False))
    return mean, np.ascontiguousarray(vectors[:, ::-1][:, :count].T).astype(np.float32)


def start_from_components(vae: AutoencoderKL, pictures: npt.NDArray[np.uint8]) -> None:
    """Set the weights so that encoding is the projection and decoding the mean colour."""
    latents = int(vae.config["latent_channels"])
    mean, components = principal_components(pictures, latents)
    components /= _PATCH  # the first components are then about as large as a colour
    net: Any = vae
    with torch.no_grad():
        for block in (*net.encoder.down_blocks, net.encoder.mid_block,
                      *net.decoder.up_blocks, net.decoder.mid_block):  # fmt: skip
            for resnet in block.resnets:
                _clear(resnet.conv2)
                if resnet.conv_shortcut is not None:
                    _identity(resnet.conv_shortcut)
        _start_encoder(net, torch.from_numpy(mean), torch.from_numpy(components))
        _start_decoder(net, torch.from_numpy(mean), torch.from_numpy(components))


def _clear(conv: nn.Conv2d) -> None:
    conv.weight.zero_()
    if conv.bias is not None:
        conv.bias.zero_()


def _identity(conv: nn.Conv2d) -> None:
    """The first channels pass, through the kernel's centre; the others are nothing."""
    _clear(conv)
    middle = conv.kernel_size[0] // 2
    for c in range(min(conv.in_channels, conv.out_channels)):
        conv.weight[c, c, middle, middle] = 1.0


def _start_encoder(net: Any, mean: Tensor, components: Tensor) -> None:
    encoder = net.encoder
    latents = len(components)
    encoder.conv_in.weight[:3].zero_()
    encoder.conv_in.bias[:3].zero_()
    for c in range(3):
        encoder.conv_in.weight[c, c, 1, 1] = 1.0
    # Pixels become channels. `where` says which (row, column, colour) a channel holds.
    where = [(0, 0, c) for c in range(3)]
    for block in encoder.down_blocks[:2]:
        conv = block.downsamplers[0].conv
        scale = 2 if block is encoder.down_blocks[0] else 4
        moved = []
        for channel, (row, column, colour) in enumerate(where):
            for tap in range(4):
                target = channel * 4 + tap
                conv.weight[target].zero_()
                conv.bias[target] = 0
                conv.weight[target, channel, tap // 2, tap % 2] = 1.0
                moved.append((row + tap // 2 * scale // 2, column + tap % 2 * scale // 2, colour))
        where = moved
    conv = encoder.down_blocks[2].downsamplers[0].conv
    _clear(conv)
    for sign, first in ((1.0, 0), (-1.0, latents)):
        for k in range(latents):
            for channel, (row, column, colour) in enumerate(where):
                for tap in range(4):
                    r, c = row + tap // 2 * 4, column + tap % 2 * 4
                    value = components[k, (r * _PATCH + c) * 3 + colour]
                    conv.weight[first + k, channel, tap // 2, tap % 2] = sign * value
            conv.bias[first + k] = -sign * (components[k] @ mean)
    _start_head(encoder.conv_norm_out, encoder.conv_out, conv.bias, latents)
    encoder.conv_out.bias[latents:] = -6.0  # log-variance
    _identity(net.quant_conv)


def _start_decoder(net: Any, mean: Tensor, components: Tensor) -> None:
    decoder = net.decoder
    latents = len(components)
    _identity(net.post_quant_conv)
    # The patch's mean colour from its components: they are orthonormal up to the factor 1/8.
    colour = components.reshape(latents, -1, 3).mean(dim=1).T * _PATCH**2
    average = mean.reshape(-1, 3).mean(dim=0)
    weight, bias = decoder.conv_in.weight, decoder.conv_in.bias
    kept = min(6 + 2 + latents, len(weight))
    weight[:kept].zero_()
    bias[:kept].zero_()
    weight[:3, :, 1, 1], weight[3:6, :, 1, 1] = colour, -colour
    bias[:3], bias[3:6] = average, -average
    bias[6], bias[7] = _CONSTANT, -_CONSTANT
    for k in range(kept - 8):
        weight[8 + k, k, 1, 1] = 1.0
    kernel = torch.tensor([0.25, 0.5, 0.25])
    for block in decoder.up_blocks[:3]:
        conv = block.upsamplers[0].conv
        for c in range(kept):
            if c < conv.out_channels:
                conv.weight[c].zero_()
                conv.bias[c] = 0
                conv.weight[c, c] = kernel[:, None] * kernel[None, :]
    # Zero padding would darken the border: the interpolation's border loses a quarter, which
    # the first steps of training repair.
    _start_head(decoder.conv_norm_out, decoder.conv_out, None, 3)


def _start_head(norm: nn.GroupNorm, conv: nn.Conv2d, bias: Tensor | None, count: int) -> None:
    """silu(a) - silu(-a) = a takes the first 2·count channels through norm, silu and conv."""
    channels = norm.num_channels
    if bias is not None:
        bias[2 * count], bias[2 * count + 1] = _CONSTANT, -_CONSTANT
    spread = (2 * _CONSTANT**2 / channels) ** 0.5
    norm.weight.fill_(spread)
    norm.bias.zero_()
    _clear(conv)
    for k in range(count):
        conv.weight[k, k, 1, 1] = 1.0
        conv.weight[k, count + k, 1, 1] = -1.0


def reconstruction_loss(vae: AutoencoderKL, x: Tensor, generator: torch.Generator) -> Tensor:
    """`picture_loss` of encoding and decoding x (n, 3, h, w) in [-1, 1], and a little KL."""
    net: Any = vae
    posterior = net.encode(x).latent_dist
    mean, deviation = posterior.mean, posterior.std
    noise = torch.randn(mean.shape, generator=generator).to(mean)
    y = net.decode(mean + deviation * noise).sample
    total: Tensor = picture_loss(y, x) + 3e-4 * posterior.kl().mean() / mean[0].numel()
    return total


def picture_loss(y: Tensor, x: Tensor) -> Tensor:
    """L1 + 0.5 MSE + 0.6 L1 of the gradients, which keeps edges sharp; both (n, 3, h, w)."""
    y, x = y.float(), x.float()
    loss = F.l1_loss(y, x) + 0.5 * F.mse_loss(y, x)
    for axis in (2, 3):
        loss = loss + 0.6 * F.l1_loss(y.diff(dim=axis), x.diff(dim=axis))
    return loss


def to_tensor(pictures: npt.NDArray[np.uint8]) -> Tensor:
    """(n, h, w, 3) bytes to (n, 3, h, w) floats in [-1, 1], channels last in memory."""
    x = torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return x.contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def psnr(vae: AutoencoderKL, pictures: npt.NDArray[np.uint8]) -> float:
    """Mean peak signal-to-noise ratio in dB of the reconstructions."""
    net: Any = vae
    x = to_tensor(pictures)
    y = net.decode(net.encode(x).latent_dist.mean).sample.clamp(-1, 1)
    error = ((x - y) / 2).square().mean(dim=(1, 2, 3))
    return float((-10 * error.log10()).mean())


@torch.no_grad()
def standardize_latents(vae: AutoencoderKL, pictures: npt.NDArray[np.uint8]) -> None:
    """Fold the latents' overall mean and one common deviation into the quant convolutions.

    Channels keep their sizes relative to each other: small components scaled up to unit variance
    come out of a diffusion model as salt and pepper.
    """
    net: Any = vae
    z = net.encode(to_tensor(pictures)).latent_dist.mean
    mean = z.mean(dim=(0, 2, 3))
    scale = float((z - mean[:, None, None]).square().mean().sqrt())
    count = len(mean)
    after = net.post_quant_conv
    after.bias += after.weight[:, :, 0, 0] @ mean
    after.weight *= scale
    before = net.quant_conv
    before.bias[:count] -= mean
    before.bias[:count] /= scale
    before.weight[:count] /= scale
    before.bias[count:] -= 2 * float(np.log(scale))
