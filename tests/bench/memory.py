"""What fifty long runs take in memory: 200 steps of 1024×1024 under guidance, each.

    python -m tests.bench.memory [--runs 50] [--steps 200] [--side 1024]

The tensors are random and no network is called; all that keeps them is the real thing: archive,
files, and the session's runs with their thumbnails. Prints what each of them counts, and what the
process has grown by; then how long a step of the oldest run takes to come back from its file.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import quantiles

import numpy as np
import torch

from studio.core.events import Finished, Result, Started, Stepped
from studio.core.geometry import Size
from studio.core.limits import GIB, MIB, Limits
from studio.core.picture import Picture
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.diffusion.levels import Level
from studio.diffusion.state import State, Step
from studio.engine.archive import Archive
from studio.engine.generate import OFTEN
from studio.engine.trajectory import Trajectory
from studio.library.folders import Folders
from studio.library.library import Library
from studio.models.preview import LinearPreview
from studio.session.session import Session
from tests.session.scripted import Scripted


def resident() -> int:
    """Bytes of this process that are in memory, without files that are only mapped."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["RssAnon"].split()[0]) * 1024


class Life:
    """One sitting: runs are taken, kept and shown, one after the other."""

    def __init__(self, folder: Path, steps: int, side: int) -> None:
        self.library = Library(Folders(folder / "pictures", folder / "data"))
        # A file on the disk may be cached by the system, and does not count.
        self.archive = Archive(self.library, lambda: Limits(disk=200 * GIB), warn=self._refused)
        self.session = Session(Scripted(), self.library)
        self.steps, self.size = steps, Size(side, side)
        levels = [Level(1 - i / steps, i / steps, float(i)) for i in range(steps, -1, -1)]
        self.levels = tuple(levels)
        self.chance = torch.Generator().manual_seed(0)

    def _refused(self, why: Exception) -> None:
        raise SystemExit(f"memory: {why}")

    def _latents(self) -> torch.Tensor:
        shape = (1, 4, self.size.height // 8, self.size.width // 8)
        return torch.randn(shape, generator=self.chance)

    def run(self) -> None:
        recipe = Recipe(size=self.size, steps=self.steps)
        asked = self.session.generate()
        assert asked is not None
        name = asked.id
        record = Record(recipe, run=name)
        kept = Trajectory(name, record, self.levels, self.levels[1:], 0)
        kept.preview = LinearPreview.plain(4)
        self.session.receive(Started(name, recipe, 0, self.steps))
        self.archive.add(kept)
        state = State(0, self._latents())
        for index in range(self.steps):
            after = State(index + 1, self._latents())
            small = np.full((1, 96, 96, 3), index % 256, np.uint8)
            small.flags.writeable = False
            parts = (self._latents(), self._latents())
            kept.add(Step(state, self._latents(), after, parts), 0.1, small)
            large = (Picture(np.full((256, 256, 3), index % 256, np.uint8)),)
            told = Stepped(name, index, self.steps, large, 0.5, 0.5, 1.0, 0.1)
            self.session.receive(replace(told, thumbnails=tuple(map(Picture, small))))
            state = after
            if (index + 1) % OFTEN == 0:  # as a run does
                self.archive.trim(name)
        self.archive.write(name)
        side = self.size
        made = Picture(np.zeros((side.height, side.width, 3), np.uint8))
        result = Result(made, Path(f"{name}.png"), record)
        self.session.receive(Finished(name, (result,), 1.0))


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--runs", type=int, default=50)
    words.add_argument("--steps", type=int, default=200)
    words.add_argument("--side", type=int, default=1024)
    args = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder), args.steps, args.side)
        gc.collect()
        before = resident()
        most = 0
        for _ in range(args.runs):
            life.run()
            most = max(most, resident() - before)
        gc.collect()
        archive, runs = life.archive.nbytes, life.session.queue.runs.values()
        shown = sum(run.nbytes for run in runs)
        budget = Limits().memory
        print(f"{args.runs} runs of {args.steps} steps at {args.side}×{args.side}")
        print(
            f"budget {budget / MIB:.0f} MiB: archive {archive / MIB:.0f} MiB, "
            f"{len(runs)} runs in the window {shown / MIB:.0f} MiB"
        )
        print(
            f"the process grew by {(resident() - before) / MIB:.0f} MiB, "
            f"at most {most / MIB:.0f} MiB while a run went"
        )
        print(f"{life.library.runs.nbytes / MIB:.0f} MiB in files")
        times = []
        for index in range(args.steps):
            began = time.perf_counter()
            life.archive.get("run1").at(index)
            times.append((time.perf_counter() - began) * 1000)
        print(
            f"a step of the oldest run from its file: median {quantiles(times, n=100)[49]:.2f}, "
            f"99th percentile {quantiles(times, n=100)[98]:.2f} ms"
        )
        life.library.close()


if __name__ == "__main__":
    main()
