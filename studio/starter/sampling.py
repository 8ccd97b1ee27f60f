"""Pictures from the networks without the app: for sample sheets and for measuring."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from diffusers.utils import logging as diffusers_logging
from PIL import Image
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer
from transformers.utils import logging as transformers_logging

from studio.core.errors import CannotLoad
from studio.starter.text import tokenize


@dataclass(frozen=True)
class Networks:
    """The parts of one Stable Diffusion model."""

    unet: Any
    vae: Any
    encoder: Any
    tokenizer: Any
    scheduler: Any


def load_networks(folder: Path) -> Networks:
    """From a folder in diffusers' format, in float32; raises CannotLoad if it is none."""
    if not (folder / "model_index.json").is_file():
        raise CannotLoad(f"{folder} is not a model folder.", "Train one, or name another.")
    for logging in (diffusers_logging, transformers_logging):
        logging.disable_progress_bar()
    text: Any = CLIPTextModel.from_pretrained(folder / "text_encoder")
    return Networks(
        UNet2DConditionModel.from_pretrained(folder / "unet").float(),
        AutoencoderKL.from_pretrained(folder / "vae").float(),
        text.float(),
        CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        DDIMScheduler.from_pretrained(folder / "scheduler"),
    )


@torch.no_grad()
def sample(
    networks: Networks, prompts: list[str], *, steps: int, guidance: float, seed: int
) -> list[Image.Image]:
    """Pictures for prompts by deterministic DDIM with classifier-free guidance, in bfloat16."""
    context = networks.encoder(tokenize(networks.tokenizer, [*prompts, ""])).last_hidden_state
    both = torch.cat([context[:-1], context[-1:].expand(len(prompts), -1, -1)])
    side = networks.unet.config.sample_size
    shape = (len(prompts), networks.unet.config.in_channels, side, side)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    networks.scheduler.set_timesteps(steps)
    for t in networks.scheduler.timesteps:
        with torch.autocast("cpu", torch.bfloat16):
            v = networks.unet(torch.cat([x, x]), t, both, return_dict=False)[0].float()
        told, untold = v.chunk(2)
        x = networks.scheduler.step(untold + guidance * (told - untold), t, x).prev_sample
    return to_pictures(networks.vae.decode(x).sample)


def to_pictures(x: Tensor) -> list[Image.Image]:
    """(n, 3, h, w) in [-1, 1] to pictures."""
    pixels = ((x.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return [Image.fromarray(p) for p in pixels.permute(0, 2, 3, 1).contiguous().numpy()]
