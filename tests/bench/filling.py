"""What a fill costs on a large photo, against the same fill on a small one.

    python -m tests.bench.filling

A 400 × 400 region is filled by the starter model on photos of 1 and 24 megapixels, in turns, in
one run; then each in a process of its own, for the peak of memory.
"""

from __future__ import annotations

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from queue import Queue

import cv2
import numpy as np

from studio.core import events
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.request import Request
from studio.engine.engine import Engine
from studio.library.folders import Folders
from studio.library.library import Library
from studio.models.catalogue import Catalogue

SIDES = {"1 MP": (1200, 833), "24 MP": (6000, 4000)}
REGION = 400
ROUNDS = 4
LIMIT, BYTES = 1.3, 12.0


def photo(width: int, height: int) -> Picture:
    """Soft shapes with the grain of a sensor, which is what makes photos hard to compress."""
    chance = np.random.default_rng(width)
    coarse = chance.integers(0, 256, (24, 36, 3), np.uint8)
    pixels = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    grain = chance.integers(-6, 7, (512, 512, 3), np.int8)
    for y in range(0, height, 512):
        for x in range(0, width, 512):
            part = pixels[y : y + 512, x : x + 512]
            part[:] = np.clip(
                part.astype(np.int16) + grain[: part.shape[0], : part.shape[1]], 0, 255
            )
    pixels.flags.writeable = False
    return Picture(pixels)


def mask(picture: Picture, shift: int = 0) -> Mask:
    pixels = np.zeros((picture.size.height, picture.size.width), np.uint8)
    x, y = (picture.size.width - REGION) // 2 + shift, (picture.size.height - REGION) // 2
    pixels[y : y + REGION, x : x + REGION] = 255
    pixels.flags.writeable = False
    return Mask(pixels)


class Bench:
    def __init__(self, folder: Path) -> None:
        self.told: Queue[events.Event] = Queue()
        folders = Folders(folder / "pictures", folder / "data")
        self.library = Library(folders)
        self.engine = Engine(self.library, Catalogue(folders), self.told.put, "cpu")
        self.engine.start()

    def fill(self, picture: Picture, shift: int = 0) -> tuple[float, events.Result]:
        recipe = Recipe(prompt="a full moon", seed=3, fill="blurred", colour_match=1.0)
        request = Request(recipe, picture, mask(picture, shift))
        began = time.perf_counter()
        run = self.engine.submit(request)
        while True:
            event = self.told.get(timeout=600)
            if isinstance(event, events.Failed):
                raise SystemExit(event.details)
            if isinstance(event, events.Finished) and event.run == run:
                result = event.results[0]
                assert result.changed_outside == 0
                return time.perf_counter() - began, result

    def close(self) -> None:
        self.engine.close()
        self.library.close()


def times() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        photos = {name: photo(*sides) for name, sides in SIDES.items()}
        bench.fill(photo(900, 700))  # loads the model
        for picture in photos.values():
            bench.library.keep(picture)  # as the window does while a photo is looked at
        first = {name: bench.fill(picture)[0] for name, picture in photos.items()}
        later: dict[str, list[float]] = {name: [] for name in photos}
        for number in range(ROUNDS):
            for name, picture in photos.items():
                later[name].append(bench.fill(picture, 10 * number + 10)[0])
        bench.close()
    best = {name: min(seconds) for name, seconds in later.items()}
    one, large = SIDES
    print(f"first fill of a photo:  {one} {first[one]:.2f} s, {large} {first[large]:.2f} s")
    print(f"fills after that, best:  {one} {best[one]:.2f} s, {large} {best[large]:.2f} s")
    ratio = best[large] / best[one]
    print(f"ratio {first[large] / first[one]:.2f} at first, {ratio:.2f} then (at most {LIMIT})")
    return ratio <= LIMIT


def peak(name: str) -> None:
    """In a process of its own: the peak of resident memory, with the photo loaded."""
    picture = photo(*SIDES[name])
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.fill(photo(900, 700))  # loads the model
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        for number in range(2):
            bench.fill(picture, 10 * number)
        bench.close()
    status = Path("/proc/self/status").read_text()
    print(next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) * 1024)


def memory() -> bool:
    peaks = {}
    for name in SIDES:
        command = [sys.executable, "-m", "tests.bench.filling", name]
        peaks[name] = int(subprocess.run(command, check=True, capture_output=True).stdout)
    one, large = SIDES
    pixels = SIDES[large][0] * SIDES[large][1] - SIDES[one][0] * SIDES[one][1]
    each = (peaks[large] - peaks[one]) / pixels
    print(f"peak {peaks[one] / 2**20:.0f} MiB and {peaks[large] / 2**20:.0f} MiB:", end=" ")
    print(f"{each:.1f} bytes a pixel of photo (at most {BYTES:.0f})")
    return each <= BYTES


if __name__ == "__main__":
    if len(sys.argv) > 1:
        peak(sys.argv[1])
    else:
        sys.exit(0 if all([times(), memory()]) else 1)
