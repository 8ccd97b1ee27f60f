"""What a pixel of x̂0 is made of, where the model is one that can tell."""

from __future__ import annotations

from functools import lru_cache

import torch

from studio.core.events import Plan
from studio.core.explanation import Material, Section
from studio.core.model_info import ModelInfo
from studio.core.picture import Mask, Picture
from studio.engine.fill import usable_in
from studio.engine.pixels import to_latent_mask, to_tensor
from studio.engine.scene import Scene
from studio.engine.trajectory import Trajectory
from studio.imaging.cropping import cut, cut_mask
from studio.models.family import Family, Inpainting, Traced
from studio.models.loading import load

SHOWN = 8
"""At so many places one can look."""
NAMED = 4


@torch.inference_mode()
def made_of(
    trajectory: Trajectory, v: Scene, info: ModelInfo | None
) -> tuple[tuple[Material, ...], list[Section]]:
    """The places of the picture, heaviest first, and a section on them; nothing if none can be."""
    source, mask, plan = trajectory.source, trajectory.mask, trajectory.plan
    if info is None or info.path is not None or not (source and mask and plan):
        return (), []
    family, region = _ready(info, source, mask, plan, trajectory.material)
    if not isinstance(family, Traced):
        return (), []
    at = v.notes.place
    found = family.made_of(v.step.before.x, v.here, region, at.row, at.column)
    if not found:
        words = "This place is not painted over: x̂₀ is the photo's own here."
        return (), [Section("What it is made of", words, short="Patches")]
    material = tuple(Material(o.row, o.column, o.side, o.weight) for o in found[:SHOWN])
    ways = [_way(o.turns, o.mirrored) for o in found[:NAMED]]
    listed = "; ".join(
        f"{m.weight:.1%} from row {m.row + m.side / 2:.0f}, column {m.column + m.side / 2:.0f}{way}"
        for m, way in zip(material, ways, strict=False)
    )
    rest = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
    words = (
        f"x̂₀ here is the mean of {_count(len(found))}, each weighted by how well the patch "
        f"around it explains the noisy one: {listed}{rest}. The squares on the picture show where."
    )
    weights = tuple(
        v.notes.number(f"w{n}", "w", "a patch's weight", m.weight, sub=str(n))
        for n, m in enumerate(material[:NAMED], 1)
    )
    return material, [Section("What it is made of", words, (), weights, "Patches")]


@lru_cache(maxsize=1)
def _ready(
    info: ModelInfo, source: Picture, mask: Mask, plan: Plan, material: Mask | None
) -> tuple[Family, Inpainting]:
    """A model of its own, since the other thread's may be at work, told the region as in a run."""
    part, covered = to_tensor(cut(source, plan)), cut_mask(mask, plan)
    free = to_latent_mask(covered, *part.shape[-2:])
    hidden = torch.from_numpy(covered.pixels >= 128)
    seen = torch.where(hidden, torch.zeros_like(part), part)
    region = Inpainting(None, free, seen, usable=usable_in(material, plan))
    family = load(info, torch.device("cpu"), torch.float32, lambda part: None)
    return family, region


def _way(turns: int, mirrored: bool) -> str:
    said = [f"turned by {90 * turns}°"] if turns else []
    said += ["mirrored"] if mirrored else []
    return f" ({', '.join(said)})" if said else ""


def _count(number: int) -> str:
    return f"{number} pixels of the photo" if number > 1 else "one pixel of the photo"
