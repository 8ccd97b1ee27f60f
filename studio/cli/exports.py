"""export: the steps of a run as a film, pages, tensors or numbers."""

from __future__ import annotations

import argparse

from studio.cli.console import Console
from studio.cli.running import Running
from studio.core.errors import BadInput
from studio.core.exports import Export, form_of
from studio.library.trajectory import read_trajectory


def export(args: argparse.Namespace) -> int:
    """Write the steps of a trajectory to the file, in the form that its name says."""
    record = read_trajectory(args.folder).record
    batch = record.recipe.batch
    if not 1 <= args.image <= batch:
        raise BadInput(f"This run has no picture {args.image}.", f"It has 1 to {batch}.")
    asked = Export(
        record.run,
        form_of(args.out),
        args.out,
        args.image - 1,
        args.view,
        args.fps,
        args.hold,
        args.caption,
        args.width,
        args.exact,
        args.folder,
    ).check()
    console = Console(args.json)
    with Running(console, args.device) as running:
        running.export(asked)
    console.result({"path": str(asked.path), "form": asked.form}, str(asked.path))
    return 0
