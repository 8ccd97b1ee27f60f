"""A picture larger than the network likes, worked on in parts that overlap."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.core.sizing import OVERLAP
from studio.diffusion.levels import Level
from studio.diffusion.state import Predict, Prediction

Side = tuple[int, int]
"""Rows and columns of one part, in latent cells."""


@dataclass(frozen=True)
class Window:
    """A part of one axis, in latent cells, and how much it says of each cell or pixel of it:
    the windows of an axis add up to 1 everywhere."""

    start: int
    stop: int
    weight: Tensor

    def span(self, scale: int = 1) -> slice:
        return slice(self.start * scale, self.stop * scale)


def windows(length: int, side: int, scale: int = 1) -> tuple[Window, ...]:
    """Windows of `side` cells over `length`, evenly spaced; one if `length` is no longer.

    Where two overlap, one fades out as the other fades in, in `scale` shades a cell.
    """
    if length <= side:
        return (Window(0, length, torch.ones(length * scale)),)
    overlap = side // OVERLAP
    count = math.ceil((length - overlap) / (side - overlap))
    starts = [round(i * (length - side) / (count - 1)) for i in range(count)]
    total = torch.zeros(length * scale)
    ramps = []
    for i, start in enumerate(starts):
        ramp = torch.ones(side * scale)
        if i > 0:
            ramp *= _rise(ramp.numel(), (starts[i - 1] + side - start) * scale)
        if i + 1 < count:
            ramp *= _rise(ramp.numel(), (start + side - starts[i + 1]) * scale).flip(0)
        total[start * scale : (start + side) * scale] += ramp
        ramps.append(ramp)
    return tuple(
        Window(start, start + side, ramp / total[start * scale : (start + side) * scale])
        for start, ramp in zip(starts, ramps, strict=True)
    )


def _rise(length: int, over: int) -> Tensor:
    """From nearly 0 to 1 over the first `over` of so many, and 1 beyond."""
    return ((torch.arange(length) + 0.5) / max(over, 1)).clamp(max=1.0)


def grid(height: int, width: int, side: Side, scale: int = 1) -> Iterator[tuple[Window, Window]]:
    """The windows of rows and columns over so many cells, part by part."""
    across = windows(width, side[1], scale)
    for row in windows(height, side[0], scale):
        for column in across:
            yield row, column


def weights(row: Window, column: Window, like: Tensor) -> Tensor:
    """What a part says of each place of it, [rows, columns]."""
    return (row.weight[:, None] * column.weight[None]).to(like)


def tiled(predict: Predict, side: Side) -> Predict:
    """A denoiser for any size, made of one for at most `side` cells.

    Each x0 is the parts' own, faded together where they overlap, so that all of them take the
    next step from one sample (MultiDiffusion, Bar-Tal et al. 2023, here in x0). Memory grows by
    one sample, whatever the number of parts.
    """

    def whole(x: Tensor, level: Level) -> Prediction:
        x0 = torch.zeros_like(x)
        parts: tuple[Tensor, ...] = ()
        for row, column in grid(x.shape[-2], x.shape[-1], side):
            said = predict(x[..., row.span(), column.span()].contiguous(), level)
            parts = parts or tuple(torch.zeros_like(x) for _ in said.parts)
            share = weights(row, column, x)
            for total, part in zip((x0, *parts), (said.x0, *said.parts), strict=True):
                total[..., row.span(), column.span()] += part * share
        return Prediction(x0, parts)

    return whole
