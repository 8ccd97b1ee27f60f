"""LyCORIS' files beside the same model with the changed weights in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from studio.core.adapters import Adapter
from studio.engine.prepare import noise_of
from studio.models.adapters.finding import Finder
from studio.models.adapters.wardrobe import fit_out
from studio.models.family import Family
from studio.models.parts import Parts
from tests.models.adapters.making import Tensors, chosen, kohya, save
from tests.models.agreement import RECIPE, Asked, apart, loaded, ours
from tests.tiny import make_tiny

LAYERS = ("attn1.to_q", "attn2.to_v", "conv1", "proj_in")
RANK = 3
ALPHA = 2.0
Made = tuple[Tensors, Tensor]
"""A file's tensors for one layer, without its name, and the weight that the layer has then."""


def loha(weight: Tensor) -> Made:
    rows, columns = len(weight), weight[0].numel()
    t = {
        name: torch.randn(size) * 0.4
        for name, size in (
            ("hada_w1_a", (rows, RANK)),
            ("hada_w1_b", (RANK, columns)),
            ("hada_w2_a", (rows, RANK)),
            ("hada_w2_b", (RANK, columns)),
        )
    }
    change = (t["hada_w1_a"] @ t["hada_w1_b"]) * (t["hada_w2_a"] @ t["hada_w2_b"])
    changed = weight + change.reshape(weight.shape) * ALPHA / RANK
    return t | {"alpha": torch.tensor(ALPHA)}, changed


def lokr(weight: Tensor) -> Made:
    rows, columns = len(weight) // 4, weight[0].numel() // 4
    t = {
        "lokr_w1": torch.randn(4, 4) * 0.4,
        "lokr_w2_a": torch.randn(rows, RANK) * 0.4,
        "lokr_w2_b": torch.randn(RANK, columns) * 0.4,
    }
    two = (t["lokr_w2_a"] @ t["lokr_w2_b"]).reshape(rows, weight.shape[1] // 4, *weight.shape[2:])
    change = torch.cat([torch.cat([a * two for a in row], dim=1) for row in t["lokr_w1"]])
    return t | {"alpha": torch.tensor(ALPHA)}, weight + change * ALPHA / RANK


def dora_of_inputs(weight: Tensor) -> Made:
    rows, columns = len(weight), weight.shape[1:]
    down, up = torch.randn(RANK, *columns) * 0.4, torch.randn(rows, RANK) * 0.4
    wide = [1] * (weight.ndim - 2)
    magnitude = torch.rand(1, columns[0], *wide) + 0.5
    whole = weight + (up @ down.flatten(1)).reshape(weight.shape) * ALPHA / RANK
    axes = [axis for axis in range(weight.ndim) if axis != 1]
    changed = magnitude * whole / whole.square().sum(dim=axes, keepdim=True).sqrt()
    tensors = {"lora_down.weight": down, "lora_up.weight": up.reshape(rows, RANK, *wide)}
    return tensors | {"alpha": torch.tensor(ALPHA), "dora_scale": magnitude}, changed


def whole(weight: Tensor) -> Made:
    change = torch.randn(weight.shape) * 0.1
    return {"diff": change}, weight + change


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("model"))


@pytest.fixture
def families(folder: Path, tmp_path: Path) -> tuple[Family, Family]:
    one, two = loaded(folder), loaded(folder)
    fit_out(one, Finder(tmp_path), "Tiny")
    return one, two


def unet(family: Family) -> nn.Module:
    parts = getattr(family, "parts", None)
    assert isinstance(parts, Parts)
    return parts.networks()["unet"]


def latents(family: Family, *worn: Adapter) -> Tensor:
    recipe = replace(RECIPE, steps=2, adapters=worn)
    return ours(Asked(recipe, noise_of(recipe, recipe.size, family), None, None), family)


@pytest.mark.parametrize("make", [loha, lokr, dora_of_inputs, whole], ids=lambda f: f.__name__)
@pytest.mark.parametrize("weight", [1.0, -0.5])
def test_it_is_worn_as_if_it_were_merged(
    make: Callable[[Tensor], Made],
    weight: float,
    families: tuple[Family, Family],
    tmp_path: Path,
) -> None:
    torch.manual_seed(5)
    family, merged = families
    bare = latents(family)
    name, tensors = kohya("lora_unet"), {}
    for path, layer in chosen(unet(merged), LAYERS):
        made, changed = make(layer.weight.detach())
        tensors |= {f"{name(path)}.{role}": tensor for role, tensor in made.items()}
        layer.weight.data = torch.lerp(layer.weight.data, changed, weight)
    file = save(tmp_path / "a.safetensors", tensors)
    mine = latents(family, Adapter(str(file), weight))
    assert apart(mine, latents(merged)) < 1e-4
    assert apart(mine, bare) > 1e-2
    assert torch.equal(latents(family), bare)
