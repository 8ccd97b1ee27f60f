"""What models on a UNet and DiT can do, from their configurations. The rows are in `kinds`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from studio.core.errors import CannotLoad
from studio.core.geometry import Size
from studio.core.model_info import Abilities
from studio.models.classes import Classes
from studio.models.defaults import defaults
from studio.models.files.additions import BY_WIDTH
from studio.models.source import INDEX, Source, vae_factor

CLIPPING = ("DDPMScheduler", "DDIMScheduler", "DDPMParallelScheduler", "DDIMParallelScheduler")
"""Schedulers of diffusers that clip x̂0 unless their configuration says otherwise."""


def stable_diffusion(source: Source) -> Abilities:
    unet, text = source.config("unet"), source.config("text_encoder")
    side = int(unet.get("sample_size") or 64) * vae_factor(source)
    return Abilities(
        native_size=Size(side, side),
        max_tokens=int(text.get("max_position_embeddings", 77)),
        chunks=True,
        adapters=(BY_WIDTH.get(int(unet.get("cross_attention_dim") or 0), ""),),
        **_unet(source, 7.0 if side >= 256 else 4.0),
    )


def sdxl(source: Source) -> Abilities:
    text = source.config("text_encoder")
    side = int(source.config("unet").get("sample_size") or 128) * vae_factor(source)
    return Abilities(
        native_size=Size(side, side),
        max_tokens=int(text.get("max_position_embeddings", 77)),
        chunks=True,
        adapters=("sdxl",),
        **_unet(source, 5.0),
    )


def ddpm(source: Source) -> Abilities:
    unet = source.config("unet")
    side = unet.get("sample_size") or 32
    height, width = side if isinstance(side, list) else (side, side)
    if unet.get("num_class_embeds"):
        raise CannotLoad(
            f"{source.path} is a UNet that is told classes, and does not say which there are.",
            "Choose one that is told nothing, or a DiT.",
        )
    return Abilities(
        native_size=Size(int(width), int(height)),
        multiple=int(2 ** (len(unet["block_out_channels"]) - 1)),
        prompt=False,
        negative_prompt=False,
        prompt_hint="This model takes no words: it draws what it has seen most. Choose another "
        "model to describe what you want.",
        # It was made for 1000 steps of DDPM, which can be chosen; DDIM's fifty look the same.
        default_steps=50,
        default_guidance=1.0,
        x0_limit=_limit(source.config("scheduler")),
    )


def _limit(scheduler: Mapping[str, Any]) -> float:
    clipped = scheduler.get("clip_sample", scheduler.get("_class_name") in CLIPPING)
    return float(scheduler.get("clip_sample_range", 1.0)) if clipped else math.inf


def dit(source: Source) -> Abilities:
    transformer, factor = source.config("transformer"), vae_factor(source)
    side = int(transformer.get("sample_size") or 32) * factor
    return Abilities(
        native_size=Size(side, side),
        multiple=int(transformer.get("patch_size", 2)) * factor,
        prompt_hint="A class that the model knows, such as golden retriever, or its number",
        classes=tuple(Classes.of(source.config(INDEX).get("id2label") or {}, 0).numbers),
        tokenizer="",
        **defaults(source, 4.0) | {"default_steps": 50},
    )


def _unet(source: Source, guidance: float) -> dict[str, Any]:
    """What the UNets of latent models have in common, as fields of Abilities."""
    unet, vae = source.config("unet"), source.config("vae")
    latent = int(vae.get("latent_channels", 4))
    fields = defaults(source, guidance) | {
        "multiple": vae_factor(source) * 2 ** (len(unet["block_out_channels"]) - 1),
        "inpaint_channels": int(unet.get("in_channels", latent)) == 2 * latent + 1,
        "autoencoder": "sd" if latent == 4 else "",
    }
    if unet.get("time_cond_proj_dim"):
        # Distilled with guidance: the scale is a condition, and there is one prediction only.
        fields |= {"embedded_guidance": True, "negative_prompt": False, "default_guidance": 8.0}
    return fields
