"""The tensors of a LoRA file, sorted by the layer that they are for, whoever wrote the file.

Written by kohya's scripts, diffusers, PEFT, LyCORIS, ai-toolkit, SimpleTuner, OneTrainer or
x-flux, all of them end a layer's name with what the tensor is. What is known and cannot be used is
refused by its name, and so is what is not known: an adapter that is applied by half is another
adapter.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from studio.core.errors import CannotOpen
from studio.models.adapters.deltas import Delta

_ROLES = (
    (
        r"\.(?:lora_down|lora_A|lora\.down|lora_linear_layer\.down|down)(?:\.default)?\.weight",
        "down",
    ),
    (r"\.(?:lora_up|lora_B|lora\.up|lora_linear_layer\.up|up)(?:\.default)?\.weight", "up"),
    (r"_lora\.down\.weight", "down"),
    (r"_lora\.up\.weight", "up"),
    (r"\.(?:lora_mid)(?:\.default)?\.weight", "mid"),
    (r"\.lora_B(?:\.default)?\.bias", "bias"),
    (r"\.(hada_[wt]\d(?:_[ab])?)(?:\.default)?", ""),
    (r"\.(lokr_[wt]\d(?:_[ab])?)(?:\.default)?", ""),
    (r"\.alpha", "alpha"),
    (r"\.(?:dora_scale|lora_magnitude_vector(?:\.default)?(?:\.weight)?)", "magnitude"),
    (r"\.diff_b", "bias"),
    (r"\.diff", "diff"),
    (r"\.([wb]_norm)", ""),
)
_ROLE = tuple((re.compile(rf"^(.+?){ending}$"), role) for ending, role in _ROLES)
_REFUSED = (
    ("oft_", "OFT adapter"),
    ("boft", "BOFT adapter"),
    (".on_input", "IA³ adapter"),
    ("ia3_l", "IA³ adapter"),
    (".a1.weight", "GLoRA"),
    (".b1.weight", "GLoRA"),
    ("vera_lambda", "VeRA adapter"),
    ("lora_embedding_", "LoRA for a text encoder's vocabulary"),
    ("bundle_emb.", "LoRA that brings its own words with it"),
    ("lora_controlnet", "Control-LoRA"),
)
_COMPLETE = (
    {"down", "up"},
    {"hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"},
    {"lokr_w1", "lokr_w2"},
    {"lokr_w1_a", "lokr_w1_b", "lokr_w2"},
    {"lokr_w1", "lokr_w2_a", "lokr_w2_b"},
    {"lokr_w1_a", "lokr_w1_b", "lokr_w2_a", "lokr_w2_b"},
    {"diff"},
    {"bias"},
    {"w_norm"},
)
MAGIC = ".safetensors"


@dataclass(frozen=True)
class Piece:
    """What a file has for the layer that it calls `layer`. `magnitude`: of DoRA."""

    layer: str
    delta: Delta
    magnitude: Tensor | None = None


@dataclass(frozen=True)
class AdapterFile:
    """A file's pieces. `name` is for the person."""

    name: str
    pieces: tuple[Piece, ...]

    @property
    def bytes(self) -> int:
        return sum(piece.delta.bytes for piece in self.pieces)


def read_adapter(path: Path, name: str = "") -> AdapterFile:
    """Read a LoRA or one of its kin. No file that is opened can run code.

    Raises CannotOpen, with a sentence, for anything that could not be used whole.
    """
    name = name or path.stem
    tensors, metadata = read_tensors(path, name)
    layers: dict[str, dict[str, Tensor]] = defaultdict(dict)
    for key, tensor in tensors.items():
        layer, role = _role(key, name)
        layers[layer][role] = tensor
    spoiled = [key for key, tensor in tensors.items() if not _finite(tensor)]
    if spoiled:
        raise CannotOpen(
            f"The LoRA {name} is spoiled: {len(spoiled)} of its {len(tensors)} tensors hold NaN "
            "or infinite numbers.",
            "Download it again; if that does not help, it was saved so by its training.",
        )
    alphas = _alphas(metadata, path)
    pieces = tuple(_piece(layer, roles, alphas, name) for layer, roles in layers.items())
    if not pieces:
        raise CannotOpen(f"The LoRA {name} is empty.", "Download it again.")
    return AdapterFile(name, pieces)


