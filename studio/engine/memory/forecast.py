"""How a model would share the device, from the sizes of its files: nothing is loaded."""

from __future__ import annotations

from collections import Counter

import torch

from studio.core.model_info import ModelInfo
from studio.engine.device import compute_dtype
from studio.engine.memory.estimate import PER_CELL, PER_PIXEL, TEXT, TILES
from studio.engine.memory.needs import Needs, best, rungs
from studio.engine.memory.room import Room
from studio.engine.memory.words import sentence
from studio.models.placement import denoises, reads
from studio.models.source import open_source
from studio.models.weights import BLOCK, PARTS

CELL = 64
"""Pixels of a latent cell of most models."""


def forecast(info: ModelInfo, room: Room) -> str:
    """A sentence on a picture of the model's own size; "" for a model without files."""
    if info.path is None:
        return ""
    sizes = _sizes(info)
    half = compute_dtype(room.device, info.abilities.half, sum(sizes.values()))
    width = torch.finfo(half).bits // 8
    area = info.abilities.native_size.area
    decode = {tile: PER_PIXEL * width * area // tile**2 for tile in (1, *TILES)}
    step = PER_CELL * width * area // CELL * 2
    blocks = {part: min(BLOCK, size // PARTS) for part, size in sizes.items()}
    needs = Needs(sizes, blocks, TEXT, step, decode, width == 2)
    free = room.free()
    usable = room.usable(free) if free is not None else 2**62
    ways = rungs(needs, usable) if room.apart else rungs(needs, usable)[:1]
    name, placement = ways[best(ways, needs.most, usable)]
    return sentence(name, placement, room.name, needs.most(placement), free, False)


def _sizes(info: ModelInfo) -> dict[str, int]:
    """Bytes of each part; of a single file all are taken for the network that denoises."""
    sizes: Counter[str] = Counter()
    assert info.path is not None
    for file in open_source(info.path).files():
        part = file.parent.name
        known = part == "vae" or reads(part) or denoises(part)
        sizes[part if known else "unet"] += file.stat().st_size
    return dict(sizes)
