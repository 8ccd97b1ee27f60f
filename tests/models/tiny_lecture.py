"""The lecture's models with tiny random weights, in diffusers' true format: DDPM and DiT."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DDPMPipeline,
    DiTPipeline,
    DiTTransformer2DModel,
    UNet2DModel,
)

LABELS = {0: "tench, Tinca tinca", 1: "goldfish, Carassius auratus", 207: "golden retriever"}


def make_ddpm(folder: Path, channels: int = 3, **scheduler: Any) -> Path:
    """An unconditional model of 16×16 pixels. `scheduler`: its configuration."""
    torch.manual_seed(2)
    unet = UNet2DModel(
        sample_size=16,
        in_channels=channels,
        out_channels=channels,
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=4,
        attention_head_dim=8,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"),
    )
    DDPMPipeline(unet, diffusers.DDPMScheduler(**scheduler)).save_pretrained(folder)
    return folder


def make_dit(folder: Path, **scheduler: Any) -> Path:
    """A class-conditional model of 64×64 pixels, which learnt its variance too."""
    torch.manual_seed(3)
    transformer = DiTTransformer2DModel(
        num_attention_heads=4,
        attention_head_dim=8,
        in_channels=4,
        out_channels=8,
        num_layers=2,
        sample_size=16,
        patch_size=2,
        num_embeds_ada_norm=1000,
    )
    vae = AutoencoderKL(
        block_out_channels=(8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=64,
    )
    DiTPipeline(
        transformer,
        vae,
        DDIMScheduler(beta_schedule="linear", clip_sample=False, **scheduler),
    ).save_pretrained(folder)
    # As in the published folders; diffusers reads it and does not write it.
    index = folder / "model_index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"id2label": LABELS}))
    return folder
