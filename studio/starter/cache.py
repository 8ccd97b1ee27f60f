"""Training pictures rendered once, kept in files that are mapped into memory."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

from studio.starter.scene import Scene, random_scene
from studio.starter.scenes import draw_with_map

_BLOCK = 500


@dataclass(frozen=True)
class Cache:
    """Scenes with their pictures (n, size, size, 3) and part maps (n, size/4, size/4), uint8."""

    scenes: list[Scene]
    pictures: npt.NDArray[np.uint8]
    maps: npt.NDArray[np.uint8]


def scene_number(seed: int, index: int, held_out: bool = False) -> Scene:
    """The index-th training scene of a seed; or held-out one, which no training sees."""
    return random_scene(np.random.default_rng([seed, index]), held_out=held_out)


def _render(
    seed: int, size: int, held_out: bool, start: int, stop: int
) -> tuple[int, npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    pairs = [
        draw_with_map(scene_number(seed, i, held_out), size, cells=size // 4)
        for i in range(start, stop)
    ]
    pictures = np.stack([np.asarray(p) for p, _ in pairs])
    return start, pictures, np.stack([np.asarray(m) for _, m in pairs])


def open_cache(
    folder: Path,
    seed: int,
    size: int,
    count: int,
    processes: int = 2,
    held_out: bool = False,
) -> Cache:
    """The first `count` scenes of a seed, rendered now if they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{seed}-{size}-{count}" + ("-held-out" if held_out else "")
    pictures_file, maps_file = folder / f"pictures-{stem}.npy", folder / f"maps-{stem}.npy"
    done = folder / f"rendered-{stem}"
    if not done.exists():
        pictures = np.lib.format.open_memmap(
            pictures_file, mode="w+", dtype=np.uint8, shape=(count, size, size, 3)
        )
        maps = np.lib.format.open_memmap(
            maps_file, mode="w+", dtype=np.uint8, shape=(count, size // 4, size // 4)
        )
        starts = list(range(0, count, _BLOCK))
        stops = [min(count, s + _BLOCK) for s in starts]
        job = partial(_render, seed, size, held_out)
        if processes <= 1:
            blocks = map(job, starts, stops)
            for start, some, where in blocks:
                pictures[start : start + len(some)], maps[start : start + len(some)] = some, where
        else:
            with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
                for start, some, where in pool.map(job, starts, stops):
                    pictures[start : start + len(some)] = some
                    maps[start : start + len(some)] = where
        pictures.flush()
        maps.flush()
        done.touch()
    return Cache(
        scenes=[scene_number(seed, i, held_out) for i in range(count)],
        pictures=np.load(pictures_file, mmap_mode="r"),
        maps=np.load(maps_file, mmap_mode="r"),
    )
