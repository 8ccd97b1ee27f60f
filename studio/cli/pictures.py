"""generate, replay and inspect."""

from __future__ import annotations

import argparse
import os
import secrets
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.cli import material
from studio.cli.console import Console
from studio.cli.loras import whole
from studio.cli.running import Running
from studio.cli.way import check_steps, on_the_way
from studio.core.adapters import joined
from studio.core.errors import BadInput, CannotWrite
from studio.core.events import Finished
from studio.core.filling import CONTINUE, WITH_WORDS, usual_fill
from studio.core.options import Value
from studio.core.recipe import MAX_SEED, Recipe
from studio.core.record import Record
from studio.core.request import Request
from studio.core.samplers import sampler_info
from studio.core.saving import SUFFIXES, Saving
from studio.core.sizing import check_mask, check_size
from studio.engine.replay import replay_request
from studio.imaging.encoding import as_saved, form_of
from studio.imaging.metadata import read_record
from studio.imaging.opening import open_mask, open_native, open_picture
from studio.library import atomic
from studio.library.folders import Folders
from studio.models.catalogue import DEFAULT_MODEL, Catalogue

RECIPE_WORDS = (
    "prompt",
    "negative_prompt",
    "model",
    "size",
    "steps",
    "sampler",
    "guidance_scale",
    "guidance_rescale",
    "spacing",
    "sigmas",
    "seed",
    "batch",
    "strength",
    "feather",
    "context",
    "box",
    "fill",
    "colour_match",
    "inpaint_channels",
    "extend",
    "tile",
    "adapters",
    "vae",
)
SAVING_WORDS = ("quality", "sampling", "lossless", "compression", "depth", "metadata", "profile")
IMAGE_STRENGTH = 0.7
MOST_THREADS = 256


def generate(args: argparse.Namespace) -> int:
    """Text to image, image to image or inpainting, by which files are given."""
    if args.mask and not args.image:
        raise BadInput("--mask needs --image: the picture that it lies on.")
    if (args.from_mask or args.not_from_mask) and not (args.mask or args.extend):
        raise BadInput("--from-mask and --not-from-mask need --mask: what is to be filled.")
    if args.extend and not args.image:
        raise BadInput("--extend needs --image: the picture to add to.")
    if args.strength is not None and not args.image:
        raise BadInput("--strength needs --image: the picture to start from.")
    folders = Folders.default()
    info = Catalogue(folders).find(args.model or DEFAULT_MODEL)
    abilities = info.abilities
    if args.prompt is None and args.image is None and abilities.prompt:
        raise BadInput("There is no prompt.", 'Give one: --prompt "a lighthouse by the sea".')
    region = bool(args.mask or args.extend)
    base = Recipe(
        model=info.name,
        size=abilities.native_size,
        steps=abilities.default_steps,
        sampler=abilities.default_sampler,
        guidance_scale=abilities.default_guidance,
        seed=secrets.randbelow(MAX_SEED + 1),
        strength=IMAGE_STRENGTH if args.image else 1.0,
    )
    check_mask(info, region)
    material.check(args, info)
    if region:
        strength = WITH_WORDS if args.prompt else CONTINUE if abilities.prompt else 1.0
        native = max(abilities.native_size.width, abilities.native_size.height)
        whole = args.extend and not abilities.mask_needed
        tile = native if whole else 0
        base = replace(base, strength=strength, colour_match=1.0, tile=tile)
    recipe = recipe_from(base, args)
    if region and args.fill is None:
        fill = usual_fill(not args.prompt, recipe.strength, bool(args.extend))
        fill = abilities.default_fill or fill
        recipe = replace(recipe, fill=fill)
    recipe = on_the_way(recipe, args).check()
    check_steps(recipe)
    console = Console(args.json)
    check_outputs(args)
    source = original = None
    if args.image:
        opened = open_picture(args.image)
        source, original = opened.picture, opened.original
        for note in (opened.damage, *opened.notes):
            if note:
                console.say(note)
        if args.size is None and not region:
            recipe = replace(recipe, size=source.size)
    if source is None:
        check_size(recipe.size, abilities)
    request = Request(
        recipe,
        source,
        open_mask(args.mask) if args.mask else None,
        source_name=args.image.name if args.image else "",
        out=args.out,
        saving=saving_of(args),
        original=original,
        trajectory=args.trajectory,
        material=material.read(args),
    ).check()
    return _run(request, args, console)


def replay(args: argparse.Namespace) -> int:
    """Make a picture again from its own metadata; 0 only if every pixel is the same."""
    record = read_record(args.file)
    original = open_picture(args.file).original
    if args.out:
        _check_file(args.out, (".png",))
    console = Console(args.json)
    with Running(console, args.device, _threads(record), _memory(record)) as running:
        request = replay_request(record, running.library, running.rerun)
        finished, scratch = running.aside(request)
        # as it was saved: a photo's own depth and colours, if it was made from one
        form = form_of(args.file.suffix or ".png")
        again = as_saved(finished.results[0].picture, form, Saving(), original).samples
        if record.model_hash and finished.results[0].record.model_hash != record.model_hash:
            console.say("The model's files are not the ones this picture was made with.")
        if args.out:
            atomic.write(args.out, scratch)
    here = open_native(args.file).samples
    same = here.shape == again.shape and bool(np.array_equal(here, again))
    differing = None
    if here.shape == again.shape:
        differing = int((here != again).any(axis=2).sum())
    console.result(
        {"same": same, "differing_pixels": differing, "file": str(args.file)},
        "Every pixel is the same."
        if same
        else f"{differing} of {here.shape[0] * here.shape[1]} pixels differ."
        if differing is not None
        else f"The picture came out as {again.shape[1]}x{again.shape[0]}.",
    )
    return 0 if same else 1


