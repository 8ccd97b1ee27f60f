"""What a file adds to a model, if it is no network: a LoRA, a VAE, an embedding, an encoder.

Names and shapes as kohya's scripts, LyCORIS, peft, diffusers and A1111 write them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from studio.core.model_file import Role

Shapes = Mapping[str, tuple[int, ...]]
Found = tuple[Role, str, str, str]
"""Role, layout, title, detail."""
TITLES = {
    "sd1": "Stable Diffusion 1.x",
    "sd2": "Stable Diffusion 2.x",
    "sdxl": "SDXL",
    "sd3": "Stable Diffusion 3",
    "flux": "FLUX.1",
    "z-image": "Z-Image",
    "pixart-sigma": "PixArt-Σ",
}
"""Families that an addition can be for."""
BY_WIDTH = {768: "sd1", 1024: "sd2", 2048: "sdxl"}
"""The family whose words are so many numbers."""
LOW_RANK = {
    "lora_down.weight": "kohya",
    "lora_A.weight": "PEFT",
    "lora_A.default.weight": "PEFT",
    "lora.down.weight": "diffusers",
    "to_q_lora.down.weight": "diffusers",
    "to_k_lora.down.weight": "diffusers",
    "to_v_lora.down.weight": "diffusers",
    "to_out_lora.down.weight": "diffusers",
    "lora_linear_layer.down.weight": "diffusers",
    "hada_w1_b": "LoHa",
    "lokr_w1": "LoKr",
    "lokr_w1_b": "LoKr",
    "oft_blocks": "OFT",
    "oft_diag": "OFT",
}
"""How the tensors of each way to write a LoRA end, from a dot on."""
LOW_ENDS = tuple(LOW_RANK)
DORA = ("dora_scale", "lora_magnitude_vector", "lora_magnitude_vector.weight")
WORDS = re.compile(r"attn2[._](?:processor[._])?to_k(?:[._]|_lora)")


def addition_of(shapes: Shapes) -> Found | None:
    """What the tensors of these names and shapes add; None if it is nothing that is known."""
    return (
        _lora(shapes)
        or _controlnet(shapes)
        or _embedding(shapes)
        or _text_encoder(shapes)
        or _vae(shapes)
        or _other(shapes)
    )


def _lora(shapes: Shapes) -> Found | None:
    ways = {_way(name) for name in shapes if name.endswith(LOW_ENDS)}
    if not ways:
        return None
    detail = " + ".join(sorted(ways))
    if any(name.endswith(DORA) for name in shapes):
        detail = f"DoRA, {detail}"
    layout = _lora_for(shapes)
    return Role.LORA, layout, TITLES.get(layout, ""), detail


def _way(name: str) -> str:
    """How a tensor of this name is written, by its last words."""
    parts = name.rsplit(".", 3)
    tails = (".".join(parts[-count:]) for count in (2, 1, 3))
    return next((LOW_RANK[tail] for tail in tails if tail in LOW_RANK), "diffusers")


def _lora_for(shapes: Shapes) -> str:
    """The family whose modules a LoRA changes; "" if that does not follow from them."""
    names = "\n".join(shapes).replace(".", "_")
    if _any(names, "single_transformer_blocks_", "double_blocks_"):
        return "flux"
    if _any(names, "joint_blocks_", "add_q_proj", "add_k_proj"):
        return "sd3"
    if _any(names, "noise_refiner_", "context_refiner_") or (
        "layers_0_attention_" in names and Z_LAYERS.search(names)
    ):
        return "z-image"
    for name, shape in shapes.items():
        if name.endswith(_DOWN) and len(shape) >= 2 and WORDS.search(name):
            if shape[1] == 1152:
                return "pixart-sigma"
            if shape[1] in BY_WIDTH:
                return BY_WIDTH[shape[1]]
    if _any(names, "lora_te1_", "lora_te2_", "text_encoder_2_"):
        return "sdxl"
    text = next(
        (
            shape[1]
            for name, shape in shapes.items()
            if ("lora_te_" in name or "text_encoder." in name)
            and "q_proj" in name
            and name.endswith(_DOWN)
            and len(shape) == 2
        ),
        0,
    )
    return BY_WIDTH.get(text, "")


Z_LAYERS = re.compile(r"(?:^|diffusion_model_|transformer_|lora_unet_)layers_\d+_attention_", re.M)
_DOWN = ("lora_down.weight", "lora_A.weight", "lora.down.weight", "hada_w1_b", "default.weight")


def _controlnet(shapes: Shapes) -> Found | None:
    names = "\n".join(shapes)
    if _any(names, "control_model.", "controlnet_cond_embedding.", "controlnet_blocks."):
        return Role.CONTROLNET, "", "", ""
    if "input_hint_block.0.weight" in shapes or "lllite_unet" in next(iter(shapes), ""):
        return Role.CONTROLNET, "", "", ""
    return None


def _embedding(shapes: Shapes) -> Found | None:
    """One tensor, or two for SDXL, of a few tokens [n, width]."""
    if set(shapes) == {"clip_l", "clip_g"}:
        return Role.EMBEDDING, "sdxl", TITLES["sdxl"], _tokens(shapes["clip_g"])
    shape = shapes.get("emb_params") or (next(iter(shapes.values())) if len(shapes) == 1 else ())
    if 1 <= len(shape) <= 2 and shape[-1] in (768, 1024) and (len(shape) == 1 or shape[0] <= 128):
        layout = BY_WIDTH[shape[-1]]
        return Role.EMBEDDING, layout, TITLES[layout], _tokens(shape)
    return None


def _tokens(shape: tuple[int, ...]) -> str:
    count = shape[0] if len(shape) == 2 else 1
    return f"{count} token{'s' if count != 1 else ''}"


ENCODERS: tuple[tuple[str, tuple[int, ...], str, str], ...] = (
    ("text_model.encoder.layers.11.mlp.fc1.weight", (3072, 768), "clip-l", "CLIP-L"),
    ("text_model.encoder.layers.31.mlp.fc1.weight", (5120, 1280), "clip-g", "OpenCLIP bigG"),
    ("text_model.encoder.layers.22.mlp.fc1.weight", (4096, 1024), "clip-h", "OpenCLIP H"),
    ("transformer.resblocks.22.mlp.c_fc.weight", (4096, 1024), "clip-h", "OpenCLIP H"),
    ("transformer.resblocks.31.mlp.c_fc.weight", (5120, 1280), "clip-g", "OpenCLIP bigG"),
    ("encoder.block.23.layer.0.SelfAttention.q.weight", (4096, 4096), "t5-xxl", "T5-XXL"),
    ("model.layers.35.self_attn.q_norm.weight", (128,), "qwen3-4b", "Qwen3 4B"),
)
"""A tensor of each text encoder, its shape, the encoder's short name and its name."""


