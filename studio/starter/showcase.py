"""The prompts that the model is shown with, chosen before looking at what it makes of them."""

from __future__ import annotations

from PIL import Image

from studio.starter.sampling import Networks, sample
from studio.starter.scenes import sheet

PROMPTS = (
    "a red lighthouse by the sea at sunset",
    "a blue house in a meadow at noon with round trees",
    "a white windmill in the hills in spring at dawn",
    "a purple castle in a forest in winter at night",
    "an orange tent in the desert at night with the moon",
    "a yellow house by a lake in autumn with snowy mountains",
    "a green castle on a cliff by the sea at noon with many clouds",
    "a landscape with palm trees by the sea with a sailboat at sunset",
    "a hot air balloon over green hills in summer",
    "snowy mountains by a lake in winter at dawn",
    "a purple house in a meadow at sunset",
    "a red windmill by a lake at noon",
    "a white lighthouse by the sea at night with a crescent moon and a ship",
    "an autumn forest at noon with a red house",
    "a desert with palms at sunset with the sun",
    "a blue tent among pine trees in winter",
    "a castle",
    "lighthouse",
    "sunset",
    "a quiet lake in the early morning",
    "a cat on a sofa",
    "mountains",
    "a yellow tent on the coast with two clouds",
    "an orange house in the woods in fall",
)
"""Some leave nearly all to chance, one asks for what the model has never seen."""
_AT_ONCE = 8


def showcase(
    networks: Networks,
    *,
    steps: int,
    guidance: float,
    seed: int,
    count: int = len(PROMPTS),
    columns: int = 6,
) -> Image.Image:
    """One try at each of the first `count` prompts, in rows on one page.

    Eight prompts at a time share the seed.
    """
    pictures: list[Image.Image] = []
    for first in range(0, count, _AT_ONCE):
        some = list(PROMPTS[first : min(first + _AT_ONCE, count)])
        pictures += sample(networks, some, steps=steps, guidance=guidance, seed=seed)
    return sheet(pictures, columns)