def read_tensors(path: Path, name: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """All tensors of a file on the CPU, and its metadata. Raises CannotOpen."""
    try:
        if path.suffix.lower() == MAGIC:
            with safe_open(path, framework="pt", device="cpu") as opened:
                tensors = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
                return tensors, dict(opened.metadata() or {})
        return _unpickled(path), {}
    except FileNotFoundError as error:
        raise CannotOpen(f"There is no file {path}.", "It may have been moved.") from error
    except (OSError, SafetensorError, RuntimeError, ValueError, EOFError, KeyError) as error:
        raise CannotOpen(
            f"{name} cannot be read: {path.name} is damaged, or is not what its name says.",
            "Download it again.",
        ) from error


def _unpickled(path: Path) -> dict[str, Tensor]:
    """A .pt or .bin file through torch's reader for weights, which builds tensors alone."""
    import pickle

    try:
        data: Any = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CannotOpen(
            f"{path.name} was not opened: it holds more than weights, and could run a program.",
            "Get it as a .safetensors file.",
        ) from error
    return flat_tensors(data)


def flat_tensors(data: Any, prefix: str = "") -> dict[str, Tensor]:
    """Tensors by their names; of mappings in mappings with all names, joined by points."""
    found: dict[str, Tensor] = {}
    if isinstance(data, Mapping):
        for key, value in data.items():
            name = f"{prefix}{key}"
            if isinstance(value, Tensor):
                found[name] = value
            else:
                found |= flat_tensors(value, f"{name}.")
    return found


def _role(key: str, name: str) -> tuple[str, str]:
    for word, kind in _REFUSED:
        if word in key:
            raise CannotOpen(
                f"{name} is a kind of file that cannot be used yet: {_article(kind)}.",
                "LoRA, LoHa, LoKr, DoRA and whole differences can be used.",
            )
    for pattern, role in _ROLE:
        if match := pattern.match(key):
            return match[1], role or match[2]
    raise CannotOpen(
        f"{name} is not a LoRA: it has a tensor called {key[:80]}.",
        "If it is a model, add it in Models; LoRA files are smaller.",
    )


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'AIO' else 'a'} {kind}"


def _piece(layer: str, roles: dict[str, Tensor], alphas: Mapping[str, Alphas], name: str) -> Piece:
    magnitude, alpha = roles.pop("magnitude", None), roles.pop("alpha", None)
    main = set(roles) - {"mid", "bias", "hada_t1", "hada_t2", "lokr_t1", "lokr_t2", "b_norm"}
    if (main or set(roles)) not in _COMPLETE:
        raise CannotOpen(
            f"The LoRA {name} is incomplete: its part for {layer} lacks some of its tensors.",
            "Download it again.",
        )
    if alpha is not None and alpha.numel() != 1:
        raise CannotOpen(f"The LoRA {name} is damaged: an alpha of {layer} is no number.")
    rank, scale = _rank(roles), 1.0
    if rank is not None:
        said = alphas.get(layer.partition(".")[0], alphas.get("", Alphas()))
        scale = said.scale(layer, rank) if alpha is None else float(alpha) / rank
    return Piece(layer, Delta(dict(roles), scale), magnitude)


def _rank(roles: Mapping[str, Tensor]) -> int | None:
    """r of α/r; None where the file's kind has no such scale: LyCORIS' whole factors have 1."""
    if "down" in roles:
        return int(roles["down"].shape[0])
    for name in ("hada_w1_b", "lokr_w1_b", "lokr_w2_b"):
        if name in roles:
            return int(roles[name].shape[0])
    return None


@dataclass(frozen=True)
class Alphas:
    """PEFT keeps α outside the tensors: for all layers, and other ones for some of them."""

    alpha: float | None = None
    patterns: Mapping[str, float] = field(default_factory=dict)
    root: bool = False
    """The scale is α/√r."""

    def scale(self, layer: str, rank: int) -> float:
        alpha = self.alpha
        for pattern, other in self.patterns.items():
            if layer == pattern or layer.endswith(f".{pattern}"):
                alpha = other
        if alpha is None:
            return 1.0
        return alpha / (math.sqrt(rank) if self.root else rank)


def _alphas(metadata: Mapping[str, str], path: Path) -> dict[str, Alphas]:
    """What the file itself, or the adapter_config.json beside it, says, by the part that stands in
    front of a layer's name; "" for all parts. Raises CannotOpen."""
    try:
        text = metadata.get("lora_adapter_metadata")
        if text is not None:
            said: dict[str, Any] = json.loads(text)
            prefixes = {key.partition(".")[0] for key in said}
            return {prefix: _alpha(said, f"{prefix}.") for prefix in prefixes}
        beside = path.with_name("adapter_config.json")
        if path.stem != "adapter_model" or not beside.is_file():
            return {}
        return {"": _alpha(json.loads(beside.read_text(encoding="utf-8")))}
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise CannotOpen(
            f"What {path.name} says of its own scale is damaged.", "Download it again."
        ) from error


def _alpha(said: Mapping[str, Any], prefix: str = "") -> Alphas:
    patterns = said.get(f"{prefix}alpha_pattern") or {}
    return Alphas(
        float(said[f"{prefix}lora_alpha"]),
        {key: float(value) for key, value in patterns.items()},
        bool(said.get(f"{prefix}use_rslora")),
    )


def _finite(tensor: Tensor) -> bool:
    return not tensor.is_floating_point() or bool(tensor.isfinite().all())
