"""explain: the formulas of one step, with its numbers, from a saved trajectory."""

from __future__ import annotations

import argparse
import sys

from studio.core.errors import BadInput
from studio.core.explanation import Place, as_latex, as_text
from studio.library.folders import Folders
from studio.library.library import Library
from studio.library.trajectory import read_trajectory
from studio.models.catalogue import Catalogue


def explain(args: argparse.Namespace) -> int:
    """Print the explanation as text or as LaTeX. Needs no model, and no network is run."""
    # Here, since the other commands must not wait for torch.
    from studio.engine.explain import explain as explained
    from studio.engine.explain import model_of
    from studio.engine.restore import restore

    stored, folders = read_trajectory(args.folder), Folders.default()
    batch = stored.record.recipe.batch
    if not 1 <= args.image <= batch:
        raise BadInput(f"This run has no picture {args.image}.", f"It has 1 to {batch}.")
    library = Library(folders)
    try:
        trajectory = restore(stored, library)
    finally:
        library.close()
    model = model_of(trajectory.record, args.step, Catalogue(folders))
    place = Place(*args.place) if args.place else None
    found = explained(trajectory, args.step, args.image - 1, model, place)
    sys.stdout.write(as_latex(found) if args.latex else as_text(found))
    return 0
