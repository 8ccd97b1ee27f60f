"""Stable Diffusion XL besides what the agreement table shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL

from studio.core.errors import CannotLoad
from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.models.catalogue import describe
from tests.models.agreement import loaded
from tests.models.tiny_sdxl import LCM, TURBO, ZERO, make_sdxl

# WORKAROUND diffusers 0.42 makes NumPy 2 arrays of tensors in a way that NumPy deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sdxl(tmp_path_factory.mktemp("models") / "xl")


def test_what_it_begins_with_is_what_its_scheduler_suggests(folder: Path, tmp_path: Path) -> None:
    able = describe(folder).abilities
    assert (able.native_size, able.multiple, able.max_tokens) == (Size(64, 64), 8, 32)
    assert (able.default_sampler, able.default_steps) == ("euler", 20)
    assert (able.default_guidance, able.embedded_guidance) == (5.0, False)
    turbo = describe(make_sdxl(tmp_path / "turbo", TURBO)).abilities
    assert (turbo.default_sampler, turbo.default_steps) == ("euler_ancestral", 4)
    assert turbo.default_guidance == 1.0
    zero = describe(make_sdxl(tmp_path / "zero", ZERO)).abilities
    assert (zero.default_steps, zero.default_guidance) == (20, 5.0)


def test_one_distilled_with_guidance_is_told_it_and_takes_no_negative(tmp_path: Path) -> None:
    folder = make_sdxl(tmp_path / "lcm", LCM, time_cond_proj_dim=16)
    able = describe(folder).abilities
    assert able.embedded_guidance
    assert not able.negative_prompt
    assert (able.default_sampler, able.default_steps) == ("lcm", 4)
    family = loaded(folder)
    one, eight = (
        family.condition("sea", Recipe(guidance_scale=scale)).guidance for scale in (1.0, 8.0)
    )
    assert one.shape == eight.shape == (1, 16)
    assert torch.equal(one, torch.tensor([[0.0] * 8 + [1.0] * 8]))
    assert not torch.equal(one, eight)


def test_a_long_prompt_is_its_chunks_and_its_vector_is_the_first_one_s(folder: Path) -> None:
    family = loaded(folder)
    long, *chunks = (
        family.condition(text, Recipe()) for text in ("a " * 30 + "b " * 9, "a " * 30, "b " * 9)
    )
    assert torch.equal(long.states, torch.cat([one.states for one in chunks], dim=1))
    assert torch.equal(long.pooled, chunks[0].pooled)
    x = torch.ones(1, *family.latent_shape(Size(64, 64)))
    level = family.schedule(Recipe(sampler="euler"), Size(64, 64)).levels[3]
    empty = family.condition("", Recipe(prompt="a"))
    beside = family.predict(x, level, [empty, long])
    for one, condition in zip(beside, (empty, long), strict=True):
        assert torch.allclose(one, family.predict(x, level, [condition])[0], atol=1e-4)


def test_no_negative_prompt_is_zeros_and_an_empty_prompt_alone_is_text(folder: Path) -> None:
    family = loaded(folder)
    assert not family.condition("", Recipe(prompt="sea")).states.any()
    assert not family.condition(" ", Recipe(prompt="sea")).pooled.any()
    assert family.condition("", Recipe()).states.any()


def test_a_refiner_is_refused_by_name(folder: Path, tmp_path: Path) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    refiner = index | {"text_encoder": [None, None], "tokenizer": [None, None]}
    (tmp_path / "model_index.json").write_text(json.dumps(refiner))
    with pytest.raises(CannotLoad, match="refiner"):
        describe(tmp_path)


@torch.inference_mode()
def test_latents_with_a_mean_and_a_deviation_are_scaled_by_them(tmp_path: Path) -> None:
    folder = make_sdxl(tmp_path / "playground")
    plain, config = loaded(folder), folder / "vae" / "config.json"
    mean, deviation = [-1.6, 1.1, 0.0, 2.6], [8.4, 5.9, 3.5, 5.2]
    said = {"latents_mean": mean, "latents_std": deviation}
    config.write_text(json.dumps(json.loads(config.read_text()) | said))
    family = loaded(folder)
    latents = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(2))
    # As StableDiffusionXLPipeline writes it, before it decodes.
    m, s = (torch.tensor(numbers).view(1, 4, 1, 1) for numbers in (mean, deviation))
    vae = AutoencoderKL.from_pretrained(folder / "vae", local_files_only=True)
    theirs = vae.decode(latents * s / vae.config.scaling_factor + m).sample
    assert torch.allclose(family.decode(latents), theirs, atol=1e-5)
    pixels = torch.rand(1, 3, 64, 64) * 2 - 1
    unscaled = plain.encode(pixels) / vae.config.scaling_factor
    assert torch.allclose(
        family.encode(pixels), (unscaled - m) * vae.config.scaling_factor / s, atol=1e-6
    )
