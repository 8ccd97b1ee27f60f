"""A model with LoRAs beside diffusers' own pipeline with the same ones; and without, as before."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from studio.core.adapters import Adapter
from studio.core.errors import BadInput, CannotOpen, StudioError
from studio.engine.prepare import noise_of
from studio.models.adapters.finding import Finder
from studio.models.adapters.wardrobe import fit_out, recorded, wear
from studio.models.family import Family
from studio.models.parts import Parts
from studio.models.toy import build
from tests.models.adapters.making import ATTENTION, PEFT, Tensors, dotted, kohya, lora, save
from tests.models.agreement import RECIPE, Asked, apart, dealt, loaded, opened, ours
from tests.tiny import make_tiny

OLD = ("lora.down.weight", "lora.up.weight")
CONVOLUTIONS = (*ATTENTION, "conv1", "proj_in")
SHORT = replace(RECIPE, steps=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("model"))


@pytest.fixture
def family(folder: Path, tmp_path: Path) -> Family:
    found = loaded(folder)
    fit_out(found, Finder(tmp_path), "Tiny")
    return found


def networks(family: Family) -> dict[str, nn.Module]:
    parts = getattr(family, "parts", None)
    assert isinstance(parts, Parts)
    return dict(parts.networks())


def latents(family: Family, *worn: Adapter) -> Tensor:
    recipe = replace(SHORT, adapters=worn)
    return ours(Asked(recipe, noise_of(recipe, recipe.size, family), None, None), family)


def theirs(folder: Path, family: Family, files: list[tuple[Path, float]]) -> Tensor:
    pipe = opened("StableDiffusionPipeline", folder)
    with warnings.catch_warnings():  # that there is more than one
        warnings.simplefilter("ignore")
        for number, (file, _) in enumerate(files):
            pipe.load_lora_weights(file, adapter_name=f"a{number}")
    pipe.set_adapters([f"a{n}" for n in range(len(files))], [weight for _, weight in files])
    asked = Asked(SHORT, noise_of(SHORT, SHORT.size, family), None, None)
    with dealt(asked):
        made: Tensor = pipe(
            SHORT.prompt,
            negative_prompt=SHORT.negative_prompt,
            num_inference_steps=SHORT.steps,
            guidance_scale=SHORT.guidance_scale,
            height=64,
            width=64,
            output_type="latent",
        ).images
    return made


def of_both(parts: dict[str, nn.Module], **options: Any) -> Tensors:
    text = {key: value for key, value in options.items() if key != "layers"}
    return lora(parts["unet"], kohya("lora_unet"), **options) | lora(
        parts["text_encoder"], kohya("lora_te_text_model"), **text
    )


def in_kohya(parts: dict[str, nn.Module]) -> Tensors:
    return of_both(parts, layers=CONVOLUTIONS)


def in_peft(parts: dict[str, nn.Module]) -> Tensors:
    return lora(parts["unet"], dotted("unet"), PEFT, None) | lora(
        parts["text_encoder"], dotted("text_encoder"), PEFT, None
    )


def in_diffusers(parts: dict[str, nn.Module]) -> Tensors:
    return lora(parts["unet"], dotted("unet"), OLD, None)


def in_older_diffusers(parts: dict[str, nn.Module]) -> Tensors:
    def name(path: str) -> str:
        head, _, tail = path.removesuffix(".0").rpartition(".")
        return f"unet.{head}.processor.{tail}_lora"

    layers = ("attn1.to_q", "attn2.to_k", "attn2.to_out.0")
    return lora(parts["unet"], name, ("down.weight", "up.weight"), None, layers)


def in_dora(parts: dict[str, nn.Module]) -> Tensors:
    found = lora(parts["unet"], dotted("unet"), PEFT, None)
    for path, layer in parts["unet"].named_modules():
        if f"unet.{path}.lora_A.weight" in found:
            rows = layer.weight.shape[0]
            generator = torch.Generator().manual_seed(rows)
            found[f"unet.{path}.lora_magnitude_vector"] = (
                torch.rand(rows, generator=generator) + 0.5
            )
    return {key: value for key, value in found.items() if "proj_out" not in key}


FORMATS: list[Callable[[dict[str, nn.Module]], Tensors]] = [
    in_kohya,
    in_peft,
    in_diffusers,
    in_older_diffusers,
    in_dora,
]


@pytest.mark.parametrize("write", FORMATS, ids=lambda write: write.__name__)
def test_latents_are_those_of_diffusers(
    write: Callable[[dict[str, nn.Module]], Tensors], folder: Path, family: Family, tmp_path: Path
) -> None:
    file = save(tmp_path / "a.safetensors", write(networks(family)))
    # How much of a DoRA there is means something else to PEFT, which 1 leaves the same.
    weight = 1.0 if write is in_dora else 0.7
    mine = latents(family, Adapter(str(file), weight))
    assert apart(mine, theirs(folder, family, [(file, weight)])) < 1e-4
    assert apart(mine, latents(family)) > 1e-2


def test_several_at_once_are_those_of_diffusers(
    folder: Path, family: Family, tmp_path: Path
) -> None:
    parts = networks(family)
    files = [
        (save(tmp_path / "one.safetensors", in_kohya(parts)), 0.8),
        (save(tmp_path / "two.safetensors", of_both(parts, seed=1)), -0.5),
    ]
    mine = latents(family, *(Adapter(str(path), weight) for path, weight in files))
    assert apart(mine, theirs(folder, family, files)) < 1e-4


@pytest.mark.parametrize("other", [6, 4])
def test_peft_keeps_its_scale_in_the_files_words(
    family: Family, tmp_path: Path, other: int
) -> None:
    """Of each part its own, and for a layer of its own another."""
    words: dict[str, Any] = {"unet.r": 2, "unet.lora_alpha": 6, "text_encoder.lora_alpha": other}
    if other == 6:
        words["unet.alpha_pattern"] = {"down_blocks.0.attentions.0.proj_out": 6}
    told = {"format": "pt", "lora_adapter_metadata": json.dumps(words)}
    tensors = in_peft(networks(family))
    scaled = save(tmp_path / "s.safetensors", tensors, told)
    plain = save(tmp_path / "p.safetensors", tensors)
    wanted = latents(family, Adapter(str(plain), 3.0, other / 2))
    torch.testing.assert_close(latents(family, Adapter(str(scaled))), wanted)


def test_peft_keeps_its_scale_beside_the_file(family: Family, tmp_path: Path) -> None:
    tensors = lora(networks(family)["unet"], dotted("base_model.model"), PEFT, None)
    plain = save(tmp_path / "plain.safetensors", tensors)
    file = save(tmp_path / "adapter_model.safetensors", tensors)
    config = {"lora_alpha": 8, "r": 2, "use_rslora": True}
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    wanted = latents(family, Adapter(str(plain), 8 / 2**0.5))
    torch.testing.assert_close(latents(family, Adapter(str(file))), wanted)
    (tmp_path / "adapter_config.json").write_text("{}")
    file.touch()
    with pytest.raises(CannotOpen, match="scale is damaged"):
        latents(family, Adapter(str(file)))


def test_taken_off_it_leaves_no_trace(family: Family, tmp_path: Path) -> None:
    parts = networks(family)
    before = {part: {k: v.clone() for k, v in n.state_dict().items()} for part, n in parts.items()}
    shape = {part: [name for name, _ in n.named_modules()] for part, n in parts.items()}
    bare = latents(family)
    file = save(tmp_path / "a.safetensors", in_kohya(parts))
    assert not torch.equal(latents(family, Adapter(str(file))), bare)
    assert torch.equal(latents(family), bare)
    assert torch.equal(latents(family, Adapter(str(file), 0.0)), bare)
    assert torch.equal(latents(family), bare)
    for part, network in parts.items():
        assert [name for name, _ in network.named_modules()] == shape[part]
        now = network.state_dict()
        assert now.keys() == before[part].keys()
        assert all(torch.equal(now[key], value) for key, value in before[part].items())
        assert not any(module._forward_hooks for module in network.modules())


def test_a_weight_changes_without_reading_the_file_again(
    family: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = save(tmp_path / "a.safetensors", in_kohya(networks(family)))
    half = latents(family, Adapter(str(file), 0.5))
    monkeypatch.setattr("studio.models.adapters.wardrobe.read_adapter", None)
    whole = latents(family, Adapter(str(file), 1.0))
    assert not torch.equal(half, whole)
    assert torch.equal(latents(family, Adapter(str(file), 0.5)), half)


def test_the_text_encoders_have_a_weight_of_their_own(family: Family, tmp_path: Path) -> None:
    parts = networks(family)
    both = save(tmp_path / "both.safetensors", of_both(parts))
    alone = save(tmp_path / "alone.safetensors", lora(parts["unet"], kohya("lora_unet")))
    assert torch.equal(
        latents(family, Adapter(str(both), 0.6, 0.0)), latents(family, Adapter(str(alone), 0.6))
    )


def test_a_network_that_is_cast_takes_its_loras_along(family: Family, tmp_path: Path) -> None:
    unet = networks(family)["unet"]
    file = save(tmp_path / "a.safetensors", lora(unet, kohya("lora_unet"), layers=("to_q",)))
    layer = next(m for name, m in unet.named_modules() if name.endswith("attn1.to_q"))
    x = torch.randn(3, 5, int(layer.weight.shape[1]))  # type: ignore[arg-type, index, union-attr]
    bare = layer(x)
    wear(family, replace(SHORT, adapters=(Adapter(str(file)),)))
    worn = layer(x)
    assert not torch.equal(worn, bare)
    layer.to(torch.float64)
    torch.testing.assert_close(layer(x.double()), worn.double(), rtol=1e-4, atol=1e-4)
    layer.to(torch.float32)
    assert torch.equal(layer(x), worn)


def test_a_lora_is_found_by_its_name_and_its_hash_recorded(family: Family, tmp_path: Path) -> None:
    parts = networks(family)
    save(tmp_path / "loras" / "styles" / "Ink.safetensors", of_both(parts))
    recipe = replace(SHORT, adapters=(Adapter("ink"),))
    wear(family, recipe)
    known = recorded(family, recipe)
    assert set(known.files) == {"lora/ink"}
    assert len(known.files["lora/ink"]) == 64
    wear(family, known)
    save(tmp_path / "loras" / "styles" / "Ink.safetensors", of_both(parts, seed=1))
    wear(family, recipe)
    with pytest.raises(CannotOpen, match="another file"):
        wear(family, known)
    # the one it was made with, wherever it is now
    save(tmp_path / "loras" / "old" / "ink.safetensors", of_both(parts))
    wear(family, known)


def spoiled(parts: dict[str, nn.Module]) -> Tensors:
    tensors = of_both(parts)
    next(iter(tensors.values()))[0, 0] = float("nan")
    return tensors


def for_nothing(parts: dict[str, nn.Module]) -> Tensors:
    other = nn.ModuleDict({"blocks": nn.ModuleList([nn.ModuleDict({"to_q": nn.Linear(4, 4)})])})
    return lora(other, kohya("lora_unet"))


def for_flux(parts: dict[str, nn.Module]) -> Tensors:
    name = "lora_unet_double_blocks_0_img_attn_qkv"
    return {
        f"{name}.lora_down.weight": torch.ones(4, 3072),
        f"{name}.lora_up.weight": torch.ones(9216, 4),
    }


def for_sdxl(parts: dict[str, nn.Module]) -> Tensors:
    found = {}
    for key, tensor in of_both(parts).items():
        wide = tensor if tensor.ndim < 2 or "down" not in key else torch.ones(2, 2048)
        found[key] = wide
    return found


def in_part(parts: dict[str, nn.Module]) -> Tensors:
    return of_both(parts) | for_nothing(parts)


def with_a_magnitude_for_nothing(parts: dict[str, nn.Module]) -> Tensors:
    tensors = lora(parts["unet"], kohya("lora_unet"), layers=("to_q",))
    first = next(iter(tensors)).removesuffix(".lora_down.weight")
    return tensors | {f"{first}.dora_scale": torch.ones(3, 1)}


def half(parts: dict[str, nn.Module]) -> Tensors:
    tensors = of_both(parts)
    del tensors[next(key for key in tensors if "lora_up" in key)]
    return tensors


def of_another_kind(parts: dict[str, nn.Module]) -> Tensors:
    return {"lora_unet_mid_block_attentions_0_proj_in.oft_blocks": torch.ones(2, 4, 4)}


def a_model(parts: dict[str, nn.Module]) -> Tensors:
    return {key: value.clone() for key, value in parts["unet"].state_dict().items()}


REFUSED = [
    (spoiled, "NaN"),
    (for_nothing, "changes nothing"),
    (for_flux, "FLUX"),
    (for_sdxl, "SDXL"),
    (in_part, r"only in part: 1 of \d+"),
    (half, "incomplete"),
    (with_a_magnitude_for_nothing, "wrong shape"),
    (of_another_kind, "OFT"),
    (a_model, "not a LoRA"),
]


@pytest.mark.parametrize(("write", "words"), REFUSED, ids=lambda of: getattr(of, "__name__", ""))
def test_what_cannot_be_used_whole_is_refused_in_a_sentence(
    write: Callable[[dict[str, nn.Module]], Tensors], words: str, family: Family, tmp_path: Path
) -> None:
    parts = networks(family)
    good = Adapter(str(save(tmp_path / "good.safetensors", of_both(parts))))
    before = latents(family, good)
    file = save(tmp_path / "bad.safetensors", write(parts))
    began = time.monotonic()
    with pytest.raises(StudioError, match=words) as caught:
        latents(family, good, Adapter(str(file)))
    assert time.monotonic() - began < 5
    assert "\n" not in str(caught.value)
    assert torch.equal(latents(family, good), before)


def test_damaged_and_dangerous_files_are_refused(family: Family, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (tmp_path.joinpath("touched").touch, ())

    whole = save(tmp_path / "whole.safetensors", of_both(networks(family)))
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(whole.read_bytes()[:-100])
    bomb = tmp_path / "bomb.pt"
    torch.save({"lora_unet_x.alpha": Bomb()}, bomb)
    bare = latents(family)
    for path, words in ((cut, "damaged"), (bomb, "program"), (tmp_path / "no.pt", "no LoRA")):
        with pytest.raises(CannotOpen, match=words):
            latents(family, Adapter(str(path)))
    assert not (tmp_path / "touched").exists()
    assert torch.equal(latents(family), bare)


def test_a_model_without_networks_takes_no_loras() -> None:
    toy = build(torch.device("cpu"))
    wear(toy, SHORT)
    with pytest.raises(BadInput, match="no LoRAs"):
        wear(toy, replace(SHORT, adapters=(Adapter("a"),)))
