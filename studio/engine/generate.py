"""One request from start to end, as a generator of events."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from threading import Event as Flag

import numpy as np
import torch

from studio.core.errors import StudioError
from studio.core.events import (
    Edited,
    Event,
    Finished,
    Paused,
    Result,
    Resumed,
    Started,
    Stepped,
    Warned,
)
from studio.core.picture import Picture
from studio.core.request import Request
from studio.diffusion.state import Step
from studio.engine.archive import Archive
from studio.engine.course import Course
from studio.engine.helm import Change, Helm
from studio.engine.interrupt import check, interruptible
from studio.engine.large import decode
from studio.engine.memory.keeper import Keeper, unplanned
from studio.engine.pixels import images, thumbnail, to_picture
from studio.engine.prepare import Prepared, prepare
from studio.engine.soundness import check_sound
from studio.engine.speaking import not_understood
from studio.engine.trajectory import Trajectory
from studio.imaging.encoding import png_bytes
from studio.imaging.stitching import stitch
from studio.library import atomic
from studio.library.library import Library
from studio.library.trajectory import FILE, write_trajectory
from studio.models.family import Family

OFTEN = 16
"""After so many steps older runs make room for those of this one."""


def _nothing() -> bool:
    return False


EXPORTED = re.compile(rf"{re.escape(FILE)}|x0_\d{{3,}}(-\d+)?\.png")
"""The files of an exported trajectory. The tensors' name sorts first, so they go and come last."""


@torch.inference_mode()
def generate(
    request: Request,
    run: str,
    family: Family,
    model_hash: str,
    library: Library,
    archive: Archive,
    cancel: Flag,
    helm: Helm | None = None,
    idle: Callable[[], bool] = _nothing,
    keeper: Keeper | None = None,
) -> Iterator[Event]:
    """Started, one Stepped a step, Finished. Every picture is saved before Finished is told.

    Raises Cancelled soon after `cancel` is set; the steps taken until then stay in the archive.
    """
    began = time.perf_counter()
    keeper = keeper or unplanned(run, family)
    with interruptible(family.networks(), cancel):
        prepared, trajectory = yield from take(
            request, run, family, model_hash, library, archive, cancel, helm, idle, keeper
        )
        taken = prepared.recipe.take
        end = trajectory.at(taken).x0 if taken >= 0 else trajectory.steps[-1].after.x
        results: list[Result] = []
        for image, latent in enumerate(images(end) if request.until is None else ()):
            check(cancel)
            draw = partial(decode, family, latent, trajectory.size)
            drawn = keeper.within("decode", draw)
            yield from keeper.news()
            check(cancel)
            trajectory.record = keeper.noted(trajectory.record)
            results.append(_keep(drawn, image, request, prepared, trajectory, library))
        if request.trajectory:
            keeper.within(
                "decode",
                partial(export_trajectory, trajectory, family, request.trajectory, cancel),
            )
            yield from keeper.news()
    yield Finished(run, tuple(results), time.perf_counter() - began)


@torch.inference_mode()
def take(
    request: Request,
    run: str,
    family: Family,
    model_hash: str,
    library: Library,
    archive: Archive,
    cancel: Flag,
    helm: Helm | None = None,
    idle: Callable[[], bool] = _nothing,
    keeper: Keeper | None = None,
) -> Generator[Event, None, tuple[Prepared, Trajectory]]:
    """All steps of a run and no picture: Started, and one Stepped a step.

    `helm` steers it, and `idle` does other work while it is paused (see `studio.engine.helm`).

    Raises Cancelled soon after `cancel` is set. Stopped or failed, the steps so far are kept.
    """
    keeper = keeper or unplanned(run, family)
    yield from keeper.news()
    with interruptible(family.networks(), cancel):
        ready = partial(prepare, request, run, family, model_hash, library, archive)
        prepared = keeper.within("text", ready)
        check(cancel)
        trajectory = Trajectory(
            run,
            prepared.record,
            prepared.schedule.levels,
            prepared.schedule.targets,
            prepared.first,
            prepared.source,
            prepared.mask,
            prepared.plan,
            prepared.held.cpu() if prepared.held is not None else None,
            family.preview.on("cpu"),
            material=prepared.inputs.material,
        )
        archive.add(trajectory)
        yield Started(run, prepared.recipe, prepared.state.index, prepared.end, prepared.plan)
        yield from not_understood(family, prepared.recipe, run)
        try:
            for step in prepared.inherited:
                yield _stepped(trajectory, step, 0.0, family, prepared.end)
            course = Course(prepared, trajectory, family, library)
            helm = helm or Helm(cancel)
            for event in _walk(course, prepared, trajectory, family, cancel, helm, idle, keeper):
                yield event
                if len(trajectory.steps) % OFTEN == 0:
                    archive.trim(run)
            helm.over = True
            if late := helm.take_changes():
                yield _changed(course, late, trajectory, prepared.end)
        finally:
            trajectory.record = keeper.noted(trajectory.record)
            # Before any picture is saved: whatever happens then, every picture has its steps.
            if request.scratch:
                archive.trim(run)
            else:
                archive.write(run)
    return prepared, trajectory


