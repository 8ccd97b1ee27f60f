"""Taking the steps of a run away: pictures that move, pages to print, tensors, numbers."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Generator

import numpy as np
from PIL import Image

from studio.core.errors import BadInput
from studio.core.exports import Export
from studio.core.picture import Picture
from studio.core.samplers import sampler_info
from studio.core.wishes import VIEWS
from studio.engine.trajectory import Trajectory
from studio.imaging import animation, sheet
from studio.imaging.colour import flat
from studio.imaging.encoding import png_bytes
from studio.imaging.lettering import captioned
from studio.library import atomic
from studio.library.trajectory import write_trajectory

ROOM = 2**30
"""Bytes that the frames of an animation may take before they are written."""
Frames = Generator[tuple[int, int]]
"""Of an export: frames made, and frames in all, after each."""
FRAME = re.compile(r"[a-z0-9]+_\d{3,}\.png")


def export(
    asked: Export, trajectory: Trajectory, frame: Callable[[int], Picture], title: str
) -> Frames:
    """Write it; yields (frames made, frames in all) after each, and returns when all is on disk.

    `frame(index)` is the view of one step, `title` the model's name. Whoever stops in between
    closes this, and nothing is left behind. Raises BadInput, CannotWrite.
    """
    indices = range(trajectory.first, trajectory.first + len(trajectory.steps))
    if not indices:
        raise animation.NO_STEPS
    if not asked.info.pictured:
        if asked.form == "numbers":
            atomic.write(asked.path, numbers(trajectory, asked.image).encode())
        else:
            write_trajectory(asked.path, trajectory.rows(), trajectory.record)
        return
    if asked.form == "frames":
        with atomic.staged(asked.path, FRAME) as stage:
            for done, index in enumerate(indices, 1):
                shot = _shot(frame(index), asked, trajectory, index)
                name = f"{asked.view}_{index:03d}.png"
                atomic.write(stage / name, png_bytes(Picture(np.asarray(shot))))
                yield done, len(indices)
        return
    shots: list[Image.Image] = []
    for done, index in enumerate(indices, 1):
        shots.append(_shot(frame(index), asked, trajectory, index))
        _check_room(shots[0], len(indices))
        yield done, len(indices)
    _write(asked, shots, trajectory, indices, title)


def _write(
    asked: Export, shots: list[Image.Image], trajectory: Trajectory, indices: range, title: str
) -> None:
    count = len(shots)
    match asked.form:
        case "webp":
            times = animation.durations(count, asked.fps, asked.hold)
            atomic.write(asked.path, animation.webp(shots, times))
        case "gif":
            times = animation.durations(count, asked.fps, asked.hold, animation.GIF_TICK)
            atomic.write(asked.path, animation.gif(shots, times))
        case "mp4":
            atomic.write(asked.path, animation.mp4(shots, asked.fps, asked.hold))
        case _:
            captions = [caption(trajectory, index) for index in indices]
            aspect = shots[0].width / shots[0].height
            frames = zip(shots, captions, strict=True)
            printed = sheet.pages(frames, count, aspect, heading(trajectory, asked, title))
            if asked.form == "pdf":
                atomic.write(asked.path, sheet.pdf(list(printed)))
                return
            for number, page in enumerate(printed, 1):
                path = asked.path
                if number > 1:
                    path = path.with_stem(f"{path.stem}-{number}")
                atomic.write(path, sheet.png(page))


def _shot(picture: Picture, asked: Export, trajectory: Trajectory, index: int) -> Image.Image:
    """One frame: of the wanted width, opaque, with its caption if that is to be in the picture."""
    image = Image.fromarray(flat(picture).pixels)
    if asked.width and asked.width != image.width:
        size = (asked.width, max(1, round(image.height * asked.width / image.width)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    if asked.caption and asked.form not in ("sheet", "pdf"):
        view = next(short for name, short, _ in VIEWS if name == asked.view)
        image = captioned(image, f"{view} · {caption(trajectory, index)}")
    return image


def caption(trajectory: Trajectory, index: int) -> str:
    return f"Step {index} · σ {trajectory.levels[index].sigma:.2f}"


def heading(trajectory: Trajectory, asked: Export, title: str) -> sheet.Heading:
    """What stands above a contact sheet: the prompt, how it was made, what is shown."""
    recipe = trajectory.record.recipe
    size = trajectory.plan.working_size if trajectory.plan else recipe.size
    parts = [
        title,
        str(size),
        f"{sampler_info(recipe.sampler).label}{_options(trajectory)}",
        f"{recipe.steps} steps",
        f"guidance {recipe.guidance_scale:g}",
        f"seed {recipe.single(asked.image).seed}",
    ]
    shown = next(f"{short}: {text}" for name, short, text in VIEWS if name == asked.view)
    return sheet.Heading(recipe.prompt or "Without a prompt", (" · ".join(parts), shown))


def numbers(trajectory: Trajectory, image: int) -> str:
    """The numbers of every step as CSV (RFC 4180), with a heading."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    taken = slice(trajectory.first, trajectory.first + len(trajectory.steps))
    levels, targets = trajectory.levels[taken], trajectory.targets[taken]
    for offset, (level, target) in enumerate(zip(levels, targets, strict=True)):
        rows.writerow(
            (
                trajectory.first + offset,
                repr(level.timestep),
                repr(level.alpha),
                repr(level.sigma),
                repr(target.alpha),
                repr(target.sigma),
                repr(2 * math.log(level.alpha / level.sigma))
                if level.alpha > 0 < level.sigma
                else "",
                repr(_change(trajectory, offset, image)),
                repr(trajectory.seconds[offset] * 1000),
            )
        )
    return out.getvalue()


COLUMNS = (
    "step",
    "timestep",
    "alpha",
    "sigma",
    "alpha_to",
    "sigma_to",
    "log_snr",
    "change",
    "milliseconds",
)
"""`change`: root mean square of what x̂0 changed since the step before."""


def _change(trajectory: Trajectory, offset: int, image: int) -> float:
    if offset == 0:
        return 0.0
    now, before = (trajectory.steps[i].x0[image].float() for i in (offset, offset - 1))
    return float((now - before).square().mean().sqrt())


def _options(trajectory: Trajectory) -> str:
    options = trajectory.record.recipe.sampler_options
    return "".join(f", {name} {value}" for name, value in options.items())


def _check_room(shot: Image.Image, count: int) -> None:
    if shot.width * shot.height * 3 * count > ROOM:
        raise BadInput(
            f"{count} pictures of {shot.width}×{shot.height} are too much for one file.",
            "Choose a smaller width, or export them as pictures.",
        )
