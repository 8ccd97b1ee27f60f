"""FLUX's and PixArt's published tensor names as diffusers has them.

diffusers' own function for FLUX.1 knows one width only, and there is none for PixArt. What must
come out is tested against it, and against `scripts/convert_pixart_sigma_to_diffusers.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

Tensors = dict[str, Tensor]
IMAGE = ("attn.to_q", "attn.to_k", "attn.to_v")
WORDS = ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj")
FLUX: tuple[tuple[str, str], ...] = (
    (r"^img_in\.", "x_embedder."),
    (r"^txt_in\.", "context_embedder."),
    (r"^time_in\.in_layer\.", "time_text_embed.timestep_embedder.linear_1."),
    (r"^time_in\.out_layer\.", "time_text_embed.timestep_embedder.linear_2."),
    (r"^vector_in\.in_layer\.", "time_text_embed.text_embedder.linear_1."),
    (r"^vector_in\.out_layer\.", "time_text_embed.text_embedder.linear_2."),
    (r"^guidance_in\.in_layer\.", "time_text_embed.guidance_embedder.linear_1."),
    (r"^guidance_in\.out_layer\.", "time_text_embed.guidance_embedder.linear_2."),
    (r"^final_layer\.linear\.", "proj_out."),
    (r"^final_layer\.adaLN_modulation\.1\.", "norm_out.linear."),
    (r"^double_blocks\.(\d+)\.", r"transformer_blocks.\1."),
    (r"^single_blocks\.(\d+)\.", r"single_transformer_blocks.\1."),
    (r"\.img_mod\.lin\.", ".norm1.linear."),
    (r"\.txt_mod\.lin\.", ".norm1_context.linear."),
    (r"\.img_attn\.norm\.query_norm\.scale$", ".attn.norm_q.weight"),
    (r"\.img_attn\.norm\.key_norm\.scale$", ".attn.norm_k.weight"),
    (r"\.txt_attn\.norm\.query_norm\.scale$", ".attn.norm_added_q.weight"),
    (r"\.txt_attn\.norm\.key_norm\.scale$", ".attn.norm_added_k.weight"),
    (r"\.img_attn\.proj\.", ".attn.to_out.0."),
    (r"\.txt_attn\.proj\.", ".attn.to_add_out."),
    (r"\.img_mlp\.0\.", ".ff.net.0.proj."),
    (r"\.img_mlp\.2\.", ".ff.net.2."),
    (r"\.txt_mlp\.0\.", ".ff_context.net.0.proj."),
    (r"\.txt_mlp\.2\.", ".ff_context.net.2."),
    (r"\.modulation\.lin\.", ".norm.linear."),
    (r"\.norm\.query_norm\.scale$", ".attn.norm_q.weight"),
    (r"\.norm\.key_norm\.scale$", ".attn.norm_k.weight"),
    (r"\.linear2\.", ".proj_out."),
)
PIXART: tuple[tuple[str, str], ...] = (
    (r"^x_embedder\.proj\.", "pos_embed.proj."),
    (r"^y_embedder\.y_proj\.fc(\d)\.", r"caption_projection.linear_\1."),
    (r"^t_embedder\.mlp\.0\.", "adaln_single.emb.timestep_embedder.linear_1."),
    (r"^t_embedder\.mlp\.2\.", "adaln_single.emb.timestep_embedder.linear_2."),
    (r"^t_block\.1\.", "adaln_single.linear."),
    (r"^final_layer\.linear\.", "proj_out."),
    (r"^final_layer\.scale_shift_table$", "scale_shift_table"),
    (r"^blocks\.(\d+)\.", r"transformer_blocks.\1."),
    (r"\.attn\.proj\.", ".attn1.to_out.0."),
    (r"\.cross_attn\.q_linear\.", ".attn2.to_q."),
    (r"\.cross_attn\.proj\.", ".attn2.to_out.0."),
    (r"\.mlp\.fc1\.", ".ff.net.0.proj."),
    (r"\.mlp\.fc2\.", ".ff.net.2."),
)


def flux(tensors: Tensors, config: Mapping[str, Any], network: Any) -> Tensors:
    """FLUX.1 as Black Forest Labs publish it; diffusers' names are left as they are."""
    if "img_in.weight" not in tensors:
        return tensors
    width = int(config["num_attention_heads"]) * int(config["attention_head_dim"])
    found: Tensors = {}
    for name, tensor in tensors.items():
        new = _renamed(name, FLUX)
        end = new.rpartition(".")[2]
        if ".img_attn.qkv." in new or ".txt_attn.qkv." in new:
            head, _, _ = new.partition(".img_attn" if ".img_attn" in new else ".txt_attn")
            parts = IMAGE if ".img_attn" in new else WORDS
            found |= _split(tensor, head, parts, end, [width] * 3)
        elif ".linear1." in new:
            head = new.partition(".linear1.")[0]
            rest = tensor.shape[0] - 3 * width
            found |= _split(tensor, head, (*IMAGE, "proj_mlp"), end, [width] * 3 + [rest])
        elif new.startswith("norm_out."):
            # Theirs is shift and scale, diffusers' is scale and shift.
            shift, scale = tensor.chunk(2, dim=0)
            found[new] = torch.cat([scale, shift], dim=0)
        else:
            found[new] = tensor
    return found


def pixart(tensors: Tensors, config: Mapping[str, Any], network: Any) -> Tensors:
    """PixArt-Σ as its authors publish it; diffusers' names are left as they are."""
    if "x_embedder.proj.weight" not in tensors:
        return tensors
    found: Tensors = {}
    for name, tensor in tensors.items():
        new = _renamed(name, PIXART)
        end = new.rpartition(".")[2]
        if ".attn.qkv." in new:
            head, third = new.partition(".attn.qkv.")[0], tensor.shape[0] // 3
            found |= _split(
                tensor, head, ("attn1.to_q", "attn1.to_k", "attn1.to_v"), end, [third] * 3
            )
        elif ".cross_attn.kv_linear." in new:
            head, half = new.partition(".cross_attn.kv_linear.")[0], tensor.shape[0] // 2
            found |= _split(tensor, head, ("attn2.to_k", "attn2.to_v"), end, [half] * 2)
        else:
            found[new] = tensor
    return found


def _renamed(name: str, rules: tuple[tuple[str, str], ...]) -> str:
    for old, new in rules:
        name = re.sub(old, new, name)
    return name


def _split(
    tensor: Tensor, head: str, parts: tuple[str, ...], end: str, sizes: list[int]
) -> Tensors:
    pieces = torch.split(tensor, sizes)
    return {f"{head}.{part}.{end}": piece for part, piece in zip(parts, pieces, strict=True)}
