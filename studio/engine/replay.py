"""Making a picture again from its record alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from studio.core.record import Record
from studio.core.request import Fork, Request
from studio.library.library import Library


def replay_request(
    record: Record, library: Library, rerun: Callable[[Request], str], out: Path | None = None
) -> Request:
    """The request that makes the picture of `record` again.

    The runs it branched from are made again first, as far as they are needed, through `rerun`,
    which returns the new run's id. Raises CannotOpen if a source picture or mask is no longer in
    the library.
    """
    fork = None
    if record.origin:
        parent = replay_request(record.origin.record, library, rerun)
        parent = replace(parent, until=needed(record), scratch=True)
        fork = Fork(rerun(parent), record.origin.step)
    return request_of(record, fork, library, out)


def needed(record: Record) -> int | None:
    """How many steps a record needs of the run that it branched from; None for all of them."""
    origin = record.origin
    if origin is None or record.mask != origin.record.mask:
        return None  # Outside a mask of the branch's own the parent's end is kept.
    return origin.step


def request_of(
    record: Record, fork: Fork | None, library: Library, out: Path | None = None
) -> Request:
    """The request that a record is of; `fork` names the run it branched from as it is now.

    Raises CannotOpen if its source or mask is no longer in the library.
    """
    mask = library.asset_mask(record.mask) if record.mask else None
    if fork and record.origin and record.mask == record.origin.record.mask:
        mask = None  # inherited, not changed
    material = library.asset_mask(record.material) if record.material else None
    if fork and record.origin and record.material == record.origin.record.material:
        material = None
    return Request(
        recipe=record.recipe,
        source=library.asset_picture(record.source) if record.source and not fork else None,
        mask=mask,
        fork=fork,
        source_name=record.source.name if record.source else "",
        out=out,
        material=material,
    )
