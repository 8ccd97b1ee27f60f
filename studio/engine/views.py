"""Whatever can be seen of a kept step, as tensors and as pictures. Needs no network by itself."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from studio.core.errors import BadInput
from studio.core.picture import Picture
from studio.core.wishes import HEAT, Look, View
from studio.diffusion.prediction import to_epsilon
from studio.diffusion.state import Step
from studio.engine.large import decoded, kept
from studio.engine.pixels import to_picture
from studio.engine.trajectory import Trajectory
from studio.imaging import heat
from studio.imaging.cropping import scaled
from studio.imaging.inlay import Inlay
from studio.imaging.stitching import stitch
from studio.models.family import Family

ROOM = 2.5
"""A heat map's scale ends at so many times the largest root mean square of the run's steps: more
than that is rare in any one place."""

Draw = Callable[[Tensor], Tensor]
"""Latents [1, C, h, w] made RGB [1, 3, H, W], about −1…1: by the decoder, or by its preview."""


def latents(trajectory: Trajectory, index: int, image: int, view: View) -> Tensor:
    """What is decoded to show this view [1, C, h, w]; of a heat map, the x̂0 that lies under it.

    x is divided by √(alpha² + sigma²): that is 1 where variance is preserved, and elsewhere
    brings x to the deviation that decoders are used to. Raises BadInput if the run has no such
    step or view.
    """
    step = trajectory.at(index)
    level = trajectory.levels[index]
    match view:
        case "x":
            seen = step.before.x / math.hypot(level.alpha, level.sigma)
        case "noise":
            seen = to_epsilon(step.x0, step.before.x, level)
        case "unprompted":
            seen, _ = _parts(step)
        case "prompted":
            _, seen = _parts(step)
        case _:
            seen = step.x0
    return seen[image : image + 1].float()


def amount(trajectory: Trajectory, index: int, image: int, view: View) -> Tensor:
    """A heat map's values [h, w], ≥ 0: at each place the root mean square over the channels.

    The root mean square of them all is the number that `Stepped` tells for the step. Before the
    run's first step there is no other, so nothing has changed in it. Raises BadInput like
    `latents`.
    """
    step = trajectory.at(index)
    if view == "guidance":
        without, given = _parts(step)
        moved = given.float() - without.float()
    elif index == trajectory.first:
        moved = torch.zeros_like(step.x0)
    else:
        moved = step.x0.float() - trajectory.at(index - 1).x0.float()
    return moved[image].square().mean(dim=0).sqrt()


def scale(trajectory: Trajectory, image: int, view: View) -> float:
    """The value at which a heat map's scale ends, one for all steps of the run taken so far."""
    measured = [
        measures.guidance if view == "guidance" else measures.change
        for measures in trajectory.measures
    ]
    return ROOM * max((of[image] for of in measured if of), default=0.0)


def quick(trajectory: Trajectory, look: Look, inlay: Inlay | None = None) -> tuple[Picture, float]:
    """The view through the linear preview, and a heat map's scale. Small, and at once.

    `inlay`: of a run with a mask, so that it is seen at its place in the picture.
    """
    if trajectory.preview is None:
        raise BadInput("This run has no quick preview.", "Look when nothing else is running.")
    picture, end = _drawn(trajectory, look, trajectory.preview)
    if inlay is not None:
        picture = inlay.compose(picture, whole=not _a_picture(look.view))
    return picture, end


def inlay_of(trajectory: Trajectory) -> Inlay | None:
    """Of a run with a mask. It scales the whole picture down, so it is best kept."""
    if trajectory.source is None or trajectory.mask is None or trajectory.plan is None:
        return None
    return Inlay(trajectory.source, trajectory.mask, trajectory.plan)


def exact(trajectory: Trajectory, look: Look, family: Family) -> tuple[Picture, float]:
    """The view through the model's decoder, and a heat map's scale.

    With a mask it is seen at its place in the whole picture: x̂0 pasted as the result will be,
    what is no picture as all of the part that the model sees.
    """
    picture, end = _drawn(trajectory, look, lambda seen: decoded(family, seen))
    picture = kept(picture, trajectory.size)
    source, mask, plan = trajectory.source, trajectory.mask_at(look.index), trajectory.plan
    if source is None or mask is None or plan is None:
        return picture, end
    if _a_picture(look.view):
        return stitch(source, picture, mask, plan, trajectory.record.recipe.colour_match)[0], end
    pixels = source.pixels[..., :3].copy()
    pixels[plan.box.rows, plan.box.columns] = scaled(picture.pixels, plan.box.size)
    return Picture(pixels), end


@torch.inference_mode()
def _drawn(trajectory: Trajectory, look: Look, draw: Draw) -> tuple[Picture, float]:
    if look.view not in HEAT:
        seen = latents(trajectory, look.index, look.image, look.view)
        return to_picture(draw(seen)), 0.0
    values = amount(trajectory, look.index, look.image, look.view)
    end = scale(trajectory, look.image, look.view)
    under = to_picture(draw(latents(trajectory, look.index, look.image, look.view)))
    shares = heat.share(heat.enlarge(values.numpy(), under.size), end)
    return Picture(heat.colours(shares)) if look.pure else heat.over(under, shares), end


def _a_picture(view: View) -> bool:
    return view in ("x0", "prompted", "unprompted")


def _parts(step: Step) -> tuple[Tensor, ...]:
    if not step.parts:
        raise BadInput(
            "This step was taken without guidance, so there is nothing with and without.",
            "Look at another view, or make the picture with a guidance above 1.",
        )
    return step.parts
