"""Networks' weights under the names that their authors published them with.

The other way round from what is tested: written after the reference code of each family, as
diffusers' scripts `convert_diffusers_to_original_*` do it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

State = Mapping[str, Tensor]
RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
ENDS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}


def unet(state: State, layers: int) -> dict[str, Tensor]:
    """CompVis's and Stability's UNet; `layers` resnets a block."""
    with_attention = {
        int(found.group(1))
        for name in state
        if (found := re.match(r"up_blocks\.(\d+)\.attent", name))
    }

    def rename(name: str) -> str:
        for new, old in ENDS.items():
            if name.startswith(new + "."):
                return name.replace(new, old, 1)
        kind, *rest = name.split(".")
        if kind == "mid_block":
            place = 2 * int(rest[1]) if rest[0] == "resnets" else 1
            return f"middle_block.{place}." + _inner(rest[0], rest[2:])
        block, what, layer = int(rest[0]), rest[1], int(rest[2])
        if kind == "down_blocks":
            start = (layers + 1) * block + 1
            if what == "downsamplers":
                return f"input_blocks.{start + layers}.0.op.{rest[-1]}"
            return f"input_blocks.{start + layer}.{int(what == 'attentions')}." + _inner(
                what, rest[3:]
            )
        start = (layers + 1) * block
        if what == "upsamplers":
            place = 2 if block in with_attention else 1
            return f"output_blocks.{start + layers}.{place}.conv.{rest[-1]}"
        return f"output_blocks.{start + layer}.{int(what == 'attentions')}." + _inner(
            what, rest[3:]
        )

    return {rename(name): tensor for name, tensor in state.items()}


def _inner(what: str, rest: list[str]) -> str:
    if what == "resnets":
        rest = [RESNET[rest[0]], *rest[1:]]
    return ".".join(rest)


def vae(state: State) -> dict[str, Tensor]:
    """CompVis's autoencoder: blocks of the decoder are counted from the last."""
    last = max(int(name.split(".")[2]) for name in state if name.startswith("decoder.up_blocks"))
    renamed = {}
    for name, tensor in state.items():
        new = re.sub(r"down_blocks\.(\d+)\.resnets\.(\d+)", r"down.\1.block.\2", name)
        new = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", new)
        new = re.sub(
            r"up_blocks\.(\d+)\.resnets\.(\d+)",
            lambda m: f"up.{last - int(m.group(1))}.block.{m.group(2)}",
            new,
        )
        new = re.sub(
            r"up_blocks\.(\d+)\.upsamplers\.0",
            lambda m: f"up.{last - int(m.group(1))}.upsample",
            new,
        )
        new = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m.group(1)) + 1}", new)
        new = new.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")
        if "mid_block.attentions.0" in new:
            new = new.replace("mid_block.attentions.0", "mid.attn_1")
            for theirs, ours in (("group_norm", "norm"), ("to_out.0", "proj_out")):
                new = new.replace(theirs, ours)
            new = re.sub(r"to_([qkv])\.", r"\1.", new)
            if new.endswith("weight") and ".norm." not in new:
                tensor = tensor[:, :, None, None]  # they were convolutions
        renamed[new] = tensor
    return renamed


def clip(state: State) -> dict[str, Tensor]:
    """As transformers had it when the checkpoints were made."""
    return {
        name
        if name.startswith(("text_model.", "text_projection."))
        else f"text_model.{name}": tensor
        for name, tensor in state.items()
    }


OPEN_CLIP = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}


def open_clip(state: State) -> dict[str, Tensor]:
    """OpenCLIP's text transformer, whose attention has one matrix for three."""
    renamed: dict[str, Tensor] = {}
    bare = {name.removeprefix("text_model."): tensor for name, tensor in state.items()}
    for name, tensor in bare.items():
        if name.startswith("embeddings."):
            new = {"token": "token_embedding.weight", "posit": "positional_embedding"}
            renamed[new[name.split(".")[1][:5]]] = tensor
        elif name.startswith("final_layer_norm"):
            renamed[name.replace("final_layer_norm", "ln_final")] = tensor
        elif name == "text_projection.weight":
            renamed["text_projection"] = tensor.T.contiguous()
        elif ".q_proj." in name:
            end = name.rpartition(".")[2]
            parts = [bare[name.replace("q_proj", f"{one}_proj")] for one in "qkv"]
            head = name.split(".self_attn")[0].replace("encoder.layers", "transformer.resblocks")
            renamed[f"{head}.attn.in_proj_{end}"] = torch.cat(parts)
        elif ".k_proj." not in name and ".v_proj." not in name:
            new_name = name.replace("encoder.layers", "transformer.resblocks")
            for theirs, ours in OPEN_CLIP.items():
                new_name = new_name.replace(theirs, ours)
            renamed[new_name] = tensor
    return renamed


