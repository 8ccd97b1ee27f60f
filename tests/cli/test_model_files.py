"""The words of `models` that are about the person's own files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from studio.cli.main import main
from tests.models.files.fixtures import kohya, sd1, sdxl, write

Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))

    def run(*words: str) -> tuple[int, Any, str]:
        code = main(["models", *words, "--json"])
        told = capsys.readouterr()
        return code, json.loads(told.out) if told.out else None, told.err

    return run


def test_a_folder_is_added_listed_and_removed(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "ComfyUI" / "models"
    write(folder / "checkpoints" / "photo.safetensors", sdxl() | whole())
    write(folder / "loras" / "ink.safetensors", kohya(2048))
    code, told, _ = run("add", str(tmp_path / "ComfyUI"))
    assert code == 0
    assert [Path(file["path"]).name for file in told["files"]] == [
        "photo.safetensors",
        "ink.safetensors",
    ]
    _, told, _ = run("list", "--files")
    photo = next(model for model in told["models"] if model["name"] == "photo")
    assert (photo["file"]["family"], photo["native_size"]) == ("sdxl", [1024, 1024])
    assert told["files"][1]["kind"] == "LoRA"
    _, told, _ = run("remove", str(tmp_path / "ComfyUI"))
    _, told, _ = run("list", "--files")
    assert (told["files"], told["folders"]) == ([], [])


def whole() -> dict[str, tuple[int, ...]]:
    """What a checkpoint of SDXL has besides."""
    return {
        "conditioner.embedders.1.model.transformer.resblocks.0.ln_1.weight": (1280,),
        "first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3),
    }


def test_a_file_is_inspected(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.safetensors", kohya(768))
    code, told, _ = run("inspect", str(path))
    assert code == 0
    assert (told["kind"], told["family"], told["precision"]) == ("LoRA", "sd1", "fp16")
    assert len(told["sha256"]) == 64
    code, told, error = run("inspect", str(tmp_path / "nothing.safetensors"))
    assert (code, told) == (1, None)
    assert error.count("\n") == 1


def test_a_file_that_is_no_model_is_refused(run: Run, tmp_path: Path) -> None:
    code, _, error = run("add", str(write(tmp_path / "a.safetensors", kohya())))
    assert code == 1
    assert "a LoRA for Stable Diffusion 1.x" in error


def test_one_checkpoint_is_added_by_itself(run: Run, tmp_path: Path) -> None:
    code, told, _ = run("add", str(write(tmp_path / "My Model.safetensors", sd1())))
    assert (code, told["added"]["name"]) == (0, "my-model")


def test_a_pickle_is_written_as_safetensors(run: Run, tmp_path: Path) -> None:
    shared = torch.arange(12.0).reshape(3, 4)
    weights = {"a": shared, "b": shared[1:], "c": shared.T}
    torch.save({"state_dict": weights, "global_step": 3}, tmp_path / "old.ckpt")
    code, told, _ = run("convert", str(tmp_path / "old.ckpt"))
    made = tmp_path / "old.safetensors"
    assert (code, told) == (0, {"converted": str(made)})
    found = load_file(made)
    assert all(torch.equal(found[name], weights[name]) for name in weights)
    assert sorted(path.name for path in tmp_path.glob("*old*")) == ["old.ckpt", "old.safetensors"]
    code, _, error = run("convert", str(tmp_path / "old.ckpt"))
    assert code == 2
    assert "there already" in error
