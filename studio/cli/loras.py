"""--lora and --vae: what a model wears."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from studio.core.adapters import Adapter
from studio.core.recipe import Recipe


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lora",
        type=adapter,
        action="append",
        metavar="NAME[:WEIGHT]",
        dest="adapters",
        help="a LoRA by name or file, from -10 to 10, 1 if left out; may be given many times",
    )
    parser.add_argument("--vae", metavar="NAME", help="another autoencoder, by name or file")


def adapter(text: str) -> Adapter:
    """ "ink:0.8", "styles/ink", "C:\\\\loras\\\\ink.safetensors:0.8"."""
    name, colon, weight = text.rpartition(":")
    try:
        found = Adapter(name, float(weight)) if colon and name else Adapter(text)
    except ValueError:  # the colon is a part of the name
        found = Adapter(text)
    if not found.name:
        raise argparse.ArgumentTypeError("a name is missing")
    return replace(found, name=whole(found.name))


def whole(name: str) -> str:
    """A file's path from the root on, so that the recipe finds it from everywhere."""
    path = Path(name).expanduser()
    try:
        return str(path.absolute()) if path.suffix and path.is_file() else name
    except OSError:
        return name


def weighed(recipe: Recipe, changed: Adapter) -> tuple[Adapter, ...]:
    """The recipe's adapters with this one's weight, or with it besides."""
    if all(one.name != changed.name for one in recipe.adapters):
        return (*recipe.adapters, changed)
    return tuple(changed if one.name == changed.name else one for one in recipe.adapters)