def _walk(
    course: Course,
    prepared: Prepared,
    trajectory: Trajectory,
    family: Family,
    cancel: Flag,
    helm: Helm,
    idle: Callable[[], bool],
    keeper: Keeper,
) -> Iterator[Event]:
    """Step after step; between two of them the run can be made to wait, and be changed."""
    state, end = prepared.state, prepared.end
    while state.index < end:
        yield from _steered(course, helm, trajectory, state.index, idle)
        check(cancel)
        before = time.perf_counter()
        for step in keeper.steps(course.steps, state):
            yield from keeper.news()
            check_sound(step, prepared.schedule.steps, family)
            seconds = time.perf_counter() - before
            state = step.after
            yield _stepped(trajectory, step, seconds, family, end)
            check(cancel)
            if helm.calls or course.turns(state.index) or state.index >= end:
                break
            before = time.perf_counter()


def _steered(
    course: Course, helm: Helm, trajectory: Trajectory, index: int, idle: Callable[[], bool]
) -> Iterator[Event]:
    """What the person did at the helm before this step: changes, a pause, or nothing."""
    paused = False
    while True:
        if changes := helm.take_changes():
            yield _changed(course, changes, trajectory, index)
        if not helm.halted:
            break
        if not paused or helm.stirred:
            paused, helm.stirred = True, False
            yield Paused(trajectory.run, index)
        if not idle():
            helm.rest()
    if helm.let_go() and paused:
        yield Resumed(trajectory.run)


def _changed(course: Course, changes: list[Change], trajectory: Trajectory, index: int) -> Event:
    try:
        mask = course.change(changes, index)
    except StudioError as error:
        return Warned(trajectory.run, error.message, error.hint)
    return Edited(trajectory.run, course.recipe, mask)


def _stepped(
    trajectory: Trajectory, step: Step, seconds: float, family: Family, count: int
) -> Stepped:
    """Keep the step, and say what there is to say of it."""
    level = trajectory.levels[step.before.index]
    drawn = [family.preview(x0.to(family.device)) for x0 in images(step.x0)]
    previews = tuple(map(to_picture, drawn))
    small = np.stack([to_picture(thumbnail(pixels)).pixels for pixels in drawn])
    small.flags.writeable = False
    trajectory.add(step, seconds, small)
    return Stepped(
        trajectory.run,
        step.before.index,
        count,
        previews,
        level.alpha,
        level.sigma,
        level.timestep,
        trajectory.seconds[-1],
        trajectory.measures[-1].change,
        trajectory.measures[-1].guidance,
        tuple(map(Picture, small)),
    )


def _keep(
    drawn: Picture,
    image: int,
    request: Request,
    prepared: Prepared,
    trajectory: Trajectory,
    library: Library,
) -> Result:
    """Paste the fill back, save the picture, and say what was saved."""
    picture, changed = drawn, None
    mask = trajectory.mask_at(prepared.end - 1)
    if prepared.source and mask and prepared.plan:
        picture, changed = stitch(
            prepared.source, drawn, mask, prepared.plan, prepared.recipe.colour_match
        )
    record = trajectory.record.alone(image)
    out = _numbered(request.out, image)
    path = library.save(picture, record, out, request.saving, request.original)
    return Result(picture, path, record, changed)


def _numbered(out: Path | None, image: int) -> Path | None:
    """a.png, a-2.png, a-3.png, … for the pictures of a batch."""
    return out.with_stem(f"{out.stem}-{image + 1}") if out and image else out


def export_trajectory(trajectory: Trajectory, family: Family, folder: Path, cancel: Flag) -> None:
    """Write x0_000.png … (x̂0 of each step, decoded) and trajectory.safetensors into `folder`.

    Raises CannotWrite. The folder gets all of it or, if that fails or is cancelled, nothing; an
    earlier trajectory in it is replaced.
    """
    with atomic.staged(folder, EXPORTED) as stage:
        for step in trajectory.steps:
            for image, x0 in enumerate(images(step.x0)):
                check(cancel)
                picture = decode(family, x0, trajectory.size)
                path = _numbered(stage / f"x0_{step.before.index:03d}.png", image)
                assert path is not None
                atomic.write(path, png_bytes(picture))
        write_trajectory(stage, trajectory.rows(), trajectory.record)
