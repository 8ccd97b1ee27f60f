"""A network of nine channels is told the mask, as diffusers tells it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, StableDiffusionInpaintPipeline
from PIL import Image

from studio.core.errors import BadInput
from studio.core.events import Plan
from studio.core.geometry import Box, Size
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.diffusion.loop import start, walk
from studio.diffusion.state import State
from studio.engine.fill import Inputs, Latents, latents_of, plan_of
from studio.engine.prepare import guided, noise_of
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
def test_the_latents_are_those_of_diffusers_inpainting_pipeline(
    folder: Path, family: StableDiffusion
) -> None:
    noise = torch.randn(1, *family.latent_shape(SIZE), generator=torch.Generator().manual_seed(5))
    pipe = StableDiffusionInpaintPipeline.from_pretrained(
        folder, local_files_only=True, feature_extractor=None, safety_checker=None
    )
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    recipe = Recipe(
        prompt="a red boat", negative_prompt="fog", steps=7, guidance_scale=3.0, size=SIZE
    )
    plan, latents = made(family, recipe)
    assert plan == Plan(Box(0, 0, 64, 64), SIZE, 8, channels=True)
    wanted = pipe(
        "a red boat",
        negative_prompt="fog",
        image=Image.fromarray(photo().pixels),
        mask_image=Image.fromarray(spot().pixels),
        # The encoder's mean, as ours is; the pipeline would draw a sample.
        masked_image_latents=latents.masked,
        height=64,
        width=64,
        strength=1.0,
        num_inference_steps=7,
        guidance_scale=3.0,
        latents=noise,
        output_type="latent",
    ).images
    schedule = family.schedule(recipe, SIZE)
    x = start(None, noise, schedule.levels[0], schedule.noise_scale)
    predict = guided(family, recipe, latents)
    steps = walk(predict, schedule, "ddim", {}, State(0, x), lambda *_: torch.zeros_like(x))
    ours = list(steps)[-1].after.x
    assert (ours - wanted).norm() / wanted.norm() < 1e-4


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
