"""From a file's tensors to a network in diffusers' or transformers' form, without any network
connection and without drawing a random weight first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from diffusers.loaders import single_file_utils as theirs
from safetensors import safe_open
from torch import Tensor

from studio.core.errors import CannotLoad
from studio.models.files.header import read_header
from studio.models.files.identify import PICKLED
from studio.models.files.inside import has_bare, prefix_of
from studio.models.files.layouts import Layout
from studio.models.files.pickled import read_pickle
from studio.models.files.renaming import flux, pixart

Tensors = dict[str, Tensor]
Config = Mapping[str, Any]


def load_part(
    path: Path, layout: Layout, part: str, kind: type, config: Config, dtype: torch.dtype
) -> Any:
    """The network of a part, from the file that has it. Raises CannotLoad and what `read` and
    `build` raise."""
    pickled = path.suffix.lower() in PICKLED
    names = read_pickle(path, "meta") if pickled else read_header(path).entries
    prefix = prefix_of(layout, part, names)
    if prefix is None and has_bare(part, names):  # a file of its own
        prefix = ""
    if prefix is None:
        raise CannotLoad(f"{path.name} has changed: the {part} is gone.", "Choose it again.")
    return build(kind, config, read(path, prefix), dtype, path.name)


def read(path: Path, prefix: str) -> Tensors:
    """The tensors whose names begin so, without that. Raises CannotLoad, OSError, SafetensorError.

    Weights that were scaled to fit eight bits (ComfyUI's "scaled fp8") are scaled back.
    """
    if path.suffix.lower() in PICKLED:
        found = read_pickle(path)
        taken = {name: value for name, value in found.items() if name.startswith(prefix)}
    else:
        with safe_open(path, framework="pt") as file:
            names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118
            taken = {name: file.get_tensor(name) for name in names}
    tensors = {name.removeprefix(prefix): tensor for name, tensor in taken.items()}
    for name in [name for name in tensors if name.endswith(".scale_weight")]:
        scaled = name.removesuffix("scale_weight") + "weight"
        scale = tensors.pop(name).float()
        if scaled in tensors:
            tensors[scaled] = tensors[scaled].to(torch.bfloat16) * scale.to(torch.bfloat16)
    return tensors


def build(kind: Any, config: Config, tensors: Tensors, dtype: torch.dtype, what: str) -> Any:
    """A network of class `kind` with these weights. Raises CannotLoad if some are missing.

    `what` names the file in the error. Raises ValueError and RuntimeError for wrong shapes.
    """
    # Its table of places takes many seconds to compute and comes with the weights.
    tabled = kind.__name__ == "SD3Transformer2DModel"
    with torch.device("meta") if tabled else init_empty_weights(include_buffers=False):
        if kind.__module__.startswith("diffusers"):
            network = kind.from_config(dict(config))
        else:
            network = kind(kind.config_class(**config))
    convert = CONVERT.get(kind.__name__)
    state = convert(tensors, config, network) if convert else tensors
    exact = getattr(kind, "_keep_in_fp32_modules", None) or ()
    for name in state:
        keep = dtype == torch.float16 and any(part in exact for part in name.split("."))
        state[name] = state[name].to(torch.float32 if keep else dtype)
    network.load_state_dict(state, strict=False, assign=True)
    whole = [*network.named_parameters(), *network.named_buffers()]
    missing = [name for name, value in whole if value.is_meta]
    if missing:
        raise CannotLoad(
            f"{what} lacks {len(missing)} of the tensors that its kind of network has, such as "
            f"{missing[0]}.",
            "It is incomplete: get the file again.",
        )
    return network.eval()


def _unet(tensors: Tensors, config: Config, network: Any) -> Tensors:
    if "conv_in.weight" in tensors:
        return tensors
    named = {theirs.LDM_UNET_KEY + name: tensor for name, tensor in tensors.items()}
    converted: Tensors = theirs.convert_ldm_unet_checkpoint(named, dict(config))
    return converted


def _vae(tensors: Tensors, config: Config, network: Any) -> Tensors:
    if any(name.startswith("decoder.mid_block.") for name in tensors):
        return tensors
    converted: Tensors = theirs.convert_ldm_vae_checkpoint(tensors, dict(config))
    return converted


def _clip(tensors: Tensors, config: Config, network: Any) -> Tensors:
    if any(name.startswith("transformer.resblocks.") for name in tensors):
        # Under the first prefix theirs leaves out the last layer and the projection, which
        # Stable Diffusion 2 does not use.
        projects = hasattr(network, "text_projection")
        prefix = "conditioner.embedders.1.model." if projects else "cond_stage_model.model."
        named = {prefix + name: tensor for name, tensor in tensors.items()}
        tensors = theirs.convert_open_clip_checkpoint(network, named, prefix)
    bare = {name.removeprefix("text_model."): tensor for name, tensor in tensors.items()}
    if not hasattr(network, "text_model"):
        return bare
    if "text_projection.weight" not in bare:
        # As it is for the CLIP-L inside Stable Diffusion 3's files (diffusers does the same).
        bare["text_projection.weight"] = torch.eye(
            int(config["projection_dim"]), int(config["hidden_size"])
        )
    return {
        name if name.startswith("text_projection") else f"text_model.{name}": tensor
        for name, tensor in bare.items()
    }


def _t5(tensors: Tensors, config: Config, network: Any) -> Tensors:
    shared = tensors.get("shared.weight", tensors.get("encoder.embed_tokens.weight"))
    if shared is not None:
        tensors |= {"shared.weight": shared, "encoder.embed_tokens.weight": shared}
    return tensors


def _qwen(tensors: Tensors, config: Config, network: Any) -> Tensors:
    return {name.removeprefix("model."): tensor for name, tensor in tensors.items()}


def _sd3(tensors: Tensors, config: Config, network: Any) -> Tensors:
    if "x_embedder.proj.weight" not in tensors:
        return tensors
    converted: Tensors = theirs.convert_sd3_transformer_checkpoint_to_diffusers(tensors)
    return converted


def _z_image(tensors: Tensors, config: Config, network: Any) -> Tensors:
    converted: Tensors = theirs.convert_z_image_transformer_checkpoint_to_diffusers(tensors)
    return converted


CONVERT: Mapping[str, Callable[[Tensors, Config, Any], Tensors]] = {
    "UNet2DConditionModel": _unet,
    "AutoencoderKL": _vae,
    "CLIPTextModel": _clip,
    "CLIPTextModelWithProjection": _clip,
    "T5EncoderModel": _t5,
    "Qwen3Model": _qwen,
    "SD3Transformer2DModel": _sd3,
    "FluxTransformer2DModel": flux,
    "ZImageTransformer2DModel": _z_image,
    "PixArtTransformer2DModel": pixart,
}
"""By the name of the class: from the published names to diffusers'; those are left as they are."""
