"""Which network a file holds: rows of tensors' names and shapes, as they were published.

A row fits a file that has every tensor it names, in the shape it names. What fits no row is
unknown; there is no family that a file is by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PREFIXES = ("model.diffusion_model.", "diffusion_model.", "")
"""What stands before the names of a network's tensors: in a checkpoint, in others, alone."""
Shape = tuple[int | None, ...]
ANY: Shape = (None,)
"""A shape whose last number may be any, and which may have any number before it."""


@dataclass(frozen=True)
class Network:
    """`needs`: shapes by name, matched from the end where the row says less than all numbers;
    None is any number. `lacks`: names that would make it something else. `layout` "" is for those
    that there is no family for here."""

    layout: str
    title: str
    needs: Mapping[str, Shape]
    lacks: tuple[str, ...] = ()

    def fits(self, shapes: Mapping[str, tuple[int, ...]], prefix: str) -> bool:
        return all(
            _same(shapes.get(prefix + name), shape) for name, shape in self.needs.items()
        ) and not any(prefix + name in shapes for name in self.lacks)


def network_of(shapes: Mapping[str, tuple[int, ...]]) -> tuple[Network, str] | None:
    """The row that a file's tensors fit, and what stands before their names."""
    for prefix in PREFIXES:
        for row in ROWS:
            if row.fits(shapes, prefix):
                return row, prefix
    return None


def _same(found: tuple[int, ...] | None, wanted: Shape) -> bool:
    if found is None or (len(found) < len(wanted) and wanted != ANY):
        return False
    if wanted == ANY:
        return True
    tail = found[len(found) - len(wanted) :]
    return all(want is None or number == want for number, want in zip(tail, wanted, strict=True))


def _unet(channels: int, words: int, place: str) -> dict[str, Shape]:
    """A UNet's first convolution and the first attention to words of so many numbers."""
    return {
        "input_blocks.0.0.weight": (320, channels, 3, 3),
        f"input_blocks.{place}.1.transformer_blocks.0.attn2.to_k.weight": (None, words),
    }


def _theirs(channels: int, words: int, place: str) -> dict[str, Shape]:
    """The same with diffusers' names."""
    return {
        "conv_in.weight": (320, channels, 3, 3),
        f"down_blocks.{place}.attentions.0.transformer_blocks.0.attn2.to_k.weight": (None, words),
    }


DEEP = "middle_block.1.transformer_blocks.9.attn2.to_k.weight"
DEEP_THEIRS = "mid_block.attentions.0.transformer_blocks.9.attn2.to_k.weight"
XL: dict[str, Shape] = {
    DEEP: (1280, 2048),
    "label_emb.0.0.weight": (1280, 2816),
    "input_blocks.7.1.transformer_blocks.9.attn2.to_k.weight": (1280, 2048),
}
XL_THEIRS: dict[str, Shape] = {
    DEEP_THEIRS: (1280, 2048),
    "add_embedding.linear_1.weight": (1280, 2816),
}
FLUX: dict[str, Shape] = {
    "double_blocks.18.img_attn.norm.key_norm.scale": (128,),
    "single_blocks.37.linear1.weight": (21504, 3072),
}
FLUX_THEIRS: dict[str, Shape] = {
    "transformer_blocks.18.attn.add_q_proj.weight": (3072, 3072),
    "single_transformer_blocks.37.proj_mlp.weight": (12288, 3072),
}
CLASSES = ("label_emb.0.0.weight", "label_emb.weight", "class_embedding.weight")
NOT_FLUX = ("distilled_guidance_layer.in_proj.bias",)

