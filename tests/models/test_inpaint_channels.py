"""A network of nine channels is told the mask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from studio.core.errors import BadInput
from studio.core.events import Plan
from studio.core.geometry import Size
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.engine.fill import Inputs, Latents, latents_of, plan_of
from studio.engine.prepare import noise_of
from studio.models.catalogue import describe
from studio.models.family import Inpainting
from studio.models.loading import load as load_model
from studio.models.stable_diffusion import StableDiffusion
from tests.tiny import make_tiny

SIZE = Size(64, 64)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("models") / "nine", in_channels=9)


@pytest.fixture(scope="module")
def family(folder: Path) -> StableDiffusion:
    info = describe(folder)
    return load_model(info, torch.device("cpu"), torch.float32, lambda part: None)


def photo() -> Picture:
    return Picture(np.random.default_rng(4).integers(0, 256, (64, 64, 3), np.uint8))


def spot() -> Mask:
    pixels = np.zeros((64, 64), np.uint8)
    pixels[16:40, 24:48] = 255  # whole latent cells
    return Mask(pixels)


def inputs() -> Inputs:
    return Inputs(photo(), spot(), None, None)


def made(family: StableDiffusion, recipe: Recipe) -> tuple[Plan, Latents]:
    plan, size = plan_of(recipe, inputs(), None, family)
    latents = latents_of(recipe, inputs(), plan, size, family, noise_of(recipe, size, family))
    assert plan is not None
    assert latents is not None
    return plan, latents


@torch.inference_mode()
def test_the_masked_picture_is_grey_under_the_mask(family: StableDiffusion) -> None:
    _, latents = made(family, Recipe(size=SIZE))
    grey = photo().pixels.astype(np.float32) / 127.5 - 1
    grey[spot().pixels > 0] = 0
    pixels = torch.from_numpy(grey).permute(2, 0, 1)[None]
    assert latents.masked is not None
    assert torch.allclose(latents.masked, family.encode(pixels), atol=1e-5)


def test_auto_uses_them_and_off_does_not(family: StableDiffusion) -> None:
    for word, used in (("auto", True), ("on", True), ("off", False)):
        plan, latents = made(family, Recipe(size=SIZE, inpaint_channels=word))
        assert plan.channels == used
        assert (latents.masked is not None) == used
        assert isinstance(latents.aware(family.condition("", Recipe())), Inpainting) == used


def test_on_is_refused_by_a_network_that_has_none(tmp_path: Path) -> None:
    info = describe(make_tiny(tmp_path / "four"))
    assert not info.abilities.inpaint_channels
    plain = load_model(info, torch.device("cpu"), torch.float32, lambda part: None)
    with pytest.raises(BadInput, match="no inpainting channels"):
        made(plain, Recipe(size=SIZE, inpaint_channels="on"))
    assert made(plain, Recipe(size=SIZE))[0].channels is False


@torch.inference_mode()
def test_without_a_region_all_of_the_picture_is_made(family: StableDiffusion) -> None:
    level = family.schedule(Recipe(size=SIZE), SIZE).levels[3]
    x = torch.randn(1, *family.latent_shape(SIZE), generator=torch.Generator().manual_seed(1))
    condition = family.condition("sea", Recipe())
    free = torch.ones(1, 1, *x.shape[2:])
    told = Inpainting(condition, free, family.encode(torch.zeros(1, 3, 64, 64)))
    (alone,), (with_region,) = (family.predict(x, level, [c]) for c in (condition, told))
    assert torch.equal(alone, with_region)
