"""Where a fill may take its material from, on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from studio.core.errors import BadInput
from studio.core.material import marked
from studio.core.model_info import ModelInfo
from studio.core.picture import Mask
from studio.imaging.opening import open_mask


def add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--from-mask", type=Path, metavar="FILE", help="fill only from where this is white")
    add("--not-from-mask", type=Path, metavar="FILE", help="never fill from where this is white")


def check(args: argparse.Namespace, info: ModelInfo) -> None:
    """BadInput for a model that does not fill from places of the picture."""
    if (args.from_mask or args.not_from_mask) and not info.abilities.material:
        raise BadInput(
            f"{info.title} does not fill from places of the picture, so they cannot be chosen.",
            "Use --model patches, or leave --from-mask and --not-from-mask out.",
        )


def read(args: argparse.Namespace) -> Mask | None:
    """What the two mark; None if there are none."""
    here = open_mask(args.from_mask) if args.from_mask else None
    size = here.size if here else None
    return marked(here, open_mask(args.not_from_mask, size) if args.not_from_mask else None)
