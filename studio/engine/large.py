"""Encoding and decoding pictures larger than a model likes: in parts, so that memory is bounded."""

from __future__ import annotations

import torch
from torch import Tensor

from studio.core.geometry import Size
from studio.core.picture import Picture
from studio.core.recipe import Recipe
from studio.core.sizing import LIKED
from studio.diffusion.tiles import Side, grid, weights
from studio.engine.pixels import to_picture
from studio.models.family import Family
from studio.models.parts import parts_of

AT_ONCE = 4
"""Up to so many times the area a model was trained on its autoencoder takes a picture whole."""


def tile_side(recipe: Recipe, size: Size, sourced: bool, family: Family) -> Side | None:
    """The parts in which a run at `size` pixels is denoised, in latent cells; None: as a whole.

    From noise alone a picture is one unless parts are asked for: each would show its own thing.
    """
    abilities = family.info.abilities
    if abilities.own_scale:
        return None
    if not recipe.tile and not (sourced and size.area > LIKED * abilities.native_size.area):
        return None
    wanted = Size(recipe.tile, recipe.tile) if recipe.tile else abilities.native_size
    side = _cells(wanted, family)
    _, height, width = family.latent_shape(size)
    return side if height > side[0] or width > side[1] else None


def encode(family: Family, pixels: Tensor) -> Tensor:
    """`family.encode`, in parts where that would take too much memory."""
    size = Size(pixels.shape[-1], pixels.shape[-2])
    if size.area <= AT_ONCE * family.info.abilities.native_size.area:
        return family.encode(pixels.to(family.device))
    channels, height, width = family.latent_shape(size)
    factor, side = size.height // height, _cells(family.info.abilities.native_size, family)
    whole = torch.zeros(1, channels, height, width, device=family.device)
    for row, column in grid(height, width, side):
        part = family.encode(pixels[..., row.span(factor), column.span(factor)].to(family.device))
        whole[..., row.span(), column.span()] += part * weights(row, column, part)
    return whole


def decode(family: Family, latents: Tensor, size: Size) -> Picture:
    """The picture of latents [1, C, h, w], the part of it at the upper left that is wanted:
    sizes are rounded up to what a model can do."""
    return kept(to_picture(decoded(family, latents)), size)


def decoded(family: Family, latents: Tensor) -> Tensor:
    """`family.decode`, in parts where that would take too much memory."""
    native = family.info.abilities.native_size
    height, width = latents.shape[-2:]
    parts = parts_of(family)
    tile = parts.placement.tile if parts else 1
    rows, columns = cells(family, tile)
    if height * width <= (AT_ONCE if tile == 1 else 1) * rows * columns:
        return family.decode(latents.to(family.device))
    factor = native.height // family.latent_shape(native)[1]
    whole = torch.zeros(1, 3, height * factor, width * factor)
    for row, column in grid(height, width, (rows, columns), factor):
        part = family.decode(latents[..., row.span(), column.span()].to(family.device)).cpu()
        whole[..., row.span(factor), column.span(factor)] += part * weights(row, column, part)
    return whole


def kept(picture: Picture, size: Size) -> Picture:
    """So much of the picture, from its upper left."""
    if size == picture.size:
        return picture
    return Picture(picture.pixels[: size.height, : size.width])


def cells(family: Family, tile: int = 1) -> Side:
    """The native size divided by `tile`, in latent cells."""
    native = family.info.abilities.native_size
    return _cells(Size(native.width // tile, native.height // tile), family)


def _cells(size: Size, family: Family) -> Side:
    """A size in latent cells, in whole multiples of what the network needs."""
    abilities = family.info.abilities
    native = abilities.native_size
    factor = native.height // family.latent_shape(native)[1]
    step = max(1, abilities.multiple // factor)
    high, wide = (max(1, length // factor // step) * step for length in (size.height, size.width))
    return high, wide
