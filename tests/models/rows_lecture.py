"""The agreement table's rows of the lecture's models, DDPM and DiT.

diffusers has pipelines that make pictures of noise with them, and none that begin with a picture.
There `by_hand` is the other side: its networks and schedulers, in the loop of its other pipelines.
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
from studio.engine.pixels import to_latent_mask, to_tensor
from tests.models.agreement import FILL, IMAGE, RECIPE, TEXT, Asked, Row, dealt, opened
from tests.models.tiny_lecture import make_ddpm, make_dit

Network = Callable[[Any, Tensor, Any], Tensor]
"""(pipeline, x, timestep) → what the network predicts."""


@torch.inference_mode()
def by_hand(name: str, scheduler: str, network: Network, folder: Path, asked: Asked) -> Tensor:
    """Noise added to the picture, step after step; what is outside a mask is put back each time."""
    pipe, recipe = opened(name, folder, scheduler), asked.recipe
    assert asked.picture is not None
    source = to_tensor(asked.picture)
    if hasattr(pipe, "vae"):
        source = pipe.vae.encode(source).latent_dist.mode() * pipe.vae.config.scaling_factor
    pipe.scheduler.set_timesteps(recipe.steps)
    times = pipe.scheduler.timesteps[recipe.steps - int(recipe.steps * recipe.strength) :]
    noise = asked.noise.start()
    x = pipe.scheduler.add_noise(source, noise, times[:1])
    for i, t in enumerate(times):
        step = {"use_clipped_model_output": True} if scheduler == "DDIMScheduler" else {}
        x = pipe.scheduler.step(network(pipe, x, t), t, x, **step).prev_sample
        if asked.mask is not None:
            free = to_latent_mask(asked.mask, *x.shape[2:])
            last = i == len(times) - 1
            old = source if last else pipe.scheduler.add_noise(source, noise, times[i + 1 : i + 2])
            x = free * x + (1 - free) * old
    return x


def ddpm(name: str, folder: Path, asked: Asked, **options: Any) -> Tensor:
    """Its picture, which is its last sample: both are clipped to what pixels can be."""
    pipe = opened(name, folder, name.replace("Pipeline", "Scheduler"))
    with dealt(asked):
        made = pipe(num_inference_steps=asked.recipe.steps, output_type="pt", **options)
    pixels: Tensor = made.images if isinstance(made.images, Tensor) else torch.tensor(made.images)
    return 2 * pixels - 1


def unet(pipe: Any, x: Tensor, t: Any) -> Tensor:
    said: Tensor = pipe.unet(x, t).sample
    return said


def dit(folder: Path, asked: Asked) -> Tensor:
    """What the pipeline hands to its decoder. It guides all four channels of ε, as we do; the
    authors' own code guides the first three only."""
    pipe, seen = opened("DiTPipeline", folder), []
    decode = pipe.vae.decode
    pipe.vae.decode = lambda latents: (seen.append(latents), decode(latents))[1]
    recipe = asked.recipe
    with dealt(asked):
        pipe(
            pipe.get_label_ids([recipe.prompt]),
            num_inference_steps=recipe.steps,
            guidance_scale=recipe.guidance_scale,
            output_type="pt",
        )
    scaled: Tensor = seen[0] * pipe.vae.config.scaling_factor
    return scaled


def guided_dit(asked: Asked) -> Network:
    def network(pipe: Any, x: Tensor, t: Any) -> Tensor:
        (number,) = pipe.get_label_ids([asked.recipe.prompt])
        both = pipe.transformer(
            x.expand(2, -1, -1, -1), t[None].expand(2), torch.tensor([1000, number])
        ).sample[:, :4]
        guided: Tensor = both[:1] + asked.recipe.guidance_scale * (both[1:] - both[:1])
        return guided

    return network


def dit_by_hand(folder: Path, asked: Asked) -> Tensor:
    return by_hand("DiTPipeline", "", guided_dit(asked), folder, asked)


PIXELS = replace(RECIPE, prompt="", negative_prompt="", guidance_scale=1.0, size=Size(16, 16))
CLASSES = replace(RECIPE, prompt="golden retriever", negative_prompt="")

DDPM = {TEXT: partial(ddpm, "DDPMPipeline")}
# A sampler is given x̂0 as it is shown: clipped. diffusers does so with DDPM always and with DDIM
# if it is asked to; unasked its DDIM goes on with the noise of an x̂0 that it no longer has.
DDIM = {
    TEXT: partial(ddpm, "DDIMPipeline", use_clipped_model_output=True),
    IMAGE: partial(by_hand, "DDPMPipeline", "DDIMScheduler", unet),
    FILL: partial(by_hand, "DDPMPipeline", "DDIMScheduler", unet),
}
DIT = {TEXT: dit, IMAGE: dit_by_hand, FILL: dit_by_hand}

ROWS = (
    Row("DDPM", "epsilon", make_ddpm, DDPM, replace(PIXELS, sampler="ddpm")),
    Row("DDPM", "epsilon, DDIM", make_ddpm, DDIM, PIXELS),
    Row("DDPM", "x0, DDIM", partial(make_ddpm, prediction_type="sample"), DDIM, PIXELS),
    Row("DiT", "epsilon", make_dit, DIT, CLASSES),
    Row("DiT", "v_prediction", partial(make_dit, prediction_type="v_prediction"), DIT, CLASSES),
)
