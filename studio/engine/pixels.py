"""Between pictures (uint8, HWC) and what networks eat (float, −1…1, NCHW)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from studio.core.picture import Mask, Picture

THUMBNAIL = 96


def images(batch: Tensor) -> tuple[Tensor, ...]:
    """The images of a batch [B, …], each a batch of one."""
    return tuple(batch[i : i + 1] for i in range(batch.shape[0]))


def to_tensor(picture: Picture) -> Tensor:
    """RGB [1, 3, H, W] in −1…1; transparency is left out."""
    rgb = torch.from_numpy(np.ascontiguousarray(picture.pixels[..., :3]).copy())
    return rgb.permute(2, 0, 1)[None].float() / 127.5 - 1


def to_picture(pixels: Tensor) -> Picture:
    """A picture from [1, 3, H, W], about −1…1, rounded to the nearest of 256 values."""
    scaled = ((pixels[0].float() + 1) * 127.5).round().clamp(0, 255)
    return Picture(scaled.to(torch.uint8).permute(1, 2, 0).contiguous().cpu().numpy())


def thumbnail(pixels: Tensor) -> Tensor:
    """[1, 3, h, w], at most 96 pixels high and twice that wide; never enlarged."""
    height, width = pixels.shape[-2:]
    share = min(1.0, THUMBNAIL / height, 2 * THUMBNAIL / width)
    size = (max(1, round(height * share)), max(1, round(width * share)))
    return pixels if share == 1.0 else torch.nn.functional.adaptive_avg_pool2d(pixels, size)


def to_latent_mask(mask: Mask, height: int, width: int) -> Tensor:
    """[1, 1, height, width] in 0…1: the most that any pixel of a latent cell is masked.

    The most, not the mean: a cell that is masked in part must be free as a whole, or the fill
    could not reach the mask's edge.
    """
    pixels = torch.from_numpy(mask.pixels.copy())[None, None].float() / 255
    return torch.nn.functional.adaptive_max_pool2d(pixels, (height, width))