def _text_encoder(shapes: Shapes) -> Found | None:
    for name, shape, layout, title in ENCODERS:
        if shapes.get(name) == shape:
            return Role.TEXT_ENCODER, layout, title, ""
    return None


def _vae(shapes: Shapes) -> Found | None:
    first = shapes.get("decoder.conv_in.weight") or shapes.get(
        "first_stage_model.decoder.conv_in.weight"
    )
    middle = ("decoder.mid.block_1.norm1.weight", "decoder.mid_block.resnets.0.norm1.weight")
    known = any(
        f"{prefix}{name}" in shapes for prefix in ("", "first_stage_model.") for name in middle
    )
    if not first or len(first) != 4 or not known:
        return None
    # The two families' autoencoders have the same tensors; only what they learnt differs.
    titles = {
        4: ("sd", "Stable Diffusion 1, 2 or SDXL"),
        16: ("flux", "FLUX.1 or Stable Diffusion 3"),
    }
    layout, title = titles.get(first[1], ("", ""))
    return Role.VAE, layout, title, f"{first[1]} channels"


def _other(shapes: Shapes) -> Found | None:
    names = "\n".join(shapes)
    if "model.1.sub.0.RDB1.conv1.0.weight" in shapes or "body.0.rdb1.conv1.weight" in shapes:
        return Role.UPSCALER, "", "ESRGAN", ""
    if "layers.0.residual_group.blocks.0.norm1.weight" in shapes:
        return Role.UPSCALER, "", "SwinIR", ""
    for part, title in (
        ("vision_model.encoder.layers.0.", "CLIP vision"),
        ("motion_modules.0.", "AnimateDiff motion"),
        ("ip_adapter.", "IP-Adapter"),
        ("image_proj.", "IP-Adapter"),
    ):
        if _any(names, part):
            return Role.OTHER, "", title, ""
    return None


def _any(names: str, *parts: str) -> bool:
    """Whether one of the names, a line each, has one of the parts."""
    return any(part in names for part in parts)
