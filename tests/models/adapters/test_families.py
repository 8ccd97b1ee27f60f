"""LoRAs of the other families, as their own pipelines and their own trainers write them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint
from torch import nn

from studio.core.adapters import Adapter
from studio.models.adapters.finding import Finder
from studio.models.adapters.fitting import fit
from studio.models.adapters.names import KINDS, Names
from studio.models.adapters.reading import read_adapter
from studio.models.adapters.wardrobe import fit_out
from studio.models.parts import Parts
from tests.models import agreement, rows_flow, rows_unet
from tests.models.adapters.making import PEFT, RANK, Tensors, dotted, kohya, lora, save
from tests.models.agreement import TEXT, Row, apart, ask, loaded, ours

# WORKAROUND diffusers 0.42 makes NumPy 2 arrays of tensors in a way that NumPy deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

FAMILIES = {
    "SDXL": next(row for row in rows_unet.ROWS if "XL" in row.family),
    "FLUX": next(row for row in rows_flow.ROWS if row.family.startswith("FLUX")),
    "SD3": next(row for row in rows_flow.ROWS if row.family.startswith("Stable Diffusion 3")),
}
Networks = dict[str, nn.Module]


@dataclass(frozen=True)
class Made:
    row: Row
    folder: Path
    family: Any

    @property
    def networks(self) -> Networks:
        parts = self.family.parts
        assert isinstance(parts, Parts)
        return dict(parts.networks())


@pytest.fixture(scope="module", params=FAMILIES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    base = FAMILIES[request.param]
    row = replace(base, recipe=replace(base.recipe, steps=2))
    folder = row.make(tmp_path_factory.mktemp(request.param))
    family = loaded(folder)
    fit_out(family, Finder(folder), "Tiny")
    return Made(row, folder, family)


def in_peft(networks: Networks) -> Tensors:
    denoiser = "unet" if "unet" in networks else "transformer"
    layers = ("to_q", "to_v", "to_out.0", "add_k_proj")
    found = lora(networks[denoiser], dotted(denoiser), PEFT, None, layers)
    for part in ("text_encoder", "text_encoder_2"):
        if "CLIP" in type(networks.get(part)).__name__:
            found |= lora(networks[part], dotted(part), PEFT, None, ("q_proj", "out_proj"))
    return found


def test_latents_are_those_of_diffusers(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = save(tmp_path / "a.safetensors", in_peft(made.networks))
    asked = ask(made.row, TEXT, made.family)
    bare = ours(asked, made.family)
    worn = replace(asked, recipe=replace(asked.recipe, adapters=(Adapter(str(file), 0.6),)))
    mine = ours(worn, made.family)

    def dressed(name: str, folder: Path, *args: Any, **options: Any) -> Any:
        pipe = plain(name, folder, *args, **options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pipe.load_lora_weights(file, adapter_name="a")
        pipe.set_adapters(["a"], [0.6])
        return pipe

    plain = agreement.opened
    monkeypatch.setattr(agreement, "opened", dressed)
    theirs = made.row.stock[TEXT](made.folder, asked)
    assert apart(mine, theirs) < 1e-4
    assert apart(mine, bare) > 1e-3
    assert torch.equal(ours(asked, made.family), bare)


def fused(networks: Networks, path: str, members: tuple[str, ...]) -> tuple[Tensors, Tensors]:
    """One piece for several layers as the original code has it, and the same in ours."""
    layers = [networks["transformer"].get_submodule(member) for member in members]
    rows = [int(getattr(layer, "weight").shape[0]) for layer in layers]  # noqa: B009
    down = torch.randn(RANK, int(getattr(layers[0], "weight").shape[1]))  # noqa: B009
    up = torch.randn(sum(rows), RANK)
    theirs = {f"{path}.lora_down.weight": down, f"{path}.lora_up.weight": up}
    mine = {}
    for member, share in zip(members, up.split(rows), strict=True):
        mine[f"transformer.{member}.lora_A.weight"] = down
        mine[f"transformer.{member}.lora_B.weight"] = share
    return theirs, mine


def weights(file: Path, networks: Networks) -> dict[str, torch.Tensor]:
    """ΔW by layer."""
    fitted = fit(read_adapter(file), Names(networks), "Tiny")
    found = {}
    for part, targets in fitted.items():
        for path, target in targets.items():
            layer: Any = networks[part].get_submodule(path)
            found[f"{part}.{path}"] = target.delta.weight(layer.weight.shape)
    return found


QKV = ("attn.to_q", "attn.to_k", "attn.to_v")
ADDED = ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj")
FLUX_LAYERS: list[tuple[str, tuple[str, ...]]] = [
    ("double_blocks.0.img_attn.qkv", tuple(f"transformer_blocks.0.{x}" for x in QKV)),
    ("double_blocks.0.txt_attn.qkv", tuple(f"transformer_blocks.0.{x}" for x in ADDED)),
    ("double_blocks.0.img_mlp.0", ("transformer_blocks.0.ff.net.0.proj",)),
    ("double_blocks.0.txt_mod.lin", ("transformer_blocks.0.norm1_context.linear",)),
    (
        "single_blocks.0.linear1",
        tuple(f"single_transformer_blocks.0.{x}" for x in (*QKV, "proj_mlp")),
    ),
    ("single_blocks.0.linear2", ("single_transformer_blocks.0.proj_out",)),
    ("double_blocks.0.processor.qkv_lora1", tuple(f"transformer_blocks.0.{x}" for x in QKV)),
    ("double_blocks.0.processor.proj_lora2", ("transformer_blocks.0.attn.to_add_out",)),
    ("single_blocks.0.processor.qkv_lora", tuple(f"single_transformer_blocks.0.{x}" for x in QKV)),
]


@pytest.mark.parametrize("made", ["FLUX"], indirect=True)
@pytest.mark.parametrize("underscored", [False, True])
def test_flux_files_of_other_trainers_are_read(
    made: Made, underscored: bool, tmp_path: Path
) -> None:
    for number, (path, members) in enumerate(FLUX_LAYERS):
        prefix = "" if ".processor." in path else "diffusion_model."
        name = f"{prefix}{path}"
        if underscored and prefix:
            name = f"lora_unet_{path.replace('.', '_')}"
        theirs, mine = fused(made.networks, name, members)
        one = weights(save(tmp_path / f"{number}.safetensors", theirs), made.networks)
        two = weights(save(tmp_path / f"{number}-ours.safetensors", mine), made.networks)
        assert one.keys() == two.keys()
        for layer, weight in two.items():
            torch.testing.assert_close(one[layer], weight)


@pytest.mark.parametrize("made", ["FLUX"], indirect=True)
def test_the_last_layers_halves_are_swapped_as_in_diffusers(made: Made, tmp_path: Path) -> None:
    name = "lora_unet_final_layer_adaLN_modulation_1"
    theirs, _ = fused(made.networks, name, ("norm_out.linear",))
    found = weights(save(tmp_path / "a.safetensors", theirs), made.networks)
    whole = theirs[f"{name}.lora_up.weight"] @ theirs[f"{name}.lora_down.weight"]
    shift, scale = whole.chunk(2)
    torch.testing.assert_close(found["transformer.norm_out.linear"], torch.cat([scale, shift]))


@pytest.mark.parametrize("made", ["SD3"], indirect=True)
def test_of_sd3s_blocks_the_last_ones_halves_are_swapped(made: Made, tmp_path: Path) -> None:
    """As diffusers' converter of whole checkpoints does."""
    network: Any = made.networks["transformer"]
    last = len(network.transformer_blocks) - 1
    for number in range(last + 1):
        name = f"lora_unet_joint_blocks_{number}_context_block_adaLN_modulation_1"
        path = f"transformer_blocks.{number}.norm1_context.linear"
        theirs, _ = fused(made.networks, name, (path,))
        found = weights(save(tmp_path / f"{number}.safetensors", theirs), made.networks)
        whole = theirs[f"{name}.lora_up.weight"] @ theirs[f"{name}.lora_down.weight"]
        halves = whole.chunk(2)
        wanted = torch.cat(halves[::-1]) if number == last else whole
        torch.testing.assert_close(found[f"transformer.{path}"], wanted)


