"""branch: going on from a step of an earlier run, by its trajectory or by its picture alone."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from studio.cli import material
from studio.cli.console import Console
from studio.cli.pictures import RECIPE_WORDS, check_outputs, recipe_from, saving_of, tell
from studio.cli.running import Running
from studio.cli.way import on_the_way
from studio.core.errors import BadInput, CannotOpen
from studio.core.picture import Mask
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.core.request import Fork, Request
from studio.core.saving import SUFFIXES
from studio.engine.replay import replay_request
from studio.imaging.metadata import read_record
from studio.imaging.opening import open_mask
from studio.library.folders import Folders
from studio.library.library import Library
from studio.library.trajectory import StoredTrajectory, read_trajectory
from studio.models.catalogue import Catalogue


def branch(args: argparse.Namespace) -> int:
    """Go on from a step of a run, with changes."""
    stored = None if _is_picture(args.source) else read_trajectory(args.source)
    record = stored.record if stored else read_record(args.source)
    step = args.fork_step
    if stored:
        _check_step(stored, step)
    if args.rest is not None and args.steps is not None:
        raise BadInput("--rest and --steps both say how many steps.", "Give one of them.")
    recipe = _recipe(record.recipe, args, step)
    recipe.check()
    mask = open_mask(args.mask) if args.mask else None
    material.check(args, Catalogue(Folders.default()).find(recipe.model))
    marked = material.read(args)
    check_outputs(args)
    console = Console(args.json)
    with Running(console, args.device, memory=args.memory) as running:
        run = record.run if stored else _parent(running, record, step, mask)
        request = Request(
            recipe,
            mask=mask,
            fork=Fork(run, step, args.source if stored else None, args.rest or 0),
            out=args.out,
            saving=saving_of(args),
            trajectory=args.trajectory,
            material=marked,
        )
        finished = running.run(request)
    tell(finished, running.band, console)
    return 0


def _recipe(before: Recipe, args: argparse.Namespace, step: int) -> Recipe:
    now = before.at(max(step, 0))
    asked = recipe_from(now, args)
    names = (*RECIPE_WORDS, "sampler_options")
    changes = {n: getattr(asked, n) for n in names if getattr(asked, n) != getattr(now, n)}
    return on_the_way(before.going_on(max(step, 0), **changes), args, step)


def _parent(running: Running, record: Record, step: int, mask: Mask | None) -> str:
    """The run that a picture is of: as it is kept, or made again as far as it is needed.

    One picture of several is made again alone, which gives the same picture.
    """
    if record.run and _alone(record.run, running.library):
        return record.run
    request = replay_request(record, running.library, running.rerun)
    # Outside a new mask the picture stays as it is, so it has to be known to its end.
    until = None if mask is not None and record.mask is None else step
    return running.rerun(replace(request, until=until))


def _alone(run: str, library: Library) -> bool:
    """Whether that run's steps, or the record to make them again from, are at hand, and are of
    one picture."""
    if run in library.runs:
        try:
            return library.runs.read(run).record.recipe.batch == 1
        except CannotOpen:
            pass
    record = library.record_of(run)
    return record is not None and record.recipe.batch == 1


def _check_step(stored: StoredTrajectory, step: int) -> None:
    indices = [int(index) for index in stored.rows.get("index", ())]
    if not indices:
        raise CannotOpen("This trajectory is incomplete.", "Write it again with --trajectory.")
    if not indices[0] <= step <= indices[-1] + 1:
        raise BadInput(
            f"This trajectory has no step {step}.", f"It has steps {indices[0]} to {indices[-1]}."
        )


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()