def _joined(state: State, groups: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, Tensor]]:
    """Names with their tensors, those joined that are one in the original."""
    for name, tensor in state.items():
        for new, olds in groups.items():
            first, *others = olds
            if f".{first}." in name:
                parts = [tensor, *(state[name.replace(first, other)] for other in others)]
                yield name.replace(first, new), torch.cat(parts)
                break
            if any(f".{other}." in name for other in others):
                break
        else:
            yield name, tensor


def _swapped(tensor: Tensor) -> Tensor:
    scale, shift = tensor.chunk(2, dim=0)
    return torch.cat([shift, scale])


FLUX_RULES = (
    (r"^x_embedder", "img_in"),
    (r"^context_embedder", "txt_in"),
    (r"^time_text_embed\.timestep_embedder\.linear_1", "time_in.in_layer"),
    (r"^time_text_embed\.timestep_embedder\.linear_2", "time_in.out_layer"),
    (r"^time_text_embed\.text_embedder\.linear_1", "vector_in.in_layer"),
    (r"^time_text_embed\.text_embedder\.linear_2", "vector_in.out_layer"),
    (r"^time_text_embed\.guidance_embedder\.linear_1", "guidance_in.in_layer"),
    (r"^time_text_embed\.guidance_embedder\.linear_2", "guidance_in.out_layer"),
    (r"^proj_out", "final_layer.linear"),
    (r"^norm_out\.linear", "final_layer.adaLN_modulation.1"),
    (r"^transformer_blocks\.", "double_blocks."),
    (r"^single_transformer_blocks\.", "single_blocks."),
    (r"^(single.*)\.norm\.linear", r"\1.modulation.lin"),
    (r"^(single.*)\.attn\.norm_q\.weight", r"\1.norm.query_norm.scale"),
    (r"^(single.*)\.attn\.norm_k\.weight", r"\1.norm.key_norm.scale"),
    (r"^(single.*)\.proj_out", r"\1.linear2"),
    (r"\.norm1\.linear", ".img_mod.lin"),
    (r"\.norm1_context\.linear", ".txt_mod.lin"),
    (r"\.attn\.norm_q\.weight", ".img_attn.norm.query_norm.scale"),
    (r"\.attn\.norm_k\.weight", ".img_attn.norm.key_norm.scale"),
    (r"\.attn\.norm_added_q\.weight", ".txt_attn.norm.query_norm.scale"),
    (r"\.attn\.norm_added_k\.weight", ".txt_attn.norm.key_norm.scale"),
    (r"\.attn\.to_out\.0", ".img_attn.proj"),
    (r"\.attn\.to_add_out", ".txt_attn.proj"),
    (r"\.ff\.net\.0\.proj", ".img_mlp.0"),
    (r"\.ff\.net\.2", ".img_mlp.2"),
    (r"\.ff_context\.net\.0\.proj", ".txt_mlp.0"),
    (r"\.ff_context\.net\.2", ".txt_mlp.2"),
    (r"\.img_qkv", ".img_attn.qkv"),
    (r"\.txt_qkv", ".txt_attn.qkv"),
)
QKV = ("attn.to_q", "attn.to_k", "attn.to_v")
ADDED = ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj")


def flux(state: State) -> dict[str, Tensor]:
    """Black Forest Labs' FLUX.1."""
    single = {name: t for name, t in state.items() if name.startswith("single_")}
    double = {name: t for name, t in state.items() if not name.startswith("single_")}
    found = [
        *_joined(double, {"img_qkv": QKV, "txt_qkv": ADDED}),
        *_joined(single, {"linear1": (*QKV, "proj_mlp")}),
    ]
    renamed = {}
    for name, tensor in found:
        value = _swapped(tensor) if name.startswith("norm_out.") else tensor
        renamed[_applied(name, FLUX_RULES)] = value
    return renamed


SD3_RULES = (
    (r"^pos_embed\.pos_embed$", "pos_embed"),
    (r"^pos_embed\.proj", "x_embedder.proj"),
    (r"^time_text_embed\.timestep_embedder\.linear_1", "t_embedder.mlp.0"),
    (r"^time_text_embed\.timestep_embedder\.linear_2", "t_embedder.mlp.2"),
    (r"^time_text_embed\.text_embedder\.linear_1", "y_embedder.mlp.0"),
    (r"^time_text_embed\.text_embedder\.linear_2", "y_embedder.mlp.2"),
    (r"^proj_out", "final_layer.linear"),
    (r"^norm_out\.linear", "final_layer.adaLN_modulation.1"),
    (r"^transformer_blocks\.", "joint_blocks."),
    (r"\.norm1\.linear", ".x_block.adaLN_modulation.1"),
    (r"\.norm1_context\.linear", ".context_block.adaLN_modulation.1"),
    (r"\.attn(2?)\.norm_q", r".x_block.attn\1.ln_q"),
    (r"\.attn(2?)\.norm_k", r".x_block.attn\1.ln_k"),
    (r"\.attn\.norm_added_q", ".context_block.attn.ln_q"),
    (r"\.attn\.norm_added_k", ".context_block.attn.ln_k"),
    (r"\.attn(2?)\.to_out\.0", r".x_block.attn\1.proj"),
    (r"\.attn\.to_add_out", ".context_block.attn.proj"),
    (r"\.ff\.net\.0\.proj", ".x_block.mlp.fc1"),
    (r"\.ff\.net\.2", ".x_block.mlp.fc2"),
    (r"\.ff_context\.net\.0\.proj", ".context_block.mlp.fc1"),
    (r"\.ff_context\.net\.2", ".context_block.mlp.fc2"),
)