@pytest.mark.parametrize("made", ["SDXL"], indirect=True)
def test_a_unets_layers_have_the_names_of_its_first_publication(made: Made) -> None:
    """As kohya's scripts name SDXL's. diffusers' converter of checkpoints is the reference."""
    unet: Any = made.networks["unet"]
    known = Names(made.networks).all_of("unet")
    heads = (
        "input_blocks.",
        "middle_block.",
        "output_blocks.",
        "time_embed.",
        "label_emb.",
        "out.",
    )
    original = {name: paths[0] for name, paths in known.items() if name.startswith(heads)}
    layers = {path for path, layer in unet.named_modules() if isinstance(layer, KINDS)}
    assert set(original.values()) == layers
    checkpoint = {}
    for number, (name, path) in enumerate(original.items()):
        layer = unet.get_submodule(path)
        for key, value in layer.named_parameters():
            checkpoint[f"model.diffusion_model.{name}.{key}"] = torch.full_like(value, number)
    converted = convert_ldm_unet_checkpoint(dict(checkpoint), dict(unet.config))
    for name, path in original.items():
        expected = checkpoint[f"model.diffusion_model.{name}.weight"]
        assert torch.equal(converted[f"{path}.weight"], expected), name


@pytest.mark.parametrize("made", ["SDXL"], indirect=True)
def test_kohyas_sdxl_files_are_read(made: Made, tmp_path: Path) -> None:
    name = "lora_unet_middle_block_1_transformer_blocks_0_attn1_to_q"
    path = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
    rows = int(made.networks["unet"].get_submodule(path[5:]).weight.shape[0])  # type: ignore[arg-type, index, union-attr]
    down, up = torch.randn(RANK, rows), torch.randn(rows, RANK)
    tensors = {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up}
    found = weights(save(tmp_path / "a.safetensors", tensors), made.networks)
    assert list(found) == [path]
    torch.testing.assert_close(found[path], up @ down)


@pytest.mark.parametrize("made", ["SDXL"], indirect=True)
def test_both_text_encoders_have_kohyas_numbers(made: Made, tmp_path: Path) -> None:
    parts = made.networks
    tensors = lora(parts["text_encoder"], kohya("lora_te1_text_model")) | lora(
        parts["text_encoder_2"], kohya("lora_te2")
    )
    found = weights(save(tmp_path / "a.safetensors", tensors), parts)
    assert {name.partition(".")[0] for name in found} == {"text_encoder", "text_encoder_2"}
