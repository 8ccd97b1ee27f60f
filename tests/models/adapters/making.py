"""Adapter files as others write them, with random weights, for any network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

Tensors = dict[str, Tensor]
RANK = 2
ATTENTION = (
    "to_q",
    "to_k",
    "to_v",
    "to_out.0",
    "q_proj",
    "v_proj",
    "out_proj",
    "add_q_proj",
    "proj_out",
)


def lora(
    network: nn.Module,
    name: Callable[[str], str],
    endings: tuple[str, str] = ("lora_down.weight", "lora_up.weight"),
    alpha: float | None = 1.0,
    layers: tuple[str, ...] = ATTENTION,
    seed: int = 0,
    strength: float = 0.3,
) -> Tensors:
    """A LoRA of rank 2 for every layer that ends with one of `layers`; `name` is the file's name
    for a layer. Convolutions get kernels of their own size."""
    generator = torch.Generator().manual_seed(seed)
    found: Tensors = {}
    for path, layer in chosen(network, layers):
        rows, columns = int(layer.weight.shape[0]), layer.weight.shape[1:]
        down = torch.randn(RANK, *columns, generator=generator)
        up = torch.randn(rows, RANK, *([1] * (len(columns) - 1)), generator=generator)
        found[f"{name(path)}.{endings[0]}"] = down * strength
        found[f"{name(path)}.{endings[1]}"] = up * strength
        if alpha is not None:
            found[f"{name(path)}.alpha"] = torch.tensor(alpha)
    assert found
    return found


def chosen(network: nn.Module, layers: tuple[str, ...]) -> Iterator[tuple[str, nn.Linear]]:
    for path, layer in network.named_modules():
        if path.endswith(layers) and isinstance(layer, nn.Linear | nn.Conv2d):
            yield path, layer  # type: ignore[misc]


def kohya(prefix: str) -> Callable[[str], str]:
    return lambda path: f"{prefix}_{path.replace('.', '_')}"


def dotted(prefix: str) -> Callable[[str], str]:
    return lambda path: f"{prefix}.{path}"


PEFT = ("lora_A.weight", "lora_B.weight")


def save(path: Path, tensors: Tensors, metadata: dict[str, str] | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({key: value.contiguous().clone() for key, value in tensors.items()}, path, metadata)
    return path
