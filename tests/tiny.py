"""A Stable Diffusion folder with tiny random weights, in diffusers' true format."""

from __future__ import annotations

import json
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer


def make_tiny(
    folder: Path,
    prediction_type: str = "epsilon",
    seed: int = 0,
    in_channels: int = 4,
    time_cond_proj_dim: int | None = None,
    **scheduler: Any,
) -> Path:
    """Write a model of a few thousand weights to `folder`. Its pictures are 64×64.

    With 9 `in_channels` its network is one for inpainting, with `time_cond_proj_dim` it is told
    the guidance scale. `scheduler`: its configuration where it is not the usual one.
    """
    torch.manual_seed(seed)
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=in_channels,
        out_channels=4,
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=4,
        cross_attention_dim=32,
        attention_head_dim=8,
        time_cond_proj_dim=time_cond_proj_dim,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    )
    vae = AutoencoderKL(
        block_out_channels=(16, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=64,
    )
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=64,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=32,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )
    StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=tiny_tokenizer(folder),
        unet=unet,
        scheduler=DDIMScheduler(
            **{
                "beta_schedule": "scaled_linear",
                "beta_start": 0.00085,
                "beta_end": 0.012,
                "prediction_type": prediction_type,
                "timestep_spacing": "trailing",
                "steps_offset": 1,
                "clip_sample": False,
            }
            | scheduler
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)
    return folder


def tiny_tokenizer(folder: Path, **special: str) -> CLIPTokenizer:
    # Letter by letter, without merges: any two prompts are different tokens.
    letters = [*ascii_lowercase, *(f"{letter}</w>" for letter in ascii_lowercase)]
    vocabulary = ["<|startoftext|>", "<|endoftext|>", *letters]
    folder.mkdir(parents=True, exist_ok=True)
    words, merges = folder / "words.json", folder / "merges.txt"
    words.write_text(json.dumps({word: index for index, word in enumerate(vocabulary)}))
    merges.write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(str(words), str(merges), model_max_length=32, **special)
    words.unlink()
    merges.unlink()
    return tokenizer
