"""Going through a lesson: resume, step, save, report. A generator, so that the caller decides."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from studio.starter.lessons import Lesson


@dataclass(frozen=True)
class Progress:
    """One step done. `saved` says that a checkpoint was just written."""

    lesson: str
    step: int
    loss: float
    done: float  # 0 to 1
    pictures_per_second: float
    seconds_left: float
    saved: bool


def save_atomically(state: dict[str, Any], path: Path) -> None:
    """Write beside, flush to the disk, rename: a killed process leaves the old file or the new."""
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """What `save_atomically` wrote; only tensors and plain values are read."""
    state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    return state


def walk(
    lesson: Lesson, folder: Path, every_seconds: float, minutes: float | None = None
) -> Iterator[Progress]:
    """Train from the checkpoint in `folder`, or from the start, to the end; yields every step.

    With `minutes` the lesson ends when that much time was spent on it, over all its runs, instead
    of after its number of steps, and the learning rate follows the clock; only without it does a
    resumed run repeat an uninterrupted one to the bit.
    """
    path = folder / f"{lesson.name}.pt"
    step, spent = 0, 0.0
    if path.exists():
        state = load_checkpoint(path)
        step, spent = int(state["step"]), float(state["spent"])
        lesson.restore(state["lesson"])
    started = saved_at = time.monotonic()
    first = step

    def done() -> float:
        if minutes is None:
            return step / lesson.steps
        return (spent + time.monotonic() - started) / (60 * minutes)

    while (before := done()) < 1:
        loss = lesson.step(step, before)
        step += 1
        now = time.monotonic()
        after = done()
        save = after >= 1 or now - saved_at >= every_seconds
        if save:
            state = {"step": step, "spent": spent + now - started, "lesson": lesson.state()}
            save_atomically(state, path)
            saved_at = time.monotonic()
        seconds = now - started
        rate = (step - first) * lesson.batch / max(seconds, 1e-9)
        left = (
            max(0.0, 60 * minutes - spent - seconds)
            if minutes is not None
            else (lesson.steps - step) * seconds / (step - first)
        )
        yield Progress(lesson.name, step, loss, min(1.0, after), rate, left, save)
        if after >= 1:
            return
