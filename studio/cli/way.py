"""--edit and --take: what is changed while a run goes, and where it ends."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio.cli.loras import adapter, weighed
from studio.core.edits import Edit
from studio.core.errors import BadInput
from studio.core.recipe import Recipe
from studio.core.samplers import sampler_info
from studio.engine.helm import with_edit
from studio.imaging.opening import open_mask
from studio.library.folders import Folders
from studio.library.library import Library

FIELDS = {
    "prompt": "prompt",
    "negative": "negative_prompt",
    "guidance": "guidance_scale",
    "rescale": "guidance_rescale",
}


@dataclass(frozen=True)
class Wanted:
    """One --edit as it was written: "10:guidance=7"."""

    step: int
    name: str
    value: str


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--edit",
        type=_wanted,
        action="append",
        default=[],
        metavar="STEP:NAME=VALUE",
        dest="edits",
        help="change this from that step on: prompt, negative, guidance, rescale, mask (a file), "
        "lora (10:lora=NAME:WEIGHT) or a parameter of the sampler, such as 10:eta=0.5; may be "
        "given many times",
    )
    parser.add_argument(
        "--take", type=int, metavar="K", help="end with step K and save what it predicts, x̂0"
    )


def on_the_way(recipe: Recipe, args: argparse.Namespace, first: int = 0) -> Recipe:
    """The recipe with the edits and the end asked for. `first`: the first step there is to change.

    Raises BadInput, and CannotOpen or CannotWrite for a mask.
    """
    for wanted in args.edits:
        if wanted.step < first:
            raise BadInput(
                f"--edit {wanted.step}:… is before step {first}, where this begins.",
                "Branch from an earlier step.",
            )
        recipe = with_edit(recipe, _edit(wanted, recipe), wanted.step)
    if args.take is not None:
        if args.take < 0:
            raise BadInput("--take needs the number of a step, from 0.")
        late = [edit.step for edit in recipe.edits if edit.step > args.take]
        if late:
            raise BadInput(f"Step {late[0]} comes after step {args.take}, which --take ends with.")
        recipe = replace(recipe, take=args.take)
    return recipe


def check_steps(recipe: Recipe) -> None:
    """BadInput if something is asked of a step that a run from the beginning never takes."""
    late = max((recipe.take, *(edit.step for edit in recipe.edits)))
    if late >= recipe.steps:
        raise BadInput(
            f"There is no step {late}: {recipe.steps} steps are 0 to {recipe.steps - 1}.",
            "Take more steps, or name an earlier one.",
        )


def _edit(wanted: Wanted, recipe: Recipe) -> Edit:
    name, value = wanted.name, wanted.value
    if name == "mask":
        return Edit(wanted.step, {}, _kept(Path(value)))
    if name in ("prompt", "negative"):
        return Edit(wanted.step, {FIELDS[name]: value})
    if name in FIELDS:
        return Edit(wanted.step, {FIELDS[name]: _number(wanted)})
    now = recipe.at(wanted.step)
    if name == "lora":
        return Edit(wanted.step, {"adapters": weighed(now, adapter(value))})
    options: Mapping[str, Any] = now.sampler_options
    names = [option.name for option in sampler_info(now.sampler).options]
    if name not in names:
        known = ", ".join([*FIELDS, "mask", "lora", *names])
        raise BadInput(f"--edit cannot change {name}.", f"It can: {known}.")
    default = next(o.default for o in sampler_info(now.sampler).options if o.name == name)
    given: Any = value if isinstance(default, str) else _number(wanted)
    return Edit(wanted.step, {"sampler_options": {**options, name: given}})


def _number(wanted: Wanted) -> float:
    try:
        return float(wanted.value)
    except ValueError:
        raise BadInput(
            f"{wanted.name} is a number, not {wanted.value}.",
            f"Such as {wanted.step}:{wanted.name}=1.",
        ) from None


def _kept(path: Path) -> str:
    mask = open_mask(path)
    library = Library(Folders.default())
    try:
        return library.keep(mask, path.name).sha256
    finally:
        library.close()


def _wanted(text: str) -> Wanted:
    step, colon, rest = text.partition(":")
    name, equals, value = rest.partition("=")
    if not (colon and equals and name and step.strip().isdecimal()):
        raise argparse.ArgumentTypeError(f"{text} is not a change; write it as 10:guidance=7")
    return Wanted(int(step), name.strip(), value)
