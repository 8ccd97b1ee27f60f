from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.model_file import Role
from studio.models.files.identify import identify
from tests.models.files.fixtures import UNET, flux, kohya, sd1, sdxl, write

Shapes = dict[str, tuple[int, ...]]
SD3 = "joint_blocks.23.x_block.mlp.fc1.weight"
CHECKPOINTS: dict[str, tuple[Shapes, Role, str]] = {
    "SD 1.5": (sd1(), Role.CHECKPOINT, "sd1"),
    "SD 1.5 inpainting": (sd1(9), Role.CHECKPOINT, "sd1-inpaint"),
    "SD 2.1": (sd1(4, 1024), Role.CHECKPOINT, "sd2"),
    "SD 2 inpainting": (sd1(9, 1024), Role.CHECKPOINT, "sd2-inpaint"),
    "SDXL": (sdxl(), Role.CHECKPOINT, "sdxl"),
    "SDXL inpainting": (sdxl(9), Role.CHECKPOINT, "sdxl-inpaint"),
    "SDXL's network alone": (
        {name.removeprefix(UNET): s for name, s in sdxl().items() if name.startswith(UNET)},
        Role.NETWORK,
        "sdxl",
    ),
    "SD3": ({SD3: (6144, 1536)}, Role.NETWORK, "sd3-medium"),
    "SD3.5 medium": (
        {SD3: (6144, 1536), "joint_blocks.0.x_block.attn2.qkv.weight": (4608, 1536)},
        Role.NETWORK,
        "sd35-medium",
    ),
    "SD3.5 large": (
        {f"{UNET}joint_blocks.37.x_block.mlp.fc1.weight": (9728, 2432)},
        Role.NETWORK,
        "sd35-large",
    ),
    "FLUX dev": (flux(), Role.NETWORK, "flux-dev"),
    "FLUX dev in a checkpoint": (
        {**flux(prefix=UNET), "vae.decoder.conv_in.weight": (512, 16, 3, 3)},
        Role.CHECKPOINT,
        "flux-dev",
    ),
    "FLUX schnell": (flux(guidance=False), Role.NETWORK, "flux-schnell"),
    "FLUX Fill": (flux(384), Role.NETWORK, "flux-fill"),
    "Z-Image": (
        {
            "layers.29.adaLN_modulation.0.weight": (15360, 256),
            "cap_embedder.1.weight": (3840, 2560),
        },
        Role.NETWORK,
        "z-image",
    ),
    "PixArt-Σ": (
        {
            "blocks.27.cross_attn.kv_linear.weight": (2304, 1152),
            "y_embedder.y_embedding": (300, 4096),
        },
        Role.NETWORK,
        "pixart-sigma",
    ),
}


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_a_model_is_known_by_its_tensors(name: str, tmp_path: Path) -> None:
    shapes, role, layout = CHECKPOINTS[name]
    found = identify(write(tmp_path / "nothing like its name.safetensors", shapes))
    assert (found.role, found.layout, found.problem) == (role, layout, "")
    assert found.title
    assert found.precision == "fp16"


