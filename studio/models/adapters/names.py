"""What a layer of ours is called in the files of others.

Files name layers as diffusers does, as the model's first publication does, or either with "_" in
the place of every ".". For each layer of the loaded network all those names are made, so that a
file's name is looked up and never guessed at, and so that a model with other numbers of blocks
needs nothing new.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from torch import nn

KINDS = (nn.Linear, nn.Conv2d, nn.LayerNorm, nn.GroupNorm)
"""Layers that an adapter can change."""
DENOISERS = ("unet", "transformer")
_DENOISER_PREFIXES = (
    "lora_unet__",
    "lora_unet_",
    "lora_transformer_",
    "lycoris_",
    "unet.",
    "transformer.",
    "diffusion_model.",
    "model.diffusion_model.",
    "base_model.model.",
    "",
)
_TEXT_PREFIXES = (
    ("lora_te1_", ("text_encoder",)),
    ("lora_te2_", ("text_encoder_2",)),
    ("lora_te3_", ("text_encoder_3", "text_encoder_2")),  # T5 is FLUX's second and SD 3's third
    ("lora_te_", ("text_encoder",)),
    ("text_encoder.", ("text_encoder",)),
    ("text_encoder_2.", ("text_encoder_2",)),
    ("text_encoder_3.", ("text_encoder_3",)),
)
_TRANSFORMER = (
    # FLUX.1 (Black Forest Labs)
    (r"transformer_blocks\.(\d+)\.attn\.to_[qkv]", r"double_blocks.\1.img_attn.qkv"),
    (r"transformer_blocks\.(\d+)\.attn\.add_[qkv]_proj", r"double_blocks.\1.txt_attn.qkv"),
    (r"transformer_blocks\.(\d+)\.attn\.to_out\.0", r"double_blocks.\1.img_attn.proj"),
    (r"transformer_blocks\.(\d+)\.attn\.to_add_out", r"double_blocks.\1.txt_attn.proj"),
    (r"transformer_blocks\.(\d+)\.ff\.net\.0\.proj", r"double_blocks.\1.img_mlp.0"),
    (r"transformer_blocks\.(\d+)\.ff\.net\.2", r"double_blocks.\1.img_mlp.2"),
    (r"transformer_blocks\.(\d+)\.ff_context\.net\.0\.proj", r"double_blocks.\1.txt_mlp.0"),
    (r"transformer_blocks\.(\d+)\.ff_context\.net\.2", r"double_blocks.\1.txt_mlp.2"),
    (r"transformer_blocks\.(\d+)\.norm1\.linear", r"double_blocks.\1.img_mod.lin"),
    (r"transformer_blocks\.(\d+)\.norm1_context\.linear", r"double_blocks.\1.txt_mod.lin"),
    (
        r"single_transformer_blocks\.(\d+)\.(?:attn\.to_[qkv]|proj_mlp)",
        r"single_blocks.\1.linear1",
    ),
    (r"single_transformer_blocks\.(\d+)\.proj_out", r"single_blocks.\1.linear2"),
    (r"single_transformer_blocks\.(\d+)\.norm\.linear", r"single_blocks.\1.modulation.lin"),
    (r"x_embedder", "img_in"),
    (r"context_embedder", "txt_in"),
    (r"time_text_embed\.timestep_embedder\.linear_1", "time_in.in_layer"),
    (r"time_text_embed\.timestep_embedder\.linear_2", "time_in.out_layer"),
    (r"time_text_embed\.guidance_embedder\.linear_1", "guidance_in.in_layer"),
    (r"time_text_embed\.guidance_embedder\.linear_2", "guidance_in.out_layer"),
    (r"time_text_embed\.text_embedder\.linear_1", "vector_in.in_layer"),
    (r"time_text_embed\.text_embedder\.linear_2", "vector_in.out_layer"),
    (r"norm_out\.linear", "final_layer.adaLN_modulation.1"),
    (r"proj_out", "final_layer.linear"),
    # the same of x-flux (XLabs), which are named after attention processors
    (r"transformer_blocks\.(\d+)\.attn\.to_[qkv]", r"double_blocks.\1.processor.qkv_lora1"),
    (r"transformer_blocks\.(\d+)\.attn\.add_[qkv]_proj", r"double_blocks.\1.processor.qkv_lora2"),
    (r"transformer_blocks\.(\d+)\.attn\.to_out\.0", r"double_blocks.\1.processor.proj_lora1"),
    (r"transformer_blocks\.(\d+)\.attn\.to_add_out", r"double_blocks.\1.processor.proj_lora2"),
    (
        r"single_transformer_blocks\.(\d+)\.attn\.to_[qkv]",
        r"single_blocks.\1.processor.qkv_lora",
    ),
    (r"single_transformer_blocks\.(\d+)\.proj_out", r"single_blocks.\1.processor.proj_lora"),
    # Stable Diffusion 3 (Stability AI)
    (r"transformer_blocks\.(\d+)\.(attn2?)\.to_[qkv]", r"joint_blocks.\1.x_block.\2.qkv"),
    (r"transformer_blocks\.(\d+)\.(attn2?)\.to_out\.0", r"joint_blocks.\1.x_block.\2.proj"),
    (r"transformer_blocks\.(\d+)\.attn\.add_[qkv]_proj", r"joint_blocks.\1.context_block.attn.qkv"),
    (r"transformer_blocks\.(\d+)\.attn\.to_add_out", r"joint_blocks.\1.context_block.attn.proj"),
    (r"transformer_blocks\.(\d+)\.ff\.net\.0\.proj", r"joint_blocks.\1.x_block.mlp.fc1"),
    (r"transformer_blocks\.(\d+)\.ff\.net\.2", r"joint_blocks.\1.x_block.mlp.fc2"),
    (
        r"transformer_blocks\.(\d+)\.ff_context\.net\.0\.proj",
        r"joint_blocks.\1.context_block.mlp.fc1",
    ),
    (r"transformer_blocks\.(\d+)\.ff_context\.net\.2", r"joint_blocks.\1.context_block.mlp.fc2"),
    (r"transformer_blocks\.(\d+)\.norm1\.linear", r"joint_blocks.\1.x_block.adaLN_modulation.1"),
    (
        r"transformer_blocks\.(\d+)\.norm1_context\.linear",
        r"joint_blocks.\1.context_block.adaLN_modulation.1",
    ),
    (r"time_text_embed\.timestep_embedder\.linear_1", "t_embedder.mlp.0"),
    (r"time_text_embed\.timestep_embedder\.linear_2", "t_embedder.mlp.2"),
    (r"time_text_embed\.text_embedder\.linear_1", "y_embedder.mlp.0"),
    (r"time_text_embed\.text_embedder\.linear_2", "y_embedder.mlp.2"),
    # PixArt
    (r"transformer_blocks\.(\d+)\.attn1\.to_[qkv]", r"blocks.\1.attn.qkv"),
    (r"transformer_blocks\.(\d+)\.attn1\.to_out\.0", r"blocks.\1.attn.proj"),
    (r"transformer_blocks\.(\d+)\.attn2\.to_q", r"blocks.\1.cross_attn.q_linear"),
    (r"transformer_blocks\.(\d+)\.attn2\.to_[kv]", r"blocks.\1.cross_attn.kv_linear"),
    (r"transformer_blocks\.(\d+)\.attn2\.to_out\.0", r"blocks.\1.cross_attn.proj"),
    (r"transformer_blocks\.(\d+)\.ff\.net\.0\.proj", r"blocks.\1.mlp.fc1"),
    (r"transformer_blocks\.(\d+)\.ff\.net\.2", r"blocks.\1.mlp.fc2"),
    # Z-Image
    (r"(.+)\.attention\.to_[qkv]", r"\1.attention.qkv"),
    (r"(.+)\.attention\.to_out\.0", r"\1.attention.out"),
    (r"all_final_layer\.2-1\.(.+)", r"final_layer.\1"),
    (r"all_x_embedder\.2-1", "x_embedder"),
)
"""Our name, and the name in files. Several of ours with one name are one layer there."""
ORDER = ("_q", "_k", "_v", "_mlp")
"""In which order the rows of such a layer belong to ours."""
_INSIDE = (
    ("norm1", "in_layers.0"),
    ("conv1", "in_layers.2"),
    ("time_emb_proj", "emb_layers.1"),
    ("norm2", "out_layers.0"),
    ("conv2", "out_layers.3"),
    ("conv_shortcut", "skip_connection"),
)
"""A UNet's residual block: ours, and that of the first publication."""
_AROUND = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
SWAPPED = "AdaLayerNormContinuous"
"""In diffusers' layers of this class scale comes before shift, and behind it everywhere else."""


