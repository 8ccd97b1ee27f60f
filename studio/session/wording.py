"""The plan of a fill in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from studio.core.events import Plan
from studio.core.geometry import Box, Margins, Size
from studio.core.sizing import LIKED, OVERLAP, padded

if TYPE_CHECKING:
    from studio.session.session import Session

SAME = 0.005
"""A scale nearer to 1 than this is none."""


def enlargement(plan: Plan) -> float:
    """How much larger, in length, the model works than the picture is."""
    return math.sqrt(plan.working_size.area / plan.box.size.area)


def scale_text(plan: Plan) -> str:
    """ "1.24×", or "1:1"."""
    scale = enlargement(plan)
    return "1:1" if abs(scale - 1) < SAME else f"{scale:.3g}×"


def plan_text(plan: Plan, region: Box, margins: Margins) -> str:
    """Two sentences: what the model sees, and what becomes of it.

    `region` is what is made anew, where there are no margins.
    """
    scale = enlargement(plan)
    if abs(scale - 1) < SAME:
        how = "at its own size"
    else:
        how = f"at {_size(plan.working_size)}, {'enlarged' if scale > 1 else 'reduced'} to "
        how += f"{scale:.3g}×"
    edge = f"blended over {plan.band}\N{NO-BREAK SPACE}px" if plan.band else "with a hard edge"
    made = "What is added" if margins else _size(region.size)
    told = " The network is told the mask." if plan.channels else ""
    return f"The model sees {_size(plan.box.size)} {how}.\n{made} is made anew, {edge}.{told}"


def refine_text(session: Session) -> str:
    """In how many parts a picture will be refined; "" if it is done as one."""
    model, size = session.model, session.recipe().size
    if model is None or size.area <= LIKED * model.abilities.native_size.area:
        return ""
    native, multiple = model.abilities.native_size, model.abilities.multiple
    size = padded(size, multiple)
    across, down = parts(size.width, native.width), parts(size.height, native.height)
    return f"It is done in {across * down} parts of {_size(native)} that overlap."


def parts(length: int, side: int) -> int:
    """How many parts of `side` cover `length`, each sharing a quarter with the next."""
    if length <= side:
        return 1
    shared = side // OVERLAP
    return math.ceil((length - shared) / (side - shared))


def _size(size: Size) -> str:
    return f"{size.width} × {size.height}"
