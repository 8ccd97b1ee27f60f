"""`python -m studio.starter sheet | train | show | evaluate`: draw, train, look and measure."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from studio.core.errors import BadInput, StudioError
from studio.starter.scene import random_scene
from studio.starter.scenes import draw, sheet

MEASURES = ("adherence", "samplers", "guidance", "bound", "inpainting")


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, 1 on failure, 2 on bad arguments, each failure with one sentence."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "sheet":
            _sheet(options)
        elif options.command == "train":
            _train(options)
        elif options.command == "show":
            _show(options)
        else:
            _evaluate(options)
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
    train.add_argument(
        "--start", type=Path, metavar="MODEL", help="begin with its text encoder and denoiser"
    )
    train.add_argument("--minutes", type=float, help="end the denoiser after this much time")
    train.add_argument("--autoencoder-minutes", type=float)
    train.add_argument("--text-minutes", type=float)
    train.add_argument("--decoder-minutes", type=float)
    train.add_argument("--threads", type=int, help="CPU threads for the networks")
    show = commands.add_parser("show", help="what a model makes of the card's 24 prompts")
    show.add_argument("--model", type=Path, required=True, metavar="FOLDER")
    show.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    show.add_argument("--steps", type=int, default=20)
    show.add_argument("--guidance", type=float, default=3.0)
    show.add_argument("--seed", type=int, default=11)
    show.add_argument("--threads", type=int, help="CPU threads for the networks")
    measure = commands.add_parser("evaluate", help="read generated pictures back with a probe")
    measure.add_argument("--model", type=Path, required=True, metavar="FOLDER")
    measure.add_argument("--work", type=Path, required=True, metavar="FOLDER")
    measure.add_argument("--count", type=int, default=1000, help="seen scenes; held-out a third")
    measure.add_argument("--table", type=int, default=256, help="pictures behind a distance")
    measure.add_argument("--steps", type=int, default=20)
    measure.add_argument("--guidance", type=float, default=3.0)
    measure.add_argument("--seed", type=int, default=100)
    measure.add_argument("--probe-steps", type=int, default=2000)
    measure.add_argument("--only", nargs="+", choices=MEASURES, default=MEASURES)
    measure.add_argument("--threads", type=int, help="CPU threads for the networks")
    return parser


def _sheet(options: argparse.Namespace) -> None:
    if options.count < 1 or options.columns < 1 or not 8 <= options.size <= 2048:
        raise BadInput("Count and columns start at 1, the size goes from 8 to 2048.")
    _check_ending(options.out)
    rng = np.random.default_rng(options.seed)
    scenes = [random_scene(rng, held_out=options.held_out) for _ in range(options.count)]
    _save(sheet([draw(s, options.size) for s in scenes], options.columns), options.out)


def _check_ending(path: Path) -> None:
    """Before the work, which may take minutes."""
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise BadInput(f"{path} is neither PNG nor JPEG.", "Name it .png or .jpg.")


def _save(page: Image.Image, path: Path) -> None:
    page.save(path, quality=92, subsampling=0)  # for JPEG; PNG knows neither


def _set_threads(count: int | None) -> None:
    import torch

    if count is not None:
        if count < 1:
            raise BadInput("At least one thread is needed.")
        torch.set_num_threads(count)


def _train(options: argparse.Namespace) -> None:
    from studio.starter.config import Config, load_config
    from studio.starter.train import Minutes, Run, pretty

    _set_threads(options.threads)
    known = options.work / "config.json"
    file = options.config or (known if known.exists() else None)
    run = Run(options.work, load_config(file) if file else Config())
    budget = Minutes(
        options.autoencoder_minutes,
        options.text_minutes,
        options.minutes,
        options.decoder_minutes,
    )
    for progress in run.train(budget, start=options.start):
        if progress.saved or progress.step % 50 == 0:
            print(pretty(progress), flush=True)
    if options.out:
        run.publish(options.out)


def _show(options: argparse.Namespace) -> None:
    from studio.starter.sampling import load_networks
    from studio.starter.showcase import showcase

    _set_threads(options.threads)
    _check_ending(options.out)
    if options.steps < 1:
        raise BadInput("At least 1 step is needed.")
    networks = load_networks(options.model)
    page = showcase(networks, steps=options.steps, guidance=options.guidance, seed=options.seed)
    _save(page, options.out)


def _evaluate(options: argparse.Namespace) -> None:
    from studio.starter.cache import open_cache
    from studio.starter.config import load_config
    from studio.starter.probe import SIDE, Probe, ProbeLesson
    from studio.starter.report import PARTS, Extent, Report
    from studio.starter.sampling import load_networks
    from studio.starter.train import pretty
    from studio.starter.walk import walk

    _set_threads(options.threads)
    if options.count < 3 or options.steps < 1 or options.table < 2:
        raise BadInput("At least 3 scenes, 2 pictures behind a distance and 1 step are needed.")
    config = load_config(options.work / "config.json")
    networks = load_networks(options.model)
    folder = options.work / "cache"
    size = min(SIDE, config.size)  # the probe looks no closer
    seen = open_cache(folder, config.seed, size, config.scenes)
    kept = open_cache(folder, config.seed + 1, size, config.scenes // 3, held_out=True)
    probe = Probe()
    lesson = ProbeLesson(config, probe, [seen, kept], options.probe_steps, 64)
    for progress in walk(lesson, options.work, config.checkpoint_seconds):
        if progress.saved or progress.step % 100 == 0:
            print(pretty(progress), flush=True)
    extent = Extent(
        seen=options.count,
        held_out=options.count // 3,
        table=options.table,
        steps=options.steps,
        guidance=options.guidance,
        seed=options.seed,
    )
    report = Report(networks, probe, extent, options.work)
    for name in options.only:
        texts: list[str] = []
        for text in PARTS[name](report):
            texts.append(text)
            print(f"\n{text}", flush=True)
        (options.work / f"{name}.md").write_text("\n".join(texts), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