class Names:
    """All names of all layers of a model's networks."""

    def __init__(self, networks: Mapping[str, nn.Module]) -> None:
        self.networks = networks
        self._known: dict[str, dict[str, list[str]]] = {}

    def find(self, name: str) -> tuple[str, list[str], bool]:
        """The part and the layers in it that a file means; none if there are none, and whether
        their halves are swapped."""
        for part, tail in self._readings(name):
            layers = self.all_of(part).get(tail)
            if layers:
                return part, layers, self._swapped(part, layers[0], tail)
        return "", [], False

    def _swapped(self, part: str, path: str, tail: str) -> bool:
        around = self.networks[part].get_submodule(path.rpartition(".")[0])
        own = tail in (path, path.replace(".", "_"))
        return not own and type(around).__name__ == SWAPPED

    def _readings(self, name: str) -> Iterator[tuple[str, str]]:
        name = name.removeprefix("base_model.model.")
        for prefix, parts in _TEXT_PREFIXES:
            if name.startswith(prefix):
                yield from ((p, name.removeprefix(prefix)) for p in parts if p in self.networks)
                return
        for part in DENOISERS:
            if part in self.networks:
                for prefix in _DENOISER_PREFIXES:
                    if name.startswith(prefix):
                        yield part, name.removeprefix(prefix)

    def all_of(self, part: str) -> Mapping[str, list[str]]:
        """The layers of a part by each of their names in files."""
        if part not in self._known:
            known: dict[str, list[str]] = defaultdict(list)
            network = self.networks[part]
            for path, module in network.named_modules():
                if isinstance(module, KINDS):
                    for name in dict.fromkeys(_names(part, path, network)):
                        known[name].append(path)
                        if "." in name:
                            known[name.replace(".", "_")].append(path)
            for paths in known.values():
                paths.sort(key=_place)
            self._known[part] = known
        return self._known[part]


