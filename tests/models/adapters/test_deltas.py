"""What is added beside a layer is what the layer would make with the changed weight."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.models.adapters.deltas import Decomposed, Delta, shape_of

torch.manual_seed(0)
LINEAR = nn.Linear(6, 8).requires_grad_(False)
CONV = nn.Conv2d(6, 8, 3, stride=2, padding=1).requires_grad_(False)
R = torch.randn
PLAIN = {
    "LoRA": {"down": R(2, 6), "up": R(8, 2)},
    "LoHa": {
        "hada_w1_a": R(8, 2),
        "hada_w1_b": R(2, 6),
        "hada_w2_a": R(8, 2),
        "hada_w2_b": R(2, 6),
    },
    "LoKr": {"lokr_w1": R(2, 3), "lokr_w2": R(4, 2)},
    "LoKr of factors": {
        "lokr_w1_a": R(2, 1),
        "lokr_w1_b": R(1, 3),
        "lokr_w2_a": R(4, 2),
        "lokr_w2_b": R(2, 2),
    },
    "difference": {"diff": R(8, 6), "bias": R(8)},
}
KERNELS = {
    "LoRA": {"down": R(2, 6, 3, 3), "up": R(8, 2, 1, 1)},
    "LoCon with a core": {"down": R(2, 6, 1, 1), "up": R(8, 2, 1, 1), "mid": R(2, 2, 3, 3)},
    "LoHa": {
        "hada_w1_a": R(8, 2),
        "hada_w1_b": R(2, 54),
        "hada_w2_a": R(8, 2),
        "hada_w2_b": R(2, 54),
    },
    "LoHa with cores": {
        "hada_t1": R(2, 2, 3, 3),
        "hada_w1_a": R(2, 8),
        "hada_w1_b": R(2, 6),
        "hada_t2": R(2, 2, 3, 3),
        "hada_w2_a": R(2, 8),
        "hada_w2_b": R(2, 6),
    },
    "LoKr": {"lokr_w1": R(2, 3), "lokr_w2": R(4, 2, 3, 3)},
    "LoKr with a core": {
        "lokr_w1": R(2, 3),
        "lokr_t2": R(2, 2, 3, 3),
        "lokr_w2_a": R(2, 4),
        "lokr_w2_b": R(2, 2),
    },
    "difference": {"diff": R(8, 6, 3, 3), "bias": R(8)},
}
ROWS = [(nn.Linear, name) for name in PLAIN] + [(nn.Conv2d, name) for name in KERNELS]


def sample(kind: type) -> tuple[nn.Linear | nn.Conv2d, Tensor]:
    return (LINEAR, R(5, 6)) if kind is nn.Linear else (CONV, R(2, 6, 7, 7))


def made_with(layer: nn.Linear | nn.Conv2d, weight: Tensor, bias: Tensor, x: Tensor) -> Tensor:
    if isinstance(layer, nn.Linear):
        return F.linear(x, weight, bias)
    return F.conv2d(x, weight, bias, layer.stride, layer.padding)


@pytest.mark.parametrize(("kind", "name"), ROWS)
def test_it_is_as_if_the_weight_were_another(kind: type, name: str) -> None:
    layer, x = sample(kind)
    delta = Delta((PLAIN if kind is nn.Linear else KERNELS)[name], 0.5)
    weight = layer.weight + delta.weight(layer.weight.shape)
    assert layer.bias is not None
    bias = layer.bias + delta.tensors.get("bias", torch.zeros(8))
    torch.testing.assert_close(
        layer(x) + delta.added(layer, x), made_with(layer, weight, bias, x), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize(("kind", "name"), ROWS)
@pytest.mark.parametrize("of_inputs", [False, True])
def test_a_decomposed_weight_has_the_magnitudes_of_the_file(
    kind: type, name: str, of_inputs: bool
) -> None:
    layer, x = sample(kind)
    delta = Delta((PLAIN if kind is nn.Linear else KERNELS)[name], 0.5)
    wide = [1] * (layer.weight.ndim - 2)
    magnitude = torch.rand(1, 6, *wide) if of_inputs else torch.rand(8, 1, *wide)
    whole = layer.weight + delta.weight(layer.weight.shape)
    axes = [axis for axis in range(whole.ndim) if axis != int(of_inputs)]
    norm = (
        whole.norm(dim=axes, keepdim=True)
        if whole.ndim == 2
        else (whole.square().sum(dim=axes, keepdim=True).sqrt())
    )
    weight = magnitude.reshape(norm.shape) * whole / norm
    assert layer.bias is not None
    bias = layer.bias
    worn = Decomposed.around(delta, magnitude, layer)
    extra = delta.tensors.get("bias")
    if extra is not None:  # is weighed with the weight that it is a part of
        delta = Delta({key: t for key, t in delta.tensors.items() if key != "bias"}, 0.5)
        worn = Decomposed.around(delta, magnitude, layer)
    out = layer(x)
    torch.testing.assert_close(
        out + worn.added(layer, x, out), made_with(layer, weight, bias, x), rtol=1e-4, atol=1e-4
    )


def test_rows_are_a_layers_share_of_a_larger_one() -> None:
    delta = Delta({"down": R(2, 6), "up": R(24, 2)}, 1.0)
    whole = delta.weight(torch.Size((24, 6)))
    share = Delta(delta.tensors, 1.0, (slice(8, 16),))
    assert torch.equal(share.weight(torch.Size((8, 6))), whole[8:16])
    x = R(5, 6)
    torch.testing.assert_close(share.added(LINEAR, x), F.linear(x, whole[8:16]))


@pytest.mark.parametrize("kind", [nn.LayerNorm, nn.GroupNorm])
def test_norms_take_differences_too(kind: type) -> None:
    norm = nn.LayerNorm(8) if kind is nn.LayerNorm else nn.GroupNorm(2, 8)
    x = R(4, 8)
    delta = Delta({"w_norm": R(8), "b_norm": R(8)})
    changed = nn.LayerNorm(8) if kind is nn.LayerNorm else nn.GroupNorm(2, 8)
    with torch.no_grad():
        changed.weight.copy_(norm.weight + delta.tensors["w_norm"])
        changed.bias.copy_(norm.bias + delta.tensors["b_norm"])
        torch.testing.assert_close(norm(x) + delta.added(norm, x), changed(x))


@pytest.mark.parametrize("kernels", [False, True])
def test_the_shape_is_known_without_making_the_weight(kernels: bool) -> None:
    for tensors in (KERNELS if kernels else PLAIN).values():
        assert shape_of(tensors) == (8, 54 if kernels else 6)
    assert shape_of({"down": R(2, 6), "up": R(8, 3)}) is None
