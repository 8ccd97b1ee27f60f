"""The command line's words. Bad ones end with one sentence and exit code 2."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from studio import __version__
from studio.cli import files, hub, loras, material, way
from studio.core.errors import BadInput
from studio.core.exports import Export
from studio.core.filling import CHANNELS, FILLS
from studio.core.geometry import Box, Margins, Size
from studio.core.memory import PLANS
from studio.core.options import Value
from studio.core.samplers import SAMPLERS, SIGMAS, SPACINGS
from studio.core.saving import CHOICES, SUFFIXES
from studio.core.wishes import VIEWS


class Parser(argparse.ArgumentParser):
    """An argument parser that raises BadInput, so that all errors end in one place."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message[:1].upper()}{message[1:]}.", f"See: {self.prog} --help")


def build(commands: Mapping[str, Callable[[argparse.Namespace], int]]) -> Parser:
    """The parser; `commands` are the functions that each sub-command's name runs."""
    parser = Parser(
        prog="studio",
        description="Make and edit pictures with diffusion models, and see every step. "
        "Without a command the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"Diffusion Studio {__version__}")
    # Without a metavar argparse would list the choices where a word is missing.
    subs = parser.add_subparsers(dest="command", required=True, parser_class=Parser)

    def command(name: str, text: str) -> Parser:
        sub = subs.add_parser(name, help=text, description=text)
        sub.set_defaults(do=commands[name])
        return sub

    generate = command("generate", "Make a picture from a prompt, a picture, or a masked picture.")
    _recipe_options(generate)
    way.add_options(generate)
    _inputs(generate)
    _outputs(generate)
    _saving(generate)

    branch = command("branch", "Go on from a step of an earlier run, with changes.")
    branch.add_argument(
        "source",
        type=_path,
        metavar="TRAJECTORY",
        help="its folder or file, or the picture that came of it",
    )
    branch.add_argument("--step", type=int, required=True, metavar="K", dest="fork_step")
    branch.add_argument("--rest", type=int, metavar="N", help="steps from there to the end")
    way.add_options(branch)
    _recipe_options(branch)
    branch.add_argument("--mask", type=_path, metavar="FILE", help="let only this region change")
    material.add_options(branch)
    _outputs(branch)
    _saving(branch)

    replay = command("replay", "Make a picture again from its own metadata and compare.")
    replay.add_argument("file", type=_path, metavar="FILE.png")
    replay.add_argument("--out", type=_path, metavar="FILE.png", help="keep the new picture")
    replay.add_argument("--device", default="")
    replay.add_argument("--json", action="store_true", help="print one JSON object")

    export = command("export", "Take the steps of a run away: a film, a contact sheet, numbers.")
    export.add_argument("folder", type=_path, metavar="TRAJECTORY")
    _export_options(export)

    explain = command("explain", "Print the formulas of a step with its numbers.")
    explain.add_argument("folder", type=_path, metavar="TRAJECTORY")
    explain.add_argument("--step", type=int, required=True, metavar="K")
    explain.add_argument("--image", type=int, default=1, metavar="I", help="of a batch; 1 first")
    explain.add_argument(
        "--place",
        type=int,
        nargs=3,
        metavar=("CHANNEL", "ROW", "COLUMN"),
        help="where numbers are read, from 0; the middle if left out",
    )
    explain.add_argument("--latex", action="store_true", help="for a paper, instead of text")

    inspect = command("inspect", "Print the recipe found in a picture as JSON.")
    inspect.add_argument("file", type=_path, metavar="FILE")

    models = command("models", "List, add, download or remove models.")
    models.set_defaults(action="list", subject="")
    models.add_argument("--json", action="store_true", help="print one JSON object")
    actions = models.add_subparsers(dest="action", parser_class=Parser)
    files.add_actions(actions.add_parser, _json_too)
    hub.add_actions(actions.add_parser, _json_too)

    doctor = command("doctor", "Device, versions, memory, folders and models.")
    doctor.add_argument("--device", default="")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _json_too(action: argparse.ArgumentParser) -> None:
    """--json behind the action as well; left out, it does not undo one in front of it."""
    action.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON object"
    )