def _place(path: str) -> int:
    last = path.rpartition(".")[2]
    return next((place for place, word in enumerate(ORDER) if word in last), len(ORDER))


def _names(part: str, path: str, network: nn.Module) -> Iterator[str]:
    yield path
    if part == "unet":
        yield from _of_unet(path, network)
    elif part == "transformer":
        for pattern, name in _TRANSFORMER:
            if match := re.fullmatch(pattern, path):
                yield match.expand(name)
    else:
        bare = path.removeprefix("text_model.")
        yield from (bare, f"text_model.{bare}")
        if match := re.fullmatch(r"(.+\.self_attn)\.(q|k|v|out)_proj", bare):
            yield f"text_model.{match[1]}.to_{match[2]}_lora"  # diffusers before 0.22
    if match := re.fullmatch(r"(.+\.attn\d?)\.(to_[qkv]|to_out)(?:\.0)?", path):
        yield f"{match[1]}.processor.{match[2]}_lora"  # diffusers before 0.22


def _of_unet(path: str, network: Any) -> Iterator[str]:
    """Names of Rombach et al.'s code, which number all blocks of one side together."""
    if path in _AROUND:
        yield _AROUND[path]
        return
    count = network.config.layers_per_block
    count = count if isinstance(count, int) else count[0]
    match = re.fullmatch(r"(down|mid|up)_blocks?\.(?:(\d+)\.)?(\w+)\.(\d+)\.(.+)", path)
    if match is None:
        return
    side, block, kind, index, rest = match[1], int(match[2] or 0), match[3], int(match[4]), match[5]
    if kind == "resnets":
        rest = dict(_INSIDE).get(rest, rest)
    if side == "mid":
        yield f"middle_block.{1 if kind == 'attentions' else 2 * index}.{rest}"
    elif side == "down":
        number = 1 + block * (count + 1) + (count if kind == "downsamplers" else index)
        inner = {"resnets": "0", "attentions": "1"}.get(kind)
        yield f"input_blocks.{number}.{inner}.{rest}" if inner else f"input_blocks.{number}.0.op"
    else:
        number = block * (count + 1) + (count if kind == "upsamplers" else index)
        attends = hasattr(network.up_blocks[block], "attentions")
        inner = {"resnets": "0", "attentions": "1"}.get(kind, "2" if attends else "1")
        yield f"output_blocks.{number}.{inner}.{rest}"
