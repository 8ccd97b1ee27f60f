"""The plan of a fill in words."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING

from studio.core.events import Plan
from studio.core.geometry import Box, Margins, Size
from studio.core.model_info import ModelInfo
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
    """In how many parts a picture will be refined, and about how long that takes, if a run of the
    model has shown it; "" if it is done as one."""
    model, size = session.model, session.recipe().size
    if model is None or size.area <= LIKED * model.abilities.native_size.area:
        return ""
    native, count = model.abilities.native_size, parts_in(size, model)
    text = f"It is done in {count} parts of {_size(native)} that overlap"
    recipe, each = session.recipe(), _pace(session, model)
    if each is None:
        return f"{text}."
    steps = max(1, round(recipe.steps * recipe.strength)) * recipe.batch
    return f"{text}: about {duration(each * count * steps)}."


def parts_in(size: Size, model: ModelInfo) -> int:
    """How many parts of its own size a model makes of a picture that is refined."""
    native = model.abilities.native_size
    if size.area <= LIKED * native.area:
        return 1
    size = padded(size, model.abilities.multiple)
    return parts(size.width, native.width) * parts(size.height, native.height)


def _pace(session: Session, model: ModelInfo) -> float | None:
    """Seconds that a step of one part and one picture took in the newest run of this model."""
    for run in reversed(session.queue.runs.values()):
        own = sorted(index for index in run.levels if index >= run.first)[1:]
        if own and run.recipe.model == model.name:
            # The first step is often slow, and left out.
            step = median(run.levels[index].seconds for index in own)
            size = run.plan.working_size if run.plan else run.recipe.size
            return step / parts_in(size, model) / run.recipe.batch
    return None


def duration(seconds: float) -> str:
    """A time, no more precise than it is known."""
    if seconds < 1:
        return "less than 1 s"
    if seconds < 60:
        return f"{round(seconds)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def parts(length: int, side: int) -> int:
    """How many parts of `side` cover `length`, each sharing a quarter with the next."""
    if length <= side:
        return 1
    shared = side // OVERLAP
    return math.ceil((length - shared) / (side - shared))


def _size(size: Size) -> str:
    return f"{size.width} × {size.height}"
