"""Words of a person's own, beside diffusers' pipeline that learned the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from studio.core.errors import BadInput, CannotOpen
from studio.core.recipe import Recipe
from studio.models.adapters.finding import Finder
from studio.models.adapters.wardrobe import fit_out, recorded, wear
from studio.models.family import Family
from studio.models.told import Told
from tests.models.agreement import loaded, opened
from tests.models.tiny_sdxl import make_sdxl
from tests.tiny import make_tiny

WORD = torch.randn(3, 32, generator=torch.Generator().manual_seed(3))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("model"))


@pytest.fixture
def family(folder: Path, tmp_path: Path) -> Family:
    found = loaded(folder)
    fit_out(found, Finder(tmp_path), "Tiny")
    return found


def put(tmp_path: Path, name: str, tensors: dict[str, Tensor]) -> Path:
    path = tmp_path / "embeddings" / name
    path.parent.mkdir(exist_ok=True)
    save_file(tensors, path)
    return path


def encoded(family: Family, prompt: str) -> Tensor:
    recipe = Recipe(prompt=prompt)
    wear(family, recipe)
    told = family.condition(prompt, recipe)
    assert isinstance(told, Told)
    return told.states


def test_a_word_is_read_as_diffusers_reads_it(folder: Path, family: Family, tmp_path: Path) -> None:
    put(tmp_path, "MyWord.safetensors", {"emb_params": WORD})
    pipe = opened("StableDiffusionPipeline", folder)
    pipe.load_textual_inversion({"<w>": WORD.clone()}, token="<w>")
    theirs, _ = pipe.encode_prompt("a boat <w> in fog", "cpu", 1, False)
    mine = encoded(family, "a boat myword in fog")
    torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)
    assert torch.equal(encoded(family, "a boat embedding:MYWORD in fog"), mine)


def test_the_vocabulary_is_as_before(family: Family, tmp_path: Path) -> None:
    before = encoded(family, "a boat myword")
    path = put(tmp_path, "myword.safetensors", {"emb_params": WORD})
    table = family.parts.networks()["text_encoder"].get_input_embeddings()  # type: ignore[attr-defined]
    weight = table.weight.clone()
    assert not torch.equal(encoded(family, "a boat myword"), before)
    assert torch.equal(table.weight, weight)
    path.unlink()
    assert torch.equal(encoded(family, "a boat myword"), before)
    encoder = family.parts.networks()["text_encoder"]  # type: ignore[attr-defined]
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in encoder.modules())


def test_files_of_a1111_are_read(family: Family, tmp_path: Path) -> None:
    path = tmp_path / "embeddings" / "old.pt"
    path.parent.mkdir()
    torch.save({"string_to_token": {"*": 265}, "string_to_param": {"*": WORD}, "step": 500}, path)
    put(tmp_path, "new.safetensors", {"emb_params": WORD})
    assert torch.equal(encoded(family, "a old boat"), encoded(family, "a new boat"))


def test_another_file_of_that_name_is_another_word(family: Family, tmp_path: Path) -> None:
    path = put(tmp_path, "w.safetensors", {"emb_params": WORD})
    first, recipe = encoded(family, "a w"), Recipe(prompt="a w")
    known = recorded(family, recipe)
    assert set(known.files) == {"embedding/w"}
    path.unlink()
    put(tmp_path, "w.safetensors", {"emb_params": WORD[:2]})
    assert not torch.equal(encoded(family, "a w"), first)
    with pytest.raises(CannotOpen, match="another file"):
        wear(family, known)
    wear(family, replace(known, prompt="a boat"))


def test_words_of_both_text_encoders(tmp_path: Path) -> None:
    folder = make_sdxl(tmp_path / "model")
    family = loaded(folder)
    fit_out(family, Finder(tmp_path), "Tiny XL")
    parts = family.parts.networks()  # type: ignore[attr-defined]
    widths = [
        int(parts[name].get_input_embeddings().weight.shape[1])
        for name in ("text_encoder", "text_encoder_2")
    ]
    one, two = torch.randn(2, widths[0]), torch.randn(2, widths[1])
    put(tmp_path, "w.safetensors", {"clip_l": one, "clip_g": two})
    pipe = opened("StableDiffusionXLPipeline", folder)
    for vectors, number in ((one, ""), (two, "_2")):
        pipe.load_textual_inversion(
            {"<w>": vectors.clone()},
            token="<w>",
            text_encoder=getattr(pipe, f"text_encoder{number}"),
            tokenizer=getattr(pipe, f"tokenizer{number}"),
        )
    theirs = pipe.encode_prompt("a <w> boat", do_classifier_free_guidance=False)[0]
    torch.testing.assert_close(encoded(family, "a w boat"), theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("tensors", "error", "words"),
    [
        ({"emb_params": torch.ones(2, 7)}, BadInput, "7 numbers"),
        ({"clip_l": torch.ones(2, 768), "clip_g": torch.ones(2, 1280)}, BadInput, "another model"),
        ({"emb_params": torch.full((2, 32), torch.nan)}, CannotOpen, "damaged"),
    ],
)
def test_what_does_not_fit_is_said_and_other_prompts_go_on(
    tensors: dict[str, Tensor],
    error: type[Exception],
    words: str,
    family: Family,
    tmp_path: Path,
) -> None:
    before = encoded(family, "a boat")
    put(tmp_path, "bad.safetensors", tensors)
    assert torch.equal(encoded(family, "a boat"), before)
    with pytest.raises(error, match=words):
        encoded(family, "a bad boat")
    assert torch.equal(encoded(family, "a boat"), before)
