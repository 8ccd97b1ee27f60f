"""A Stable Diffusion XL folder with tiny random weights, in diffusers' true format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers
import torch
from diffusers import AutoencoderKL, StableDiffusionXLPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from tests.tiny import tiny_tokenizer

BETAS = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
PLAIN = ("EulerDiscreteScheduler", {"timestep_spacing": "leading", "steps_offset": 1})
TURBO = ("EulerAncestralDiscreteScheduler", {"timestep_spacing": "trailing"})
LCM = ("LCMScheduler", {})
ZERO = (
    "DDIMScheduler",
    {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True}
    | {"timestep_spacing": "trailing", "clip_sample": False},
)


def make_sdxl(
    folder: Path,
    scheduler: tuple[str, dict[str, Any]] = PLAIN,
    in_channels: int = 4,
    time_cond_proj_dim: int | None = None,
) -> Path:
    """Write a model of a few ten thousand weights. Its pictures are 64×64.

    `scheduler`: the class and the configuration besides the betas.
    """
    torch.manual_seed(1)
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=in_channels,
        out_channels=4,
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=4,
        cross_attention_dim=40,  # 16 of the first text encoder and 24 of the second
        attention_head_dim=(2, 4),
        transformer_layers_per_block=(1, 2),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=20 + 6 * 8,
        time_cond_proj_dim=time_cond_proj_dim,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )
    vae = AutoencoderKL(
        block_out_channels=(16, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=64,
        scaling_factor=0.13025,
        force_upcast=True,
    )
    name, config = scheduler
    StableDiffusionXLPipeline(
        vae=vae,
        text_encoder=CLIPTextModel(_text(16)),
        text_encoder_2=CLIPTextModelWithProjection(_text(24)),
        tokenizer=tiny_tokenizer(folder),
        tokenizer_2=tiny_tokenizer(folder, pad_token="a"),  # any but the end, as in the true one
        unet=unet,
        scheduler=getattr(diffusers, name)(**BETAS, **config),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    ).save_pretrained(folder)
    return folder


def _text(width: int) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=64,
        hidden_size=width,
        intermediate_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=32,
        projection_dim=20,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
