"""Sizes that a model can work at: multiples of its cell, near the area it was trained on."""

from __future__ import annotations

import math

from studio.core.errors import BadInput
from studio.core.geometry import Size
from studio.core.model_info import Abilities, ModelInfo

LARGEST = 64
"""How many times its native area a model is asked for at most."""


LIKED = 2.25
"""Up to so many times its native area a network draws a picture as one: 1.5 times each side."""

OVERLAP = 4
"""Parts of a larger picture share at least a quarter of their side with the next."""


def working_size(size: Size, native: Size, multiple: int) -> Size:
    """The size nearest to `size`'s shape with about `native`'s area, in multiples.

    Both sides are at least `multiple`; a very long picture comes out less long than it is, since
    its short side cannot go below that.
    """
    scale = math.sqrt(native.area / size.area)
    return Size(snap(size.width * scale, multiple), snap(size.height * scale, multiple))


def snap(length: float, multiple: int) -> int:
    """The multiple nearest to `length`, at least one."""
    return max(multiple, round(length / multiple) * multiple)


def padded(size: Size, multiple: int) -> Size:
    """The smallest size in multiples that holds this one."""
    width, height = (-(-n // multiple) * multiple for n in (size.width, size.height))
    return Size(width, height)


def check_size(size: Size, abilities: Abilities) -> None:
    """BadInput, with a size that works, if the model cannot draw at `size`."""
    multiple = abilities.multiple
    if size.width % multiple or size.height % multiple:
        better = Size(snap(size.width, multiple), snap(size.height, multiple))
        raise BadInput(
            f"This model draws in multiples of {multiple} pixels; {size} is not.",
            f"Use {better}.",
        )
    if size.area > LARGEST * abilities.native_size.area:
        raise BadInput(
            f"{size} is more than {LARGEST} times the area this model was trained on "
            f"({abilities.native_size}).",
            "Choose a smaller size.",
        )


def check_mask(model: ModelInfo, masked: bool) -> None:
    """BadInput if the model can only fill, and there is nothing to fill."""
    if model.abilities.mask_needed and not masked:
        raise BadInput(
            f"{model.title} fills what is painted over, and nothing is.",
            "Open a picture and paint a mask, or choose another model.",
        )
