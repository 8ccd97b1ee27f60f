"""What an adapter adds to the output of one layer, computed beside the layer and never merged.

Every kind says how the layer's weight W would change, ΔW, and the layer's output changes by ΔW·x:

    LoRA   ΔW = α/r · up · down              Hu et al., 2021
    LoHa   ΔW = α/r · (a1 b1) ∘ (a2 b2)      Hyeon-Woo et al., FedPara, 2022
    LoKr   ΔW = α/r · w1 ⊗ w2                Edalati et al., KronA, 2022; LyCORIS, 2023
    diff   ΔW itself
    DoRA   W + ΔW becomes m · (W + ΔW) / ‖W + ΔW‖, over any of these; Liu et al., 2024

The base weight is read for DoRA alone and never written, so a model that takes its adapters off is
the model that it was, to the bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LEAST = 1e-8
"""Of a norm: weights that are all zero stay so."""
Rows = tuple[slice, ...]
"""Which of ΔW's rows are this layer's, one behind the other; () for all of them."""


@dataclass(frozen=True)
class Delta:
    """One layer's part of an adapter. `tensors` are named by their role, `scale` is α/r.

    `rows`: a file may have one piece for several of our layers, such as q, k and v in one.
    """

    tensors: Mapping[str, Tensor]
    scale: float = 1.0
    rows: Rows = ()

    @property
    def bytes(self) -> int:
        return sum(tensor.nbytes for tensor in self.tensors.values())

    def on(self, device: torch.device, dtype: torch.dtype) -> Delta:
        moved = {name: tensor.to(device, dtype) for name, tensor in self.tensors.items()}
        return replace(self, tensors=moved)

    def weight(self, shape: torch.Size) -> Tensor:
        """ΔW in the layer's shape. Raises ValueError or RuntimeError if it cannot have it."""
        whole = _product(self.tensors) * self.scale
        return self._cut(whole).reshape(shape)

    def added(self, layer: nn.Module, x: Tensor) -> Tensor:
        """ΔW·x, with what is added to the bias."""
        t, bias = self.tensors, self._bias()
        if isinstance(layer, nn.LayerNorm):
            return F.layer_norm(x, layer.normalized_shape, t["w_norm"], t.get("b_norm"), layer.eps)
        if isinstance(layer, nn.GroupNorm):
            return F.group_norm(x, layer.num_groups, t["w_norm"], t.get("b_norm"), layer.eps)
        if "down" not in t:
            return _apply(layer, x, self.weight(_shape(layer)).to(x.dtype), bias)
        up = self._cut(t["up"])
        if isinstance(layer, nn.Linear):
            inner = F.linear(x, t["down"].flatten(1))
            return _plus(F.linear(inner, up.flatten(1)) * self.scale, bias)
        if "mid" in t:
            inner = _apply(layer, F.conv2d(x, t["down"]), t["mid"], None)
        else:
            inner = _apply(layer, x, t["down"], None)
        planes = None if bias is None else bias[:, None, None]
        return _plus(F.conv2d(inner, up) * self.scale, planes)

    def _cut(self, rows: Tensor) -> Tensor:
        return torch.cat([rows[part] for part in self.rows]) if self.rows else rows

    def _bias(self) -> Tensor | None:
        bias = self.tensors.get("bias")
        return self._cut(bias) if bias is not None else None


