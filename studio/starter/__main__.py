"""`python -m studio.starter sheet | train`: see what is drawn, and train the built-in model."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from studio.core.errors import BadInput, StudioError
from studio.starter.scene import random_scene
from studio.starter.scenes import draw, sheet


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, 1 on failure, 2 on bad arguments, each failure with one sentence."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "sheet":
            _sheet(options)
        else:
            _train(options)
    except StudioError as error:
        print(f"studio.starter: {error}", file=sys.stderr)
        return 2 if isinstance(error, BadInput) else 1
    except OSError as error:
        print(f"studio.starter: {error.strerror}: {error.filename}.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m studio.starter", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    look = commands.add_parser("sheet", help="a contact sheet of random scenes")
    look.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    look.add_argument("--count", type=int, default=48)
    look.add_argument("--columns", type=int, default=8)
    look.add_argument("--size", type=int, default=192, help="side of one picture in pixels")
    look.add_argument("--seed", type=int, default=0)
    look.add_argument("--held-out", action="store_true", help="only combinations never trained on")
    train = commands.add_parser("train", help="train, or go on training")
    train.add_argument("--work", type=Path, required=True, metavar="FOLDER")
    train.add_argument("--config", type=Path, metavar="FILE.json")
    train.add_argument("--out", type=Path, metavar="FOLDER", help="where the finished model goes")
    train.add_argument("--minutes", type=float, help="end the denoiser after this much time")
    train.add_argument("--autoencoder-minutes", type=float)
    train.add_argument("--text-minutes", type=float)
    train.add_argument("--threads", type=int, help="CPU threads for the networks")
    return parser


def _sheet(options: argparse.Namespace) -> None:
    if options.count < 1 or options.columns < 1 or not 8 <= options.size <= 2048:
        raise BadInput("Count and columns start at 1, the size goes from 8 to 2048.")
    rng = np.random.default_rng(options.seed)
    scenes = [random_scene(rng, held_out=options.held_out) for _ in range(options.count)]
    sheet([draw(s, options.size) for s in scenes], options.columns).save(options.out)


def _train(options: argparse.Namespace) -> None:
    import torch

    from studio.starter.config import Config, load_config
    from studio.starter.train import Minutes, Run, pretty

    if options.threads is not None:
        if options.threads < 1:
            raise BadInput("At least one thread is needed.")
        torch.set_num_threads(options.threads)
    known = options.work / "config.json"
    file = options.config or (known if known.exists() else None)
    try:
        config = load_config(file) if file else Config()
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{file} is not a training configuration ({error}).") from error
    run = Run(options.work, config)
    budget = Minutes(options.autoencoder_minutes, options.text_minutes, options.minutes)
    for progress in run.train(budget):
        if progress.saved or progress.step % 50 == 0:
            print(pretty(progress), flush=True)
    if options.out:
        run.publish(options.out)


if __name__ == "__main__":
    sys.exit(main())