ROWS = (
    Network("sd1", "Stable Diffusion 1.x", _unet(4, 768, "1"), CLASSES),
    Network("sd1-inpaint", "Stable Diffusion 1.x Inpainting", _unet(9, 768, "1"), CLASSES),
    Network("sd2", "Stable Diffusion 2.x", _unet(4, 1024, "1"), CLASSES),
    Network("sd2-inpaint", "Stable Diffusion 2.x Inpainting", _unet(9, 1024, "1"), CLASSES),
    Network("sdxl", "SDXL", _unet(4, 2048, "4") | XL),
    Network("sdxl-inpaint", "SDXL Inpainting", _unet(9, 2048, "4") | XL),
    Network("sd1", "Stable Diffusion 1.x", _theirs(4, 768, "0"), CLASSES),
    Network("sd1-inpaint", "Stable Diffusion 1.x Inpainting", _theirs(9, 768, "0"), CLASSES),
    Network("sd2", "Stable Diffusion 2.x", _theirs(4, 1024, "0"), CLASSES),
    Network("sd2-inpaint", "Stable Diffusion 2.x Inpainting", _theirs(9, 1024, "0"), CLASSES),
    Network("sdxl", "SDXL", _theirs(4, 2048, "1") | XL_THEIRS),
    Network("sdxl-inpaint", "SDXL Inpainting", _theirs(9, 2048, "1") | XL_THEIRS),
    Network(
        "sd35-large",
        "Stable Diffusion 3.5 Large",
        {"joint_blocks.37.x_block.mlp.fc1.weight": (9728, 2432)},
    ),
    Network(
        "sd35-medium",
        "Stable Diffusion 3.5 Medium",
        {
            "joint_blocks.23.x_block.mlp.fc1.weight": (6144, 1536),
            "joint_blocks.0.x_block.attn2.qkv.weight": (4608, 1536),
        },
    ),
    Network(
        "sd3-medium",
        "Stable Diffusion 3 Medium",
        {"joint_blocks.23.x_block.mlp.fc1.weight": (6144, 1536)},
    ),
    Network(
        "flux-dev",
        "FLUX.1 dev",
        {**FLUX, "guidance_in.in_layer.weight": ANY, "img_in.weight": (3072, 64)},
        NOT_FLUX,
    ),
    Network(
        "flux-fill",
        "FLUX.1 Fill",
        {**FLUX, "guidance_in.in_layer.weight": ANY, "img_in.weight": (3072, 384)},
        NOT_FLUX,
    ),
    Network(
        "flux-schnell",
        "FLUX.1 schnell",
        {**FLUX, "img_in.weight": (3072, 64)},
        ("guidance_in.in_layer.weight", *NOT_FLUX),
    ),
    Network(
        "flux-dev",
        "FLUX.1 dev",
        {
            **FLUX_THEIRS,
            "time_text_embed.guidance_embedder.linear_1.weight": ANY,
            "x_embedder.weight": (3072, 64),
        },
    ),
    Network(
        "flux-fill",
        "FLUX.1 Fill",
        {
            **FLUX_THEIRS,
            "time_text_embed.guidance_embedder.linear_1.weight": ANY,
            "x_embedder.weight": (3072, 384),
        },
    ),
    Network(
        "flux-schnell",
        "FLUX.1 schnell",
        {**FLUX_THEIRS, "x_embedder.weight": (3072, 64)},
        ("time_text_embed.guidance_embedder.linear_1.weight",),
    ),
    Network(
        "z-image",
        "Z-Image",
        {
            "layers.29.adaLN_modulation.0.weight": (15360, 256),
            "cap_embedder.1.weight": (3840, 2560),
        },
    ),
    Network(
        "pixart-sigma",
        "PixArt-Σ",
        {
            "blocks.27.cross_attn.kv_linear.weight": (2304, 1152),
            "y_embedder.y_embedding": (300, 4096),
        },
    ),
    Network(
        "pixart-sigma",
        "PixArt-Σ",
        {
            "transformer_blocks.27.attn2.to_k.weight": (1152, 1152),
            "caption_projection.linear_1.weight": (1152, 4096),
            "adaln_single.linear.weight": (6912, 1152),
        },
        ("adaln_single.emb.resolution_embedder.linear_1.weight",),
    ),
    # Known by name and not to be used: better a name than "unknown".
    Network("", "SDXL Refiner", {"input_blocks.0.0.weight": (384, 4, 3, 3)}),
    Network("", "SDXL, distilled (SSD-1B and the like)", _unet(4, 2048, "4"), (DEEP,)),
    Network("", "InstructPix2Pix", _unet(8, 768, "1")),
    Network("", "Stable Diffusion x4 Upscaler", {"input_blocks.0.0.weight": (256, 7, 3, 3)}),
    Network("", "Stable unCLIP", _unet(4, 1024, "1") | {"label_emb.0.0.weight": ANY}),
    Network("", "FLUX.1 Depth or Canny", FLUX | {"img_in.weight": (3072, 128)}),
    Network("", "Chroma", {"distilled_guidance_layer.in_proj.bias": ANY}),
    Network("", "FLUX.2", {"single_stream_modulation.lin.weight": ANY}),
    Network("", "PixArt-α", {"y_embedder.y_embedding": (120, 4096)}),
    Network(
        "", "Lumina 2", {"cap_embedder.0.weight": (2304,), "layers.0.attention.qkv.weight": ANY}
    ),
    Network("", "AuraFlow", {"double_layers.0.attn.w2q.weight": ANY}),
    Network("", "Qwen-Image", {"transformer_blocks.0.img_mlp.net.0.proj.weight": ANY}),
    Network("", "Wan video", {"head.modulation": ANY, "blocks.0.cross_attn.norm_k.weight": ANY}),
    Network("", "Hunyuan video", {"txt_in.individual_token_refiner.blocks.0.mlp.fc1.weight": ANY}),
    Network("", "HiDream", {"double_stream_blocks.0.block.adaLN_modulation.1.bias": ANY}),
    Network("", "LTX video", {"patchify_proj.weight": ANY}),
    Network("", "Stable Cascade", {"clip_txt_mapper.weight": ANY}),
    Network("", "Sana", {"blocks.0.cross_attn.kv_linear.weight": ANY, "caption_norm.weight": ANY}),
)
