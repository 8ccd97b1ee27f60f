"""How well a part of a picture can be painted over: another building, another light in the sky.

As in the app: the latents outside the painted box are held on the picture's own, all steps are
taken from noise, and only the box is pasted back. Its soft edge lies inside, where the app's lies
outside of what is painted: so the box is all that can change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.diffusion.hold import hold
from studio.diffusion.loop import start
from studio.diffusion.noise import Noise
from studio.diffusion.state import State
from studio.starter.autoencoder import to_tensor
from studio.starter.captions import caption
from studio.starter.laboratory import Manner, decoded, predictor, run, schedule_of
from studio.starter.landforms import HALO
from studio.starter.probe import Probe, read
from studio.starter.sampling import Networks
from studio.starter.scene import ATTRIBUTES, Building, Scene, is_held_out, random_scene
from studio.starter.scenes import PARTS, draw_with_map

MARGIN = 0.03
"""Around what is painted over, in shares of the side: nobody paints to the pixel."""
SOFT_EDGE = 8
"""Pixels inside the box over which old and new are blended; the window begins with as many."""


@dataclass(frozen=True)
class Repainting:
    """`attribute` of `before` is painted over in `box` (left, top, right, bottom; 0…1)."""

    before: Scene
    after: Scene
    attribute: str
    box: tuple[float, float, float, float]


def repaintings(seed: int, count: int) -> list[Repainting]:
    """Half of them another building, half another light: nothing that training held out."""
    found: list[Repainting] = []
    number = 0
    while len(found) < count:
        rng = np.random.default_rng([seed, 8, number])
        number += 1
        scene = random_scene(rng)
        attribute = "light" if len(found) % 2 else "building"
        after = _changed(scene, attribute, rng)
        if after is not None and not is_held_out(after):
            part = PARTS.index(attribute)
            boxes = [_box(one, part) for one in (scene, after)]
            halo = HALO if attribute == "light" else 1.0
            found.append(Repainting(scene, after, attribute, _around(boxes, halo)))
    return found


def _changed(scene: Scene, attribute: str, rng: np.random.Generator) -> Scene | None:
    if attribute == "light":
        # Only then can both be in the sky.
        if scene.light == "none" or scene.time not in ("dawn", "sunset"):
            return None
        return replace(scene, light="moon" if scene.light == "sun" else "sun")
    if scene.building == "none":
        return None
    others = [kind for kind in get_args(Building)[1:] if kind != scene.building]
    return replace(scene, building=others[int(rng.integers(len(others)))])


def _box(scene: Scene, part: int) -> tuple[float, float, float, float]:
    cells = 64
    where = np.asarray(draw_with_map(scene, 2 * cells, 1, cells)[1]) == part
    rows, columns = where.any(axis=1).nonzero()[0], where.any(axis=0).nonzero()[0]
    if not len(rows):
        return 1.0, 1.0, 0.0, 0.0
    return (
        columns[0] / cells,
        rows[0] / cells,
        (columns[-1] + 1) / cells,
        (rows[-1] + 1) / cells,
    )


def _around(
    boxes: Sequence[tuple[float, float, float, float]], times: float
) -> tuple[float, float, float, float]:
    """The box around all of them, its size multiplied, with the margin, within the picture."""
    left, top, right, bottom = zip(*boxes, strict=True)
    x, wide = (min(left) + max(right)) / 2, (max(right) - min(left)) / 2 * times + MARGIN
    y, high = (min(top) + max(bottom)) / 2, (max(bottom) - min(top)) / 2 * times + MARGIN
    return max(0.0, x - wide), max(0.0, y - high), min(1.0, x + wide), min(1.0, y + high)


def _opacity(start: int, stop: int, side: int) -> npt.NDArray[np.float64]:
    """(side,) 1 from `start` to `stop`, soft inside at both ends that are not the picture's."""
    at = np.arange(side) + 0.5
    below = np.full(side, np.inf) if start == 0 else at - start
    above = np.full(side, np.inf) if stop == side else stop - at
    opacity: npt.NDArray[np.float64] = np.clip(np.minimum(below, above) / SOFT_EDGE, 0, 1)
    return opacity


@torch.no_grad()
def repaint(
    networks: Networks, tasks: Sequence[Repainting], *, steps: int, guidance: float, seed: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """The pictures before and after, both (n, side, side, 3)."""
    factor = 2 ** (len(networks.vae.config.block_out_channels) - 1)
    cells = int(networks.unet.config.sample_size)
    side = cells * factor
    pairs = [_one(networks, task, side, cells, steps, guidance, seed) for task in tasks]
    return np.stack([before for before, _ in pairs]), np.stack([after for _, after in pairs])


def _one(
    networks: Networks,
    task: Repainting,
    side: int,
    cells: int,
    steps: int,
    guidance: float,
    seed: int,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    before = np.asarray(draw_with_map(task.before, side)[0])
    mask = torch.zeros(1, 1, side, side)
    left, top, right, bottom = (round(side * edge) for edge in task.box)
    mask[..., top:bottom, left:right] = 1
    free: Tensor = torch.nn.functional.adaptive_max_pool2d(mask, cells)
    clean = networks.vae.encode(to_tensor(before[None])).latent_dist.mean
    rng = np.random.default_rng(task.after.layout)
    words = caption(task.after, rng, complete=True)
    manner = Manner(steps=steps, guidance=guidance)
    schedule = schedule_of(networks, manner)
    noise = Noise([seed], tuple(clean.shape[1:]))
    begin = start(clean, noise.start(), schedule.levels[0], schedule.noise_scale)
    predict = hold(predictor(networks, [words], guidance), clean, free)
    made = decoded(networks, run(predict, schedule, manner, State(0, begin), noise))[0]
    opacity = np.outer(_opacity(top, bottom, side), _opacity(left, right, side))[..., None]
    after = np.round(before + opacity * (made.astype(float) - before)).astype(np.uint8)
    return before, after


def heeded(probe: Probe, tasks: Sequence[Repainting], after: npt.NDArray[np.uint8]) -> list[bool]:
    """Whether the probe reads in each picture what was asked for."""
    answers = read(probe, after)
    names = list(ATTRIBUTES)
    return [
        bool(
            answers[i, names.index(task.attribute)]
            == ATTRIBUTES[task.attribute].index(getattr(task.after, task.attribute))
        )
        for i, task in enumerate(tasks)
    ]
