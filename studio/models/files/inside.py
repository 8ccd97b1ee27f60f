"""Where a part's tensors are in a single file: what stands before their names.

The names are those of the reference code of each family, and of ComfyUI, which packs text encoders
and autoencoders into one file with networks that were published without.
"""

from __future__ import annotations

from collections.abc import Iterable

from studio.models.files.layouts import NETWORKS, Layout
from studio.models.files.networks import PREFIXES

VAE = ("first_stage_model.", "vae.")
CLIP_L = (
    "cond_stage_model.transformer.",
    "conditioner.embedders.0.transformer.",
    "text_encoders.clip_l.transformer.",
    "text_encoders.clip_l.",
)
CLIP_H = ("cond_stage_model.model.",)
CLIP_G = (
    "conditioner.embedders.1.model.",
    "text_encoders.clip_g.transformer.",
    "text_encoders.clip_g.",
)
T5 = ("text_encoders.t5xxl.transformer.", "text_encoders.t5xxl.")
QWEN = ("text_encoders.qwen3_4b.transformer.", "text_encoders.qwen3_4b.")
INSIDE = {"clip-l": CLIP_L, "clip-h": CLIP_H, "clip-g": CLIP_G, "t5-xxl": T5, "qwen3-4b": QWEN}
"""By the kind of text encoder."""
MARKS = ("encoder.", "decoder.", "text_model.", "embeddings.", "transformer.", "shared.", "model.")
"""How a part's own names begin: a stray tensor is no part."""


def prefixes(layout: Layout, part: str) -> tuple[str, ...]:
    """What may stand before the names of this part's tensors, inside a whole checkpoint."""
    if part in NETWORKS:
        return PREFIXES
    return VAE if part == "vae" else INSIDE.get(layout.kind(part), ())


def prefix_of(layout: Layout, part: str, names: Iterable[str]) -> str | None:
    """What stands before this part's tensors in a file with these names; None if it has none."""
    found = list(names)
    for prefix in prefixes(layout, part):
        if part in NETWORKS and prefix == "":
            return prefix
        if any(name.startswith(prefix) and _own(name[len(prefix) :], part) for name in found):
            return prefix
    return None


def lacking(layout: Layout, names: Iterable[str]) -> tuple[str, ...]:
    """The parts with weights that a file with these names does not have."""
    found = list(names)
    weighty = [part for part in layout.parts if part == "vae" or part.startswith("text_encoder")]
    return tuple(part for part in weighty if prefix_of(layout, part, found) is None)


def has_bare(part: str, names: Iterable[str]) -> bool:
    """Whether a file with these names holds nothing but this part."""
    return any(_own(name, part) for name in names)


def _own(name: str, part: str) -> bool:
    return part in NETWORKS or name.startswith(MARKS)
