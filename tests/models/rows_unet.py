"""The agreement table's rows of the families on a UNet."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tests.models.agreement import CHANNELS, FILL, IMAGE, RECIPE, TEXT, Row, pipeline
from tests.models.tiny_sdxl import LCM, TURBO, ZERO, make_sdxl
from tests.tiny import make_tiny

SD = {
    TEXT: pipeline("StableDiffusionPipeline"),
    IMAGE: pipeline("StableDiffusionImg2ImgPipeline"),
    FILL: pipeline("StableDiffusionInpaintPipeline"),
}
# Euler starts where sigma/alpha is 4096 and loses some digits there in diffusers, whose x is as
# large as that and is kept in float32; ours never is larger than the noise.
SD_EULER = {
    task: pipeline(f"StableDiffusion{name}Pipeline", "EulerDiscreteScheduler")
    for task, name in ((TEXT, ""), (IMAGE, "Img2Img"), (FILL, "Inpaint"))
}
SD_LCM = {
    TEXT: pipeline("LatentConsistencyModelPipeline", "LCMScheduler", negative_prompt=None),
    # LCM's own pipeline for this takes all the steps within the strength, where every other one
    # leaves out the first of them.
    IMAGE: pipeline("StableDiffusionImg2ImgPipeline", "LCMScheduler"),
}
SD_CHANNELS = {CHANNELS: pipeline("StableDiffusionInpaintPipeline")}
XL = {
    TEXT: pipeline("StableDiffusionXLPipeline"),
    IMAGE: pipeline("StableDiffusionXLImg2ImgPipeline"),
    FILL: pipeline("StableDiffusionXLInpaintPipeline"),
}
# diffusers re-noises what is outside a mask with the noise it began with, at every step. That is
# how a deterministic sampler gets there too, and a stochastic one does not: no rows for those.
XL_FEW = {task: XL[task] for task in (TEXT, IMAGE)}
# What is not said is no text to this model; said empty, it would be one.
XL_SILENT = {TEXT: pipeline("StableDiffusionXLPipeline", negative_prompt=None)}
XL_CHANNELS = {CHANNELS: pipeline("StableDiffusionXLInpaintPipeline")}

EULER = replace(RECIPE, sampler="euler")
TURBO_RECIPE = replace(RECIPE, steps=4, sampler="euler_ancestral", guidance_scale=1.0)
LCM_RECIPE = replace(RECIPE, steps=4, sampler="lcm", guidance_scale=8.0)
make_turbo = partial(make_sdxl, scheduler=TURBO)
make_lcm = partial(make_sdxl, scheduler=LCM, time_cond_proj_dim=16)
make_zero = partial(make_sdxl, scheduler=ZERO)
make_two = partial(make_tiny, prediction_type="v_prediction", rescale_betas_zero_snr=True)

ROWS = (
    *(
        Row("Stable Diffusion", kind, partial(make_tiny, prediction_type=kind), SD, RECIPE)
        for kind in ("epsilon", "v_prediction", "sample")
    ),
    Row("Stable Diffusion", "v, zero SNR", make_two, SD, RECIPE),
    Row("Stable Diffusion", "v, zero SNR, Euler", make_two, SD_EULER, EULER),
    Row("Stable Diffusion", "LCM", partial(make_tiny, time_cond_proj_dim=16), SD_LCM, LCM_RECIPE),
    Row("Stable Diffusion", "v, inpainting", partial(make_two, in_channels=9), SD_CHANNELS, RECIPE),
    Row("Stable Diffusion", "inpainting", partial(make_tiny, in_channels=9), SD_CHANNELS, RECIPE),
    Row("Stable Diffusion XL", "epsilon", make_sdxl, XL, EULER),
    Row("Stable Diffusion XL", "v, zero SNR", make_zero, XL, RECIPE),
    Row(
        "Stable Diffusion XL",
        "no negative",
        make_sdxl,
        XL_SILENT,
        replace(EULER, negative_prompt=""),
    ),
    Row("Stable Diffusion XL", "turbo", make_turbo, XL_FEW, TURBO_RECIPE),
    Row("Stable Diffusion XL", "LCM", make_lcm, XL_FEW, LCM_RECIPE),
    Row("Stable Diffusion XL", "inpainting", partial(make_sdxl, in_channels=9), XL_CHANNELS, EULER),
)
