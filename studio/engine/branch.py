"""Going on from a step of another run: what is its own, what is new, and what cannot be."""

from __future__ import annotations

from dataclasses import replace

from studio.core.errors import BadInput
from studio.core.events import Plan
from studio.core.geometry import Box
from studio.core.recipe import Recipe
from studio.core.request import Fork, Request
from studio.core.sizing import padded
from studio.diffusion.schedule import Schedule
from studio.diffusion.state import State, Step
from studio.engine.archive import Archive
from studio.engine.restore import restore
from studio.engine.trajectory import Trajectory
from studio.imaging.masks import bounds
from studio.library.library import Library
from studio.library.trajectory import read_trajectory
from studio.models.family import Family


def parent_of(fork: Fork, library: Library, archive: Archive) -> Trajectory:
    """The run to branch from: as it is kept, or as it was written to its folder."""
    if fork.folder is None:
        return archive.get(fork.run)
    trajectory = restore(read_trajectory(fork.folder), library)
    archive.add(trajectory)
    return trajectory


def check_branch(request: Request, parent: Trajectory, state: State, family: Family) -> None:
    """BadInput for what cannot change between a run and its branch."""
    before = parent.record.recipe
    if request.recipe.batch != before.batch:
        raise BadInput(
            f"This run has {before.batch} pictures in its batch; a branch keeps that number."
        )
    size = parent.plan.working_size if parent.plan else before.size
    size = padded(size, family.info.abilities.multiple)
    if family.latent_shape(size) != tuple(state.x.shape[1:]):
        raise BadInput(
            f"{family.info.title} cannot go on from the steps of {before.model}.",
            f"Branch with {before.model}, or start anew with {family.info.name}.",
        )
    if parent.plan is not None:
        _check_region(request, parent, parent.plan)
    if request.mask is None or parent.source is not None:
        return
    # Outside the mask the run's own end is held, and there is one picture to paste into.
    if before.batch > 1:
        raise BadInput(
            f"This run has {before.batch} pictures; a region can be changed in one.",
            "Make the picture again alone from its seed, and branch from that.",
        )
    if parent.steps[-1].after.index < len(parent.levels) - 1:
        raise BadInput(
            "This run was stopped before its end, so it has no picture to change a region of.",
            "Branch from it without a mask, or make the picture again.",
        )


def _check_region(request: Request, parent: Trajectory, plan: Plan) -> None:
    """The part of the picture that the model sees is the parent's: the steps are of that part."""
    now, before = request.recipe, parent.record.recipe
    if (now.context, now.box) != (before.context, before.box):
        raise BadInput("A branch sees what its run saw.", "Leave context and box out.")
    mask = request.mask or parent.mask
    if mask is None or parent.source is None or mask.size != parent.source.size:
        return  # Nothing is pasted, or another check says what is wrong.
    reach = bounds(mask).grow(request.recipe.feather).intersect(Box.of(mask.size))
    if not plan.box.contains(reach):
        raise BadInput(
            "The mask and its soft edge reach beyond the part of the picture that this run saw.",
            "Paint inside it, use a smaller feather, or fill the new region in a run of its own.",
        )


def go_on(
    parent: Trajectory, index: int, recipe: Recipe, schedule: Schedule, family: Family
) -> tuple[Schedule, State, tuple[Step, ...]]:
    """The state to go on from, and the levels for the rest.

    With the schedule that the parent asked for the rest is the parent's; otherwise it is what the
    new schedule has below the level of the fork.
    """
    before = parent.state(index)
    levels, rest = parent.levels, schedule.levels[index + 1 :]
    ahead = schedule.targets[index:]
    if _same_schedule(recipe, parent.record.recipe):
        # Not made anew: a parent that is itself a branch may have levels of two schedules.
        rest, ahead = levels[index + 1 :], parent.targets[index:]
    elif schedule.levels != levels and index < len(levels) - 1:
        here = levels[index]
        rest = ahead = tuple(level for level in schedule.levels if level.ratio < here.ratio)
    schedule = replace(
        schedule,
        levels=(*levels[: index + 1], *rest),
        targets=(*parent.targets[:index], *ahead),
    )
    previous = before.previous if recipe.sampler == parent.record.recipe.sampler else ()
    state = replace(before, x=before.x.to(family.device), previous=previous)
    return schedule, state, tuple(parent.steps[: index - parent.first])


def _same_schedule(one: Recipe, other: Recipe) -> bool:
    """Whether all that a family makes its levels from is the same; the size of a branch is."""
    names = ("model", "sampler", "steps", "spacing", "sigmas")
    return all(getattr(one, name) == getattr(other, name) for name in names)
