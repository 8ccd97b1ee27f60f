"""Files with a header and no data to speak of: the rest is a hole that takes no room."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from math import prod
from pathlib import Path

from studio.models.files.header import BITS

UNET = "model.diffusion_model."


def write(
    path: Path,
    shapes: Mapping[str, tuple[int, ...]],
    kind: str = "F16",
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """A safetensors file of those tensors, all zeros."""
    position, entries = 0, {}
    for name, shape in shapes.items():
        end = position + (prod(shape) * BITS[kind] + 7) // 8
        entries[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [position, end]}
        position = end
    header: dict[str, object] = dict(entries)
    if metadata:
        header["__metadata__"] = dict(metadata)
    text = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    os.truncate(path, 8 + len(text) + position)
    return path


def sd1(channels: int = 4, words: int = 768) -> dict[str, tuple[int, ...]]:
    """A few tensors of a Stable Diffusion 1.x checkpoint."""
    return {
        f"{UNET}input_blocks.0.0.weight": (320, channels, 3, 3),
        f"{UNET}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (320, words),
        "first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3),
        "first_stage_model.decoder.mid.block_1.norm1.weight": (512,),
        "cond_stage_model.transformer.text_model.final_layer_norm.weight": (words,),
    }


def sdxl(channels: int = 4) -> dict[str, tuple[int, ...]]:
    """A few tensors of an SDXL checkpoint."""
    deep = "transformer_blocks.9.attn2.to_k.weight"
    return {
        f"{UNET}input_blocks.0.0.weight": (320, channels, 3, 3),
        f"{UNET}input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight": (640, 2048),
        f"{UNET}input_blocks.7.1.{deep}": (1280, 2048),
        f"{UNET}middle_block.1.{deep}": (1280, 2048),
        f"{UNET}label_emb.0.0.weight": (1280, 2816),
        "conditioner.embedders.0.transformer.text_model.final_layer_norm.weight": (768,),
    }


def flux(inputs: int = 64, guidance: bool = True, prefix: str = "") -> dict[str, tuple[int, ...]]:
    """A few tensors of FLUX.1's transformer."""
    shapes: dict[str, tuple[int, ...]] = {
        "double_blocks.0.img_attn.norm.key_norm.scale": (128,),
        "double_blocks.18.img_attn.norm.key_norm.scale": (128,),
        "single_blocks.37.linear1.weight": (21504, 3072),
        "img_in.weight": (3072, inputs),
    }
    if guidance:
        shapes["guidance_in.in_layer.weight"] = (3072, 256)
    return {prefix + name: shape for name, shape in shapes.items()}


def kohya(width: int = 768, rank: int = 8) -> dict[str, tuple[int, ...]]:
    """A LoRA as kohya's scripts write it, of one module."""
    module = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
    return {
        f"{module}.alpha": (),
        f"{module}.lora_down.weight": (rank, width),
        f"{module}.lora_up.weight": (640, rank),
    }
