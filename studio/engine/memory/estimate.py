"""What a run of a loaded model needs, found by a run without numbers; or by a rule of thumb."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import torch

from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.engine.large import AT_ONCE, cells
from studio.engine.memory.needs import Needs
from studio.models.dry import Dry
from studio.models.family import Family
from studio.models.parts import Parts

TILES = (2, 4)
PER_CELL, PER_PIXEL = 8000, 2600
"""Numbers that a network holds at once for a latent cell, and a decoder for a pixel: more than
Stable Diffusion does."""
TEXT = 64 * 2**20
PLENTY = 3.0
"""With so many times what the rule of thumb says free nothing is worked out more closely."""
BROKEN = (RuntimeError, TypeError, ValueError, AttributeError, KeyError, NotImplementedError)
"""What code that looks at numbers raises where there are none."""


class Estimates:
    """What was found out is kept as long as its model."""

    def __init__(self) -> None:
        self._twins: WeakKeyDictionary[Parts, Dry | None] = WeakKeyDictionary()
        self._found: WeakKeyDictionary[Parts, dict[object, Needs]] = WeakKeyDictionary()

    def of(
        self, family: Family, parts: Parts, recipe: Recipe, size: Size, free: int | None
    ) -> Needs:
        """For a run at `size` pixels. Takes about a second where memory could be short."""
        thumb = _thumb(family, parts, size)
        most = sum(thumb.sizes.values()) + max(thumb.text, thumb.step, thumb.decode[1])
        if free is not None and PLENTY * most < free:
            return thumb
        found = self._found.setdefault(parts, {})
        shape = family.latent_shape(size)
        key = (shape, parts.worn)
        if key not in found:
            found[key] = self._closely(family, parts, recipe, shape, thumb)
        return found[key]

    def _closely(
        self,
        family: Family,
        parts: Parts,
        recipe: Recipe,
        shape: tuple[int, int, int],
        thumb: Needs,
    ) -> Needs:
        try:
            if parts not in self._twins:
                self._twins[parts] = None  # one that cannot be made is tried no second time
                self._twins[parts] = Dry(family, parts)
            dry = self._twins[parts]
            if dry is None:
                return thumb
            count = 2 if family.info.abilities.negative_prompt else 1
            whole, *parted = (_decoded(family, shape, tile) for tile in (1, *TILES))
            decode = {1: dry.decode((1, shape[0], *whole))}
            for tile, side in zip(TILES, parted, strict=True):
                if side != whole and min(side) >= 4:
                    decode[tile] = dry.decode((1, shape[0], *side))
            return Needs(
                thumb.sizes,
                thumb.blocks,
                dry.condition(recipe),
                dry.step(recipe, (1, *shape), count),
                decode,
                thumb.halves,
            )
        except BROKEN:
            self._twins[parts] = None
            return thumb


def _thumb(family: Family, parts: Parts, size: Size) -> Needs:
    _, height, width = family.latent_shape(size)
    width_of = torch.finfo(parts.dtype).bits // 8
    native = family.info.abilities.native_size.area
    decode = {1: PER_PIXEL * width_of * min(size.area, AT_ONCE * native)}
    for tile in TILES:
        if size.area > native / tile**2:
            decode[tile] = PER_PIXEL * width_of * native // tile**2
    return Needs(
        parts.sizes,
        parts.blocks,
        TEXT,
        PER_CELL * width_of * height * width * 2,
        decode,
        width_of == 2,
    )


def _decoded(family: Family, shape: tuple[int, int, int], tile: int) -> tuple[int, int]:
    """Rows and columns of what is decoded at once (see `studio.engine.large.decoded`)."""
    _, height, width = shape
    rows, columns = cells(family, tile)
    if tile == 1 and height * width <= AT_ONCE * rows * columns:
        return height, width
    return min(rows, height), min(columns, width)