def sd3(state: State) -> dict[str, Tensor]:
    """Stability's MMDiT. The last block's words are only normed: scale before shift there."""
    last = max(int(name.split(".")[1]) for name in state if name.startswith("transformer_blocks."))
    groups = {
        "x_block.attn.qkv": QKV,
        "context_block.attn.qkv": ADDED,
        "x_block.attn2.qkv": ("attn2.to_q", "attn2.to_k", "attn2.to_v"),
    }
    renamed = {}
    for name, tensor in _joined(state, groups):
        turned = name.startswith(("norm_out.", f"transformer_blocks.{last}.norm1_context."))
        renamed[_applied(name, SD3_RULES)] = _swapped(tensor) if turned else tensor
    return renamed


Z_RULES = (
    (r"^all_final_layer\.2-1\.", "final_layer."),
    (r"^all_x_embedder\.2-1\.", "x_embedder."),
    (r"\.attention\.to_out\.0\.", ".attention.out."),
    (r"\.attention\.norm_k\.", ".attention.k_norm."),
    (r"\.attention\.norm_q\.", ".attention.q_norm."),
)


def z_image(state: State) -> dict[str, Tensor]:
    """Z-Image as ComfyUI has it, with one matrix for three."""
    groups = {"attention.qkv": ("attention.to_q", "attention.to_k", "attention.to_v")}
    found = _joined(state, groups)
    return {_applied(name, Z_RULES): tensor for name, tensor in found}


PIXART_RULES = (
    (r"^pos_embed\.proj", "x_embedder.proj"),
    (r"^caption_projection\.linear_", "y_embedder.y_proj.fc"),
    (r"^adaln_single\.emb\.timestep_embedder\.linear_1", "t_embedder.mlp.0"),
    (r"^adaln_single\.emb\.timestep_embedder\.linear_2", "t_embedder.mlp.2"),
    (r"^adaln_single\.linear", "t_block.1"),
    (r"^proj_out", "final_layer.linear"),
    (r"^scale_shift_table", "final_layer.scale_shift_table"),
    (r"^transformer_blocks\.", "blocks."),
    (r"\.attn1\.to_out\.0", ".attn.proj"),
    (r"\.attn2\.to_q", ".cross_attn.q_linear"),
    (r"\.attn2\.to_out\.0", ".cross_attn.proj"),
    (r"\.ff\.net\.0\.proj", ".mlp.fc1"),
    (r"\.ff\.net\.2", ".mlp.fc2"),
)


def pixart(state: State) -> dict[str, Tensor]:
    """PixArt-Σ's own names; its table of places and its empty prompt are in the file too."""
    groups = {
        "attn.qkv": ("attn1.to_q", "attn1.to_k", "attn1.to_v"),
        "cross_attn.kv_linear": ("attn2.to_k", "attn2.to_v"),
    }
    found = _joined(state, groups)
    return {_applied(name, PIXART_RULES): tensor for name, tensor in found}


def _applied(name: str, rules: tuple[tuple[str, str], ...]) -> str:
    for old, new in rules:
        name = re.sub(old, new, name)
    return name


def original(kind: str, network: Any) -> dict[str, Tensor]:
    """The weights of a network of this class, under their published names."""
    state = network.state_dict()
    if kind == "UNet2DConditionModel":
        return unet(state, network.config.layers_per_block)
    plain: dict[str, Callable[[State], dict[str, Tensor]]] = {
        "AutoencoderKL": vae,
        "SD3Transformer2DModel": sd3,
        "FluxTransformer2DModel": flux,
        "ZImageTransformer2DModel": z_image,
        "PixArtTransformer2DModel": pixart,
        "CLIPTextModel": clip,
        "CLIPTextModelWithProjection": clip,
    }
    if kind == "T5EncoderModel":
        return {name: tensor for name, tensor in state.items() if "embed_tokens" not in name}
    if kind == "Qwen3Model":
        return {f"model.{name}": tensor for name, tensor in state.items()}
    return plain[kind](state)
