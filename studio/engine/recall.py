"""Kept runs told once more, and those whose steps are gone made again from their records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event as Flag

from studio.core.events import Event, Recalled, Stepped
from studio.core.picture import Picture
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.core.request import Fork
from studio.engine.archive import Archive
from studio.engine.generate import take
from studio.engine.pixels import images, thumbnail, to_picture
from studio.engine.replay import needed, request_of
from studio.engine.trajectory import Trajectory
from studio.library.library import Library
from studio.models.family import Family

Load = Callable[[Recipe], tuple[Family, str]]
"""The model of a recipe, and the hash of its files."""


def recalled(trajectory: Trajectory) -> Recalled:
    """All that was told of the run while it went, with thumbnails for pictures."""
    take = trajectory.record.recipe.take
    count = take + 1 if take >= 0 else len(trajectory.levels) - 1
    return Recalled(
        trajectory.run,
        trajectory.record,
        _own(trajectory),
        count,
        trajectory.plan,
        trajectory.source,
        trajectory.mask_at(trajectory.first + len(trajectory.steps)),
        tuple(_stepped(trajectory, place, count) for place in range(len(trajectory.steps))),
    )


def remake(
    record: Record,
    load: Load,
    library: Library,
    archive: Archive,
    cancel: Flag,
    until: int | None = None,
) -> Iterator[Event]:
    """Takes a run's steps again, and first those of the run it branched from if they are gone.

    `until`: only the steps before this one. Tells Started and Stepped. Raises what a run raises,
    and CannotOpen if a picture that it was made from is no longer in the library.
    """
    fork = None
    if record.origin is not None:
        fork = Fork(record.origin.run, record.origin.step)
        if fork.run not in archive:
            # One without a picture was stopped; where, only its branch knows.
            stopped = library.record_of(fork.run) is None
            enough = needed(record) if stopped else None
            yield from remake(record.origin.record, load, library, archive, cancel, enough)
    request = replace(request_of(record, fork, library), until=until)
    family, model_hash = load(record.recipe)
    yield from take(request, record.run, family, model_hash, library, archive, cancel)


def _own(trajectory: Trajectory) -> int:
    """The first step that this run took itself, rather than the one it branched from."""
    origin = trajectory.record.origin
    return max(trajectory.first, origin.step) if origin else trajectory.first


def _stepped(trajectory: Trajectory, place: int, count: int) -> Stepped:
    index = trajectory.first + place
    level, measures = trajectory.levels[index], trajectory.measures[place]
    return Stepped(
        trajectory.run,
        index,
        count,
        _thumbnails(trajectory, place),
        level.alpha,
        level.sigma,
        level.timestep,
        trajectory.seconds[place],
        measures.change,
        measures.guidance,
    )


def _thumbnails(trajectory: Trajectory, place: int) -> tuple[Picture, ...]:
    if trajectory.thumbnails:
        return tuple(map(Picture, trajectory.thumbnails[place]))
    if trajectory.preview is None:  # written by another program
        return ()
    drawn = [trajectory.preview(x0.float()) for x0 in images(trajectory.steps[place].x0)]
    return tuple(to_picture(thumbnail(pixels)) for pixels in drawn)