def _recipe_options(parser: Parser) -> None:
    """Everything that goes into the recipe. Left out means: the model's default, or inherited."""
    add = parser.add_argument
    add(
        "--prompt",
        metavar="TEXT",
        help="what should be seen: (more) and (words:1.3) weigh, [less] too; {a|b} and __file__ "
        "let the seed choose; <lora:name:0.8> wears one; BREAK begins a new part",
    )
    add("--negative", metavar="TEXT", dest="negative_prompt", help="what should not be seen")
    add("--model", metavar="NAME")
    add("--size", type=_size, metavar="WxH")
    add("--steps", type=int, metavar="N")
    add("--sampler", metavar="NAME", help=", ".join(SAMPLERS))
    add("--eta", type=float, metavar="X", help="noise added back at each step, 0 to 1")
    add(
        "--option",
        type=_option,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="options",
        help="another parameter of the sampler, such as variance=beta",
    )
    add("--guidance", type=float, metavar="X", dest="guidance_scale", help="1 is without")
    add("--rescale", type=float, metavar="X", dest="guidance_rescale", help="0 to 1")
    add("--spacing", metavar="NAME", help=", ".join(name for name, _ in SPACINGS))
    add("--sigmas", metavar="NAME", help=", ".join(name for name, _ in SIGMAS))
    add("--seed", type=int, metavar="N", help="drawn at random if left out")
    add("--batch", type=int, metavar="N", help="pictures, with seeds N, N+1, …")
    add("--feather", type=int, metavar="PX", help="width of the blended band around the mask")
    add("--context", type=float, metavar="X", help="surroundings seen, in mask extents")
    add("--box", type=_box, metavar="X,Y,W,H", help="what is seen, in pixels, instead")
    add("--fill", metavar="NAME", help=f"start from: {', '.join(name for name, *_ in FILLS)}")
    add("--match", type=float, metavar="X", dest="colour_match", help="match colours, 0 to 1")
    add(
        "--channels",
        metavar="NAME",
        dest="inpaint_channels",
        help=f"inpainting networks: {', '.join(name for name, *_ in CHANNELS)}",
    )
    loras.add_options(parser)
    add("--tile", type=int, metavar="PX", help="part of a large picture denoised at once")


def _inputs(parser: Parser) -> None:
    parser.add_argument("--image", type=_path, metavar="FILE", help="the picture to start from")
    parser.add_argument("--strength", type=float, metavar="X", help="how much of it to give up")
    parser.add_argument("--mask", type=_path, metavar="FILE", help="white is replaced")
    material.add_options(parser)
    parser.add_argument(
        "--extend", type=_margins, metavar="L,T,R,B", help="pixels to add on each side"
    )


def _outputs(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "--out",
        type=_path,
        metavar="FILE",
        help=f"{', '.join(SUFFIXES)}; default: a PNG in the pictures folder",
    )
    add("--trajectory", type=_path, metavar="DIR", help="write every step there")
    add("--device", default="", help="cuda, mps, xpu or cpu")
    plans = [plan for plan, _ in PLANS]
    add("--memory", choices=plans, default="auto", help="how the model shares a small device")
    add("--json", action="store_true", help="print one JSON object")


def _saving(parser: Parser) -> None:
    """How `--out` is written. Each is a field of `Saving`."""
    group = parser.add_argument_group("with --out")
    add = group.add_argument
    add("--quality", type=int, metavar="N", help="1 to 100, for JPEG, WebP and AVIF; 95")
    add("--sampling", choices=CHOICES["sampling"], help="of colour, for JPEG and AVIF; 4:4:4")
    add("--lossless", action="store_true", default=None, help="an exact WebP")
    add("--compression", choices=CHOICES["compression"], help="of TIFF")
    add("--depth", choices=CHOICES["depth"], help="bits a channel; as the photo in --image")
    add("--profile", choices=CHOICES["profile"], help="colours; as the photo in --image")
    add(
        "--metadata",
        type=lambda words: words.replace("-", " "),
        choices=CHOICES["metadata"],
        help="what the photo and the recipe say; all",
    )
    add(
        "--no-metadata",
        action="store_const",
        const="none",
        dest="metadata",
        help="say nothing about the picture in its file",
    )


def _export_options(parser: Parser) -> None:
    defaults = Export("", "webp", Path())
    add = parser.add_argument
    add(
        "--out",
        type=_path,
        required=True,
        metavar="FILE",
        help="its ending says the form: .webp .gif .mp4 .png .pdf .safetensors .csv, or a folder",
    )
    add(
        "--view",
        metavar="NAME",
        default=defaults.view,
        help=", ".join(name for name, _, _ in VIEWS),
    )
    add("--image", type=int, default=1, metavar="N", help="which picture of a batch, from 1")
    add("--fps", type=float, default=defaults.fps, metavar="X", help="steps a second")
    add("--hold", type=float, default=defaults.hold, metavar="S", help="seconds more for the last")
    add(
        "--width", type=int, default=0, metavar="PX", help="of a frame; left out, the picture's own"
    )
    add("--no-caption", action="store_false", dest="caption", help="no words under the pictures")
    add("--quick", action="store_false", dest="exact", help="previews instead of decoded pictures")
    add("--device", default="", help="cuda, mps, xpu or cpu")
    add("--json", action="store_true", help="print one JSON object")


def _path(text: str) -> Path:
    """A path. An empty one, as of a script's unset variable, would be the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("a name is missing")
    return Path(text)


def _size(text: str) -> Size:
    try:
        return Size.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a size; write it as 512x512") from None


def _box(text: str) -> Box:
    try:
        x, y, width, height = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a box; write it as x,y,w,h") from None
    return Box(x, y, width, height)


def _margins(text: str) -> Margins:
    try:
        return Margins.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text} is not four widths; write left, top, right and bottom as 64,0,64,0"
        ) from None


def _option(text: str) -> tuple[str, Value]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text} is not an option; write it as name=value")
    return name, _value(value)


def _value(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return {"on": True, "true": True, "off": False, "false": False}.get(text.lower(), text)