@dataclass(frozen=True)
class Decomposed:
    """DoRA around another delta: `factor` is m / ‖W + ΔW‖, for each output of the layer, or for
    each input (`of_inputs`), as the older of LyCORIS' files have it."""

    delta: Delta
    factor: Tensor
    of_inputs: bool

    @classmethod
    def around(cls, delta: Delta, magnitude: Tensor, layer: Any) -> Decomposed:
        """Raises ValueError or RuntimeError if the magnitude does not fit the layer."""
        plain = layer.weight.detach()
        base = plain.to(magnitude.device, magnitude.dtype)
        whole = (base + delta.weight(base.shape)).flatten(1)
        wide = magnitude.flatten(1) if magnitude.ndim > 1 else magnitude[:, None]
        if wide.shape == (base.shape[0], 1):
            return cls(delta, wide[:, 0] / whole.norm(dim=1).clamp(min=LEAST), False)
        if wide.shape != (1, base.shape[1]):
            raise ValueError(f"a magnitude of {tuple(magnitude.shape)}")
        norm = whole.reshape(base.shape).transpose(0, 1).flatten(1).norm(dim=1)
        return cls(delta, wide[0] / norm.clamp(min=LEAST), True)

    def added(self, layer: Any, x: Tensor, out: Tensor) -> Tensor:
        """What W·x lacks; `out` is what the layer itself made of x."""
        if self.of_inputs:
            factor = self._aligned(layer, self.factor)
            more = _apply(layer, x * (factor - 1), layer.weight.to(x.device, x.dtype), None)
            return more + self.delta.added(layer, x * factor)
        factor = self._aligned(layer, self.factor)
        bias = None if layer.bias is None else layer.bias.to(out.device, out.dtype)
        plain = out if bias is None else out - self._aligned(layer, bias)
        return plain * (factor - 1) + self.delta.added(layer, x) * factor

    @staticmethod
    def _aligned(layer: nn.Module, values: Tensor) -> Tensor:
        """Channels are last for a linear layer and second for a convolution."""
        return values if isinstance(layer, nn.Linear) else values[:, None, None]


def _product(t: Mapping[str, Tensor]) -> Tensor:
    """ΔW before its scale, as a matrix or in the shape of a convolution's kernel."""
    if "diff" in t:
        return t["diff"]
    if "down" in t:
        if "mid" in t:
            up, down = t["up"].flatten(1), t["down"].flatten(1)
            return torch.einsum("o r, r s h w, s i -> o i h w", up, t["mid"], down)
        return t["up"].flatten(1) @ t["down"].flatten(1)
    if "hada_w1_a" in t:
        one, two = (_hadamard_part(t, number) for number in "12")
        return one * two
    one, two = _kronecker_part(t, "1"), _kronecker_part(t, "2")
    if two.ndim > 2:
        one = one[:, :, *(None,) * (two.ndim - 2)]
    return torch.kron(one, two.contiguous())


def _hadamard_part(t: Mapping[str, Tensor], number: str) -> Tensor:
    a, b = t[f"hada_w{number}_a"], t[f"hada_w{number}_b"]
    core = t.get(f"hada_t{number}")
    return a @ b if core is None else torch.einsum("i j k l, j r, i p -> p r k l", core, b, a)


def _kronecker_part(t: Mapping[str, Tensor], number: str) -> Tensor:
    whole = t.get(f"lokr_w{number}")
    if whole is not None:
        return whole
    a, b = t[f"lokr_w{number}_a"], t[f"lokr_w{number}_b"]
    core = t.get(f"lokr_t{number}")
    return a @ b if core is None else torch.einsum("i j k l, i p, j r -> p r k l", core, a, b)


def _shape(layer: Any) -> torch.Size:
    shape: torch.Size = layer.weight.shape
    return shape


def _apply(layer: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Another weight in the layer's place."""
    if isinstance(layer, nn.Linear):
        return F.linear(x, weight.flatten(1), bias)
    return F.conv2d(x, weight, bias, layer.stride, layer.padding, layer.dilation, layer.groups)


def _plus(values: Tensor, bias: Tensor | None) -> Tensor:
    return values if bias is None else values + bias


def shape_of(t: Mapping[str, Tensor]) -> tuple[int, int] | None:
    """Rows and columns of ΔW as a matrix, without making it; None if its factors do not fit."""
    try:
        with torch.device("meta"):
            made = _product(
                {name: torch.empty_like(tensor, device="meta") for name, tensor in t.items()}
            )
    except (RuntimeError, KeyError, IndexError):
        return None
    return (made.shape[0], made[0].numel()) if made.ndim >= 2 else None
