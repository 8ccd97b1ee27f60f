"""For every family: what is predicted is what is needed, and moving networks changes no bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.library.folders import Folders
from studio.models.catalogue import Catalogue
from studio.models.counting import Counting
from studio.models.dry import Dry
from studio.models.loading import load
from studio.models.placement import Placement
from tests.models.tiny_flow import make_flux, make_pixart, make_sd3, make_z_image
from tests.models.tiny_lecture import make_ddpm, make_dit
from tests.models.tiny_sdxl import make_sdxl

LEVEL = Level(0.5, 0.5, 500.0)
MAKERS = {
    "SDXL": make_sdxl,
    "SD3": make_sd3,
    "FLUX": make_flux,
    "Z-Image": make_z_image,
    "PixArt": make_pixart,
    "DDPM": make_ddpm,
    "DiT": make_dit,
}


@pytest.mark.parametrize("maker", MAKERS.values(), ids=list(MAKERS))
def test_a_family_needs_what_is_predicted_and_is_the_same_wherever_it_is(
    maker: Callable[[Path], Path], tmp_path: Path
) -> None:
    info = Catalogue(Folders(tmp_path / "pictures", tmp_path / "data")).add(maker(tmp_path / "m"))
    family: Any = load(info, torch.device("cpu"), torch.float32, lambda part: None)
    shape = (1, *family.latent_shape(info.abilities.native_size))
    recipe = Recipe(prompt="goldfish")
    count = 2 if info.abilities.negative_prompt else 1
    dry = Dry(family, family.parts)
    x = torch.zeros(shape)
    told = [family.condition(recipe.prompt, recipe)] * count
    with torch.inference_mode(), Counting() as step:
        (x0, *_) = family.predict(x, LEVEL, told)
    with torch.inference_mode(), Counting() as decode:
        family.decode(x)
    assert dry.step(recipe, shape, count) == pytest.approx(step.peak, rel=0.02)
    assert dry.decode(shape) == pytest.approx(decode.peak, rel=0.02)

    family.parts.moves = True
    for placement in (Placement("rest"), Placement("one", budget=0)):
        family.parts.follow(placement)
        family.parts.forget()
        told = [family.condition(recipe.prompt, recipe)] * count
        assert torch.equal(family.predict(x, LEVEL, told)[0], x0)
    family.parts.follow(Placement("one", budget=0, small=True))
    coarse = family.predict(x, LEVEL, told)[0]
    assert not torch.equal(coarse, x0)
    assert (coarse - x0).square().mean() < 0.1 * (x0.square().mean() + 1)
    family.parts.follow(Placement())
    assert torch.equal(family.predict(x, LEVEL, told)[0], x0)
