"""The agreement table's rows of the flow models, and of PixArt-Σ.

The stock inpainting pipelines of flow models put the picture, noised anew with the noise that
all began with, in the place of what is outside the mask after each step. Ours holds x̂0 there and
lets the sampler do the rest. Euler's steps keep the noise that x began with, so the two are one,
and there is no difference to be explained.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.core.geometry import Size
from studio.core.recipe import Recipe
from tests.models.agreement import (
    CHANNELS,
    FILL,
    IMAGE,
    TEXT,
    Asked,
    Row,
    Stock,
    dealt,
    opened,
    pipeline,
)
from tests.models.tiny_flow import make_flux, make_pixart, make_sd3, make_z_image

SIZE = Size(64, 64)
SIZED = {"height": SIZE.height, "width": SIZE.width}
"""Pipelines of flow models ask for the size of a picture that they are given."""
RECIPE = Recipe(
    prompt="a red boat",
    negative_prompt="fog",
    steps=7,
    sampler="euler",
    guidance_scale=3.0,
    size=SIZE,
    strength=0.6,  # of 7 steps that is no whole number: where it is cut matters
    seed=5,
)
WHOLE = {TEXT: {"strength": 1.0, "size": Size(64, 48)}, CHANNELS: {"strength": 1.0}}


def flux(name: str, **options: Any) -> Stock:
    """Its latents are packed in patches, and there is no negative prompt."""
    run = pipeline(name, negative_prompt=None, **options)

    def unpacked(folder: Path, asked: Asked) -> Tensor:
        packed, size = run(folder, asked), asked.recipe.size
        pipe = opened(name, folder)
        return pipe._unpack_latents(packed, size.height, size.width, pipe.vae_scale_factor)

    return unpacked


def z_image(name: str) -> Stock:
    """Its guidance counts from 0."""

    def run(folder: Path, asked: Asked) -> Tensor:
        scale = asked.recipe.guidance_scale - 1
        return pipeline(name, guidance_scale=scale)(folder, asked)

    return run


def pixart(folder: Path, asked: Asked) -> Tensor:
    """There is one pipeline only: it is handed the noised picture and the timesteps that are
    left, and after each step the picture outside the mask, noised as in the other pipelines."""
    recipe = asked.recipe
    pipe, noise = opened("PixArtSigmaPipeline", folder), asked.noise.start()
    words: dict[str, Any] = {"clean_caption": False, "use_resolution_binning": False}
    if asked.picture is None:
        return pipeline("PixArtSigmaPipeline", **words)(folder, asked)
    scheduler = pipe.scheduler
    scheduler.set_timesteps(recipe.steps)
    times = scheduler.timesteps[recipe.steps - int(recipe.steps * recipe.strength) :]
    pixels = torch.from_numpy(asked.picture.pixels.copy()).permute(2, 0, 1)[None] / 127.5 - 1
    clean = pipe.vae.encode(pixels).latent_dist.mode() * pipe.vae.config.scaling_factor
    x = scheduler.add_noise(clean, noise, times[:1])
    hold: Callable[[int, int, Tensor], None] | None = None
    if asked.mask is not None:
        outside = torch.from_numpy(asked.mask.pixels == 0)[::4, ::4].expand_as(x)

        def hold(step: int, time: int, latents: Tensor) -> None:
            last = step + 1 == len(times)
            now = clean if last else scheduler.add_noise(clean, noise, times[step + 1 : step + 2])
            latents.copy_(torch.where(outside, now, latents))

    with dealt(asked):
        made: Tensor = pipe(
            recipe.prompt,
            negative_prompt=recipe.negative_prompt,
            timesteps=times.tolist(),
            guidance_scale=recipe.guidance_scale,
            height=recipe.size.height,
            width=recipe.size.width,
            latents=x,
            callback=hold,
            output_type="latent",
            **words,
        ).images
    return made


SD3 = {
    TEXT: pipeline("StableDiffusion3Pipeline"),
    IMAGE: pipeline("StableDiffusion3Img2ImgPipeline", **SIZED),
    FILL: pipeline("StableDiffusion3InpaintPipeline"),
}
DEV = {
    TEXT: flux("FluxPipeline"),
    IMAGE: flux("FluxImg2ImgPipeline", **SIZED),
    FILL: flux("FluxInpaintPipeline"),
}
SCHNELL = {
    TEXT: flux("FluxPipeline", max_sequence_length=256),
    IMAGE: flux("FluxImg2ImgPipeline", max_sequence_length=256, **SIZED),
    FILL: flux("FluxInpaintPipeline", max_sequence_length=256),
}
Z_IMAGE = {
    TEXT: z_image("ZImagePipeline"),
    IMAGE: z_image("ZImageImg2ImgPipeline"),
    FILL: z_image("ZImageInpaintPipeline"),
}
MULTISTEP = replace(RECIPE, sampler="dpmpp_2m")
NO_T5 = {TEXT: pipeline("StableDiffusion3Pipeline", without=("text_encoder_3", "tokenizer_3"))}
SD3_FILL = {CHANNELS: pipeline("StableDiffusion3InpaintPipeline")}
FLUX_FILL = {CHANNELS: flux("FluxFillPipeline")}

ROWS = (
    Row("Stable Diffusion 3", "flow, T5", make_sd3, SD3, RECIPE, WHOLE),
    Row(
        "Stable Diffusion 3",
        "flow, no T5",
        partial(make_sd3, t5=False),
        NO_T5,
        RECIPE,
        WHOLE,
    ),
    Row(
        "Stable Diffusion 3",
        "inpainting",
        partial(make_sd3, in_channels=33),
        SD3_FILL,
        RECIPE,
        WHOLE,
    ),
    Row("FLUX.1", "flow, dev", make_flux, DEV, RECIPE, WHOLE),
    Row("FLUX.1", "flow, schnell", partial(make_flux, guidance=False), SCHNELL, RECIPE, WHOLE),
    Row("FLUX.1", "Fill", partial(make_flux, fill=True), FLUX_FILL, RECIPE, WHOLE),
    Row(
        "Z-Image",
        "flow, turbo",
        make_z_image,
        Z_IMAGE,
        replace(RECIPE, guidance_scale=1.0),
        WHOLE,
    ),
    Row("Z-Image", "flow", partial(make_z_image, shift=6.0), Z_IMAGE, RECIPE, WHOLE),
    Row(
        "PixArt-Σ",
        "epsilon",
        make_pixart,
        dict.fromkeys((TEXT, IMAGE, FILL), pixart),
        MULTISTEP,
        WHOLE,
    ),
)
