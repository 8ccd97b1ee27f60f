"""Going on from a step of another run: what is its own, what is new, and what cannot be."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

from studio.core.errors import BadInput
from studio.core.events import Plan
from studio.core.geometry import Box
from studio.core.picture import Mask
from studio.core.recipe import MAX_STEPS, SCHEDULE, Recipe
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


def settle(request: Request, parent: Trajectory, family: Family) -> Request:
    """The branch as it will be made: its own steps, its own fork. Raises BadInput if it cannot."""
    assert request.fork is not None
    step, recipe, before = request.fork.step, request.recipe, parent.record.recipe
    state = parent.state(step)
    check_branch(request, parent, state, family)
    if request.fork.rest:
        recipe = _with_rest(recipe, request.fork, parent, family)
    if request.mask is not None:  # It takes the place of those before.
        edits = (replace(e, mask="") if e.step <= step else e for e in recipe.edits)
        recipe = replace(recipe, edits=tuple(e for e in edits if e.changes or e.mask))
    elif recipe in (before, before.going_on(step)):
        # Nothing is new, so its end is the parent's. Steps that the parent has from a run before
        # it were made with that one's settings, and are taken over.
        step = max(step, parent.record.origin.step) if parent.record.origin else step
    changed = recipe not in (before, before.going_on(step)) and recipe.take < 0
    if changed and step == len(parent.levels) - 1:
        raise BadInput("There are no steps left to change.", "Branch from an earlier step.")
    return replace(request, recipe=recipe, fork=replace(request.fork, step=step, rest=0))


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
    check_reach(mask, request.recipe.feather, plan)


def check_reach(mask: Mask, feather: int, plan: Plan) -> None:
    """BadInput if a mask goes beyond what the model sees."""
    reach = bounds(mask).grow(feather).intersect(Box.of(mask.size))
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


def _with_rest(recipe: Recipe, fork: Fork, parent: Trajectory, family: Family) -> Recipe:
    """The recipe with so many steps in all that `fork.rest` of them, or just more, are left."""
    left = len(parent.levels) - 1 - fork.step
    if fork.rest == left and _same_schedule(recipe, parent.record.recipe):
        return recipe
    here = parent.levels[fork.step]
    size = parent.plan.working_size if parent.plan else parent.record.recipe.size
    size = padded(size, family.info.abilities.multiple)

    def enough(steps: int) -> bool:
        try:
            levels = family.schedule(replace(recipe, steps=steps), size).levels
        except BadInput:  # more than the model was trained for
            return True
        return sum(level.ratio < here.ratio for level in levels) >= fork.rest

    steps = 1 + bisect_left(range(1, MAX_STEPS), True, key=enough)
    edits = tuple(edit for edit in recipe.edits if edit.step <= fork.step)
    return replace(recipe, steps=steps, edits=edits)


def _same_schedule(one: Recipe, other: Recipe) -> bool:
    """Whether all that a family makes its levels from is the same; the size of a branch is."""
    return all(getattr(one, name) == getattr(other, name) for name in SCHEDULE)
