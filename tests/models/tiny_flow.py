"""Folders of the newer families with tiny random weights, in diffusers' true format."""

from __future__ import annotations

from pathlib import Path
from string import ascii_lowercase
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DPMSolverMultistepScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxFillPipeline,
    FluxPipeline,
    FluxTransformer2DModel,
    PixArtSigmaPipeline,
    PixArtTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    Qwen2Tokenizer,
    Qwen3Config,
    Qwen3Model,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
)

from tests.tiny import tiny_tokenizer

SIDE = 64
LATENT = 16
SEED = 0
DYNAMIC = {"use_dynamic_shifting": True, "base_shift": 0.5, "max_shift": 1.15, "shift": 3.0}
"""FLUX.1 dev's scheduler."""


def make_sd3(folder: Path, t5: bool = True, **changes: Any) -> Path:
    torch.manual_seed(SEED)
    network = SD3Transformer2DModel(
        **{
            "sample_size": SIDE // 4,
            "in_channels": LATENT,
            "out_channels": LATENT,
            "num_layers": 2,
            "attention_head_dim": 8,
            "num_attention_heads": 4,
            "joint_attention_dim": 64,
            "caption_projection_dim": 32,
            "pooled_projection_dim": 64,
            "pos_embed_max_size": 24,
            "qk_norm": "rms_norm",
            "dual_attention_layers": (0,),
        }
        | changes
    )
    StableDiffusion3Pipeline(
        transformer=network,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=_autoencoder(),
        text_encoder=_clip(CLIPTextModelWithProjection),
        tokenizer=tiny_tokenizer(folder),
        text_encoder_2=_clip(CLIPTextModelWithProjection),
        tokenizer_2=tiny_tokenizer(folder),
        text_encoder_3=_t5(64) if t5 else None,
        tokenizer_3=_t5_tokenizer() if t5 else None,
    ).save_pretrained(folder)
    return folder


def make_flux(folder: Path, guidance: bool = True, fill: bool = False) -> Path:
    """dev, without `guidance` schnell, and Fill."""
    torch.manual_seed(SEED)
    network = FluxTransformer2DModel(
        in_channels=4 * (2 * LATENT + 4**2) if fill else 4 * LATENT,
        out_channels=4 * LATENT,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        guidance_embeds=guidance,
        axes_dims_rope=(4, 2, 2),
    )
    pipeline = FluxFillPipeline if fill else FluxPipeline
    pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(**DYNAMIC if guidance else {}),
        vae=_autoencoder(),
        text_encoder=_clip(CLIPTextModel),
        tokenizer=tiny_tokenizer(folder),
        text_encoder_2=_t5(32),
        tokenizer_2=_t5_tokenizer(),
        transformer=network,
    ).save_pretrained(folder)
    return folder


def make_z_image(folder: Path, shift: float = 3.0) -> Path:
    """Turbo, and with a larger `shift` the model that it was distilled from."""
    torch.manual_seed(SEED)
    network = ZImageTransformer2DModel(
        in_channels=LATENT,
        dim=32,
        n_layers=2,
        n_refiner_layers=1,
        n_heads=4,
        n_kv_heads=4,
        cap_feat_dim=32,
        axes_dims=[4, 2, 2],
        axes_lens=[1024, 32, 32],
    )
    with torch.no_grad():  # they are learnt; as they are made they say nothing
        network.x_pad_token.normal_()
        network.cap_pad_token.normal_()
    text = Qwen3Model(
        Qwen3Config(
            vocab_size=64,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=3,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=8,
            max_position_embeddings=512,
        )
    )
    ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=shift),
        vae=_autoencoder(),
        text_encoder=text,
        tokenizer=_qwen_tokenizer(),
        transformer=network,
    ).save_pretrained(folder)
    return folder


def make_pixart(folder: Path) -> Path:
    torch.manual_seed(SEED)
    network = PixArtTransformer2DModel(
        num_attention_heads=4,
        attention_head_dim=8,
        in_channels=4,
        out_channels=8,
        num_layers=2,
        cross_attention_dim=32,
        sample_size=SIDE // 4,
        caption_channels=32,
        interpolation_scale=1,
        use_additional_conditions=False,
    )
    PixArtSigmaPipeline(
        tokenizer=_t5_tokenizer(),
        text_encoder=_t5(32),
        vae=_autoencoder(latent_channels=4, shift_factor=None, scaling_factor=0.13025),
        transformer=network,
        scheduler=DPMSolverMultistepScheduler(beta_start=0.0001, beta_end=0.02),
    ).save_pretrained(folder)
    return folder


def _autoencoder(**changes: Any) -> AutoencoderKL:
    torch.manual_seed(SEED)  # the same one for all of them
    blocks = {"down_block_types": ("DownEncoderBlock2D",) * 3} | {
        "up_block_types": ("UpDecoderBlock2D",) * 3
    }
    scales = {"latent_channels": LATENT, "scaling_factor": 0.3611, "shift_factor": 0.1159}
    return AutoencoderKL(
        block_out_channels=(16, 16, 16),
        norm_num_groups=4,
        sample_size=SIDE,
        **blocks,
        **scales | changes,
    )


def _clip(kind: type) -> Any:
    return kind(
        CLIPTextConfig(
            vocab_size=64,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=32,
            projection_dim=32,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )


def _t5(width: int) -> T5EncoderModel:
    config = T5Config(
        vocab_size=64, d_model=width, d_kv=8, d_ff=64, num_layers=2, num_heads=4, is_gated_act=True
    )
    return T5EncoderModel(config)


def _t5_tokenizer() -> T5Tokenizer:
    special = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    letters = [(letter, -3.0) for letter in ascii_lowercase]
    return T5Tokenizer(vocab=special + letters, extra_ids=0, model_max_length=512)


def _qwen_tokenizer() -> Qwen2Tokenizer:
    letters = [*ascii_lowercase, "Ġ", "Ċ"]
    words = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *letters]
    tokenizer = Qwen2Tokenizer(vocab={word: index for index, word in enumerate(words)}, merges=[])
    tokenizer.chat_template = (
        "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}"
        "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    tokenizer.model_max_length = 512
    return tokenizer