OTHERS: dict[str, tuple[Shapes, str]] = {
    "the refiner": (
        {
            f"{UNET}input_blocks.0.0.weight": (384, 4, 3, 3),
            f"{UNET}label_emb.0.0.weight": (1536, 2560),
        },
        "SDXL Refiner",
    ),
    "a distilled SDXL": (
        {k: s for k, s in sdxl().items() if "middle_block" not in k},
        "SDXL, distilled",
    ),
    "FLUX depth": (flux(128), "FLUX.1 Depth"),
    "InstructPix2Pix": (sd1(8), "InstructPix2Pix"),
    "PixArt-α": ({"y_embedder.y_embedding": (120, 4096)}, "PixArt-α"),
    "Chroma": (
        {**flux(guidance=False), "distilled_guidance_layer.in_proj.bias": (5120,)},
        "Chroma",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_cannot_be_used_is_called_by_its_name(name: str, tmp_path: Path) -> None:
    shapes, title = OTHERS[name]
    found = identify(write(tmp_path / "a.safetensors", shapes))
    assert found.title.startswith(title)
    assert found.layout == ""
    assert "cannot be used yet" in found.problem


@pytest.mark.parametrize(
    "shapes",
    [
        {"weight": (3, 3)},
        {f"{UNET}input_blocks.0.0.weight": (320, 4, 3, 3)},
        {f"{UNET}input_blocks.0.0.weight": (128, 4, 3, 3)},
        sd1(5),
        {"first.conv.weight": (320, 768), "time_embed.0.weight": (1280, 320)},
    ],
)
def test_what_fits_nothing_is_unknown_and_no_family_by_default(
    shapes: Shapes, tmp_path: Path
) -> None:
    found = identify(write(tmp_path / "sd15-checkpoint.safetensors", shapes))
    assert found.role is Role.UNKNOWN
    assert found.layout == ""
    assert "fit no kind" in found.problem


BLOCK = "down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
DOTS = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
LORAS: dict[str, tuple[Shapes, str, str]] = {
    "kohya, SD 1": (kohya(768), "sd1", "kohya"),
    "kohya, SD 2": (kohya(1024), "sd2", "kohya"),
    "kohya, SDXL": (kohya(2048), "sdxl", "kohya"),
    "PEFT": ({f"{DOTS}.lora_A.weight": (4, 768), f"{DOTS}.lora_B.weight": (64, 4)}, "sd1", "PEFT"),
    "old diffusers": (
        {
            "unet.down_blocks.1.attentions.0.transformer_blocks.0"
            ".attn2.processor.to_k_lora.down.weight": (4, 768)
        },
        "sd1",
        "diffusers",
    ),
    "LoHa": (
        {f"lora_unet_{BLOCK}.hada_w1_a": (64, 4), f"lora_unet_{BLOCK}.hada_w1_b": (4, 2048)},
        "sdxl",
        "LoHa",
    ),
    "LoKr of SDXL": (
        {
            f"lora_unet_{BLOCK}.lokr_w1": (8, 8),
            "lora_te2_text_model_encoder_layers_0_mlp_fc1.lokr_w1": (8, 8),
        },
        "sdxl",
        "LoKr",
    ),
    "DoRA": ({**kohya(768), f"lora_unet_{BLOCK}.dora_scale": (64, 1)}, "sd1", "DoRA, kohya"),
    "FLUX, kohya": (
        {"lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight": (4, 3072)},
        "flux",
        "kohya",
    ),
    "FLUX, PEFT": (
        {"transformer.single_transformer_blocks.0.attn.to_k.lora_A.weight": (4, 3072)},
        "flux",
        "PEFT",
    ),
    "SD3": (
        {"transformer.transformer_blocks.0.attn.add_q_proj.lora_A.weight": (4, 1536)},
        "sd3",
        "PEFT",
    ),
    "Z-Image": (
        {"diffusion_model.layers.0.attention.qkv.lora_A.weight": (4, 3840)},
        "z-image",
        "PEFT",
    ),
    "one that could be for any": ({"something.lora_down.weight": (4, 100)}, "", "kohya"),
}


@pytest.mark.parametrize("name", LORAS)
def test_a_lora_is_known_and_for_which_family(name: str, tmp_path: Path) -> None:
    shapes, layout, detail = LORAS[name]
    found = identify(write(tmp_path / "a.safetensors", shapes))
    assert (found.role, found.layout, found.detail) == (Role.LORA, layout, detail)


PARTS: dict[str, tuple[Shapes, Role, str]] = {
    "an embedding of SD 1": ({"emb_params": (4, 768)}, Role.EMBEDDING, "sd1"),
    "one of diffusers": ({"<cat>": (1024,)}, Role.EMBEDDING, "sd2"),
    "one of SDXL": ({"clip_l": (2, 768), "clip_g": (2, 1280)}, Role.EMBEDDING, "sdxl"),
    "CLIP-L": (
        {"text_model.encoder.layers.11.mlp.fc1.weight": (3072, 768)},
        Role.TEXT_ENCODER,
        "clip-l",
    ),
    "T5-XXL": (
        {"encoder.block.23.layer.0.SelfAttention.q.weight": (4096, 4096)},
        Role.TEXT_ENCODER,
        "t5-xxl",
    ),
    "a VAE": (
        {
            "decoder.conv_in.weight": (512, 4, 3, 3),
            "decoder.mid.block_1.norm1.weight": (512,),
        },
        Role.VAE,
        "sd",
    ),
    "FLUX's VAE": (
        {
            "decoder.conv_in.weight": (512, 16, 3, 3),
            "decoder.mid_block.resnets.0.norm1.weight": (512,),
        },
        Role.VAE,
        "flux",
    ),
    "a ControlNet": (
        {"controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3)},
        Role.CONTROLNET,
        "",
    ),
    "an upscaler": ({"body.0.rdb1.conv1.weight": (32, 64, 3, 3)}, Role.UPSCALER, ""),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_known(name: str, tmp_path: Path) -> None:
    shapes, role, layout = PARTS[name]
    found = identify(write(tmp_path / "a.safetensors", shapes))
    assert (found.role, found.layout) == (role, layout)


def test_precision_is_that_of_most_bytes(tmp_path: Path) -> None:
    assert identify(write(tmp_path / "a.safetensors", sd1(), "BF16")).precision == "bf16"
    assert identify(write(tmp_path / "b.safetensors", sd1(), "F8_E4M3")).precision == "fp8"
    found = identify(write(tmp_path / "c.safetensors", kohya(), "F32"))
    assert (found.precision, found.parameters) == ("fp32", 1 + 8 * 768 + 640 * 8)


def test_a_damaged_file_says_so_and_is_no_model(tmp_path: Path) -> None:
    whole = write(tmp_path / "a.safetensors", sd1())
    whole.write_bytes(whole.read_bytes()[:-10])
    found = identify(whole)
    assert found.role is Role.DAMAGED
    assert "10 of its" in found.problem
    assert found.layout == ""
