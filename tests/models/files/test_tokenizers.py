from __future__ import annotations

import json
from pathlib import Path

import pytest
from transformers import CLIPTokenizer

from studio.core.errors import Missing
from studio.models.files import tokenizers
from studio.models.files.layouts import layouts
from studio.models.files.tokenizers import find_tokenizer, make_tokenizer


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(tokenizers, "_found", {})
    return tmp_path


def clip(folder: Path, last: int = 49407) -> Path:
    """A vocabulary as long as CLIP's, of few words."""
    folder.mkdir(parents=True)
    words = {letter: number for number, letter in enumerate("abcdefgh!")}
    words |= {f"{letter}</w>": number + 9 for number, letter in enumerate("abcdefgh!")}
    words |= {"<|startoftext|>": last - 1, "<|endoftext|>": last}
    (folder / "vocab.json").write_text(json.dumps(words))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return folder


def near(home: Path) -> Path:
    return home / "ComfyUI" / "models" / "checkpoints" / "photo.safetensors"


PLACES = {
    "inside ComfyUI": "ComfyUI/comfy/sd1_tokenizer",
    "in a model folder beside it": "ComfyUI/models/checkpoints/other/tokenizer",
    "in ComfyUI's diffusers folder": "ComfyUI/models/diffusers/other/tokenizer_2",
    "in the hub's cache": "hub/models--openai--clip/snapshots/abc",
    "in a downloaded model": "home/data/models/owner--name/tokenizer",
    "kept": "home/data/tokenizers/clip",
}


@pytest.mark.parametrize("place", PLACES)
def test_it_is_found_wherever_it_is(place: str, home: Path) -> None:
    folder = clip(home / PLACES[place])
    found = find_tokenizer("clip", near(home))
    assert found is not None
    assert found["vocab.json"] == folder / "vocab.json"


def test_another_model_s_vocabulary_is_not_taken_for_it(home: Path) -> None:
    clip(home / PLACES["in a model folder beside it"], last=300)
    assert find_tokenizer("clip", near(home)) is None


def test_newer_folders_have_it_in_one_file(home: Path) -> None:
    folder = clip(home / "ComfyUI/models/checkpoints/other/tokenizer")
    whole = CLIPTokenizer.from_pretrained(str(folder))
    for path in folder.iterdir():
        path.unlink()
    whole.save_pretrained(folder)
    found = find_tokenizer("clip", near(home))
    assert found == {"tokenizer.json": folder / "tokenizer.json"}
    made = make_tokenizer("clip-zero", near(home), CLIPTokenizer, {"pad_token": "!"})
    assert made("a b").input_ids == whole("a b").input_ids
    assert made.pad_token == "!"


def test_without_it_the_sentence_says_what_to_do(home: Path) -> None:
    with pytest.raises(Missing, match="needs the T5 tokenizer") as missing:
        make_tokenizer("t5", near(home), object, {})
    assert missing.value.what == "t5"
    assert "models fetch-tokenizer t5" in missing.value.hint


def test_each_encoder_pads_its_own_way(home: Path) -> None:
    clip(home / PLACES["kept"])
    sdxl = layouts()["sdxl"]
    first, second = (
        make_tokenizer(sdxl.kind(part), near(home), CLIPTokenizer, sdxl.configs[part])
        for part in ("tokenizer", "tokenizer_2")
    )
    assert (first.pad_token, second.pad_token) == ("<|endoftext|>", "!")
    assert first("a b").input_ids == second("a b").input_ids
    assert first.model_max_length == 77