def _threads(record: Record) -> int:
    """What the picture was computed with: sums come out otherwise when they are split otherwise."""
    threads = dict(record.software).get("threads", "")
    return min(int(threads), MOST_THREADS) if threads.isdecimal() else 0


def _memory(record: Record) -> str:
    """Weights in 8 bits make another picture, so it is made again with them."""
    return "fp8" if "8 bits" in dict(record.software).get("memory", "") else "auto"


def inspect(args: argparse.Namespace) -> int:
    """Print the recipe found in a picture as JSON."""
    Console(True).result(read_record(args.file).to_json(), "")
    return 0


def _run(request: Request, args: argparse.Namespace, console: Console) -> int:
    with Running(console, args.device, memory=args.memory) as running:
        finished = running.run(request)
    tell(finished, running.band, console)
    return 0


def tell(finished: Finished, band: int | None, console: Console) -> None:
    """Say what was made, as text or JSON."""
    console.result(_summary(finished, band), _sentence(finished, band))


def recipe_from(base: Recipe, args: argparse.Namespace) -> Recipe:
    """`base` with what the command line says instead."""
    given = {
        word: getattr(args, word) for word in RECIPE_WORDS if getattr(args, word, None) is not None
    }
    if "adapters" in given:
        given["adapters"] = joined(given["adapters"])
    if "vae" in given:
        given["vae"] = whole(given["vae"])
    recipe = replace(base, **given)
    options: dict[str, Value] = dict(args.options)
    if args.eta is not None:
        options["eta"] = args.eta
    names = [option.name for option in sampler_info(recipe.sampler).options]
    wrong = sorted(set(options) - set(names))
    if wrong:
        raise BadInput(
            f"The sampler {recipe.sampler} has no option {wrong[0]}.",
            f"It has: {', '.join(names) or 'none'}.",
        )
    kept = base.sampler_options if recipe.sampler == base.sampler else {}
    return replace(recipe, sampler_options={**kept, **options})


def check_outputs(args: argparse.Namespace) -> None:
    """Find out now, not after minutes of work, that a result could not be written."""
    if args.out:
        _check_file(args.out, tuple(SUFFIXES))
    else:
        _check_folder(Folders.default().pictures)
    if args.trajectory:
        _check_folder(args.trajectory)


def saving_of(args: argparse.Namespace) -> Saving:
    """Raises BadInput for a quality that there is not."""
    given = {name: getattr(args, name) for name in SAVING_WORDS if getattr(args, name) is not None}
    if not 1 <= given.get("quality", 1) <= 100:
        raise BadInput(f"A quality of {given['quality']} does not exist.", "Give 1 to 100.")
    return Saving(**given)


def _check_file(path: Path, suffixes: tuple[str, ...]) -> None:
    if path.suffix.lower() not in suffixes:
        raise BadInput(
            f"{path} is not the name of a {', '.join(suffixes)} file.",
            "The end of the name says how the picture is saved.",
        )
    if not path.parent.is_dir():
        raise CannotWrite(f"There is no folder {path.parent}.", "Make it first.")
    _check_folder(path.parent)
    try:
        if path.is_dir():
            raise BadInput(f"{path} is a folder.", "Give the name of a file.")
    except OSError as error:  # such as a name that is too long
        raise atomic.cannot_write(path, error) from error


def _check_folder(folder: Path) -> None:
    """CannotWrite if nothing could be written there; a folder that is missing is not made yet."""
    try:
        nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        descriptor, probe = tempfile.mkstemp(prefix=".studio-", suffix=".part", dir=nearest)
        os.close(descriptor)
        Path(probe).unlink()
    except OSError as error:
        raise atomic.cannot_write(folder, error) from error


def _summary(finished: Finished, band: int | None) -> dict[str, object]:
    pictures = [
        {
            "path": str(result.path),
            "seed": result.record.recipe.seed,
            "size": [result.picture.size.width, result.picture.size.height],
            "changed_outside_mask": result.changed_outside,
        }
        for result in finished.results
    ]
    recipe = finished.results[0].record.recipe.to_json()
    return {
        "run": finished.run,
        "seconds": round(finished.seconds, 3),
        "pictures": pictures,
        "blended_band": band,
        "recipe": recipe,
    }


def _sentence(finished: Finished, band: int | None) -> str:
    lines = [f"{result.path}  (seed {result.record.recipe.seed})" for result in finished.results]
    if band is not None:
        changed = sum(result.changed_outside or 0 for result in finished.results)
        lines.append(
            f"Blended within {band} pixels outside the mask; "
            f"{changed} pixels changed beyond that band."
        )
    return "\n".join(lines)
