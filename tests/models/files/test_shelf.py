from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.core.errors import BadInput
from studio.core.model_file import ModelFile, Role
from studio.models.files import shelf as module
from studio.models.files.hashing import to_hash, whole_hash
from studio.models.files.places import Place, program_of, roots, usual
from studio.models.files.scan import scan
from studio.models.files.shelf import Shelf
from tests.models.files.fixtures import kohya, sd1, sdxl, write


def comfy(folder: Path) -> Path:
    models = folder / "models"
    write(models / "checkpoints" / "real" / "photo.safetensors", sdxl())
    write(models / "loras" / "ink.safetensors", kohya(2048))
    write(models / "vae" / "broken.safetensors", sd1())
    (models / "vae" / "broken.safetensors").write_bytes(b"nothing")
    (folder / "output").mkdir()
    write(folder / "custom_nodes" / "deep" / "not_mine.safetensors", sd1())
    return folder


def look(shelf: Shelf) -> dict[str, ModelFile]:
    shelf.look()
    return {file.path.name: file for file in shelf.files}


def test_files_are_found_where_they_are_with_what_they_are(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "data")
    shelf.add_folder(comfy(tmp_path / "ComfyUI"))
    found = look(shelf)
    assert set(found) == {"photo.safetensors", "ink.safetensors", "broken.safetensors"}
    assert found["photo.safetensors"].layout == "sdxl"
    assert found["ink.safetensors"].role is Role.LORA
    assert found["broken.safetensors"].role is Role.DAMAGED
    assert found["photo.safetensors"].path.is_relative_to(tmp_path / "ComfyUI")


def test_what_a_file_is_has_to_be_found_out_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(tmp_path / "data")
    shelf.add_folder(comfy(tmp_path / "ComfyUI"))
    before = look(shelf)
    looked: list[str] = []
    real = module.identify

    def noted(path: Path) -> ModelFile:
        looked.append(path.name)
        return real(path)

    monkeypatch.setattr(module, "identify", noted)
    again = Shelf(tmp_path / "data")
    assert {file.path.name: file for file in again.files} == before
    assert look(again) == before
    assert looked == []
    changed = tmp_path / "ComfyUI/models/loras/ink.safetensors"
    write(changed, kohya(768))
    assert look(again)["ink.safetensors"].layout == "sd1"
    assert looked == ["ink.safetensors"]


def test_a_file_that_is_gone_is_forgotten_and_one_on_a_drive_that_is_away_is_not(
    tmp_path: Path,
) -> None:
    shelf = Shelf(tmp_path / "data")
    folder = comfy(tmp_path / "ComfyUI")
    shelf.add_folder(folder)
    look(shelf)
    lora = folder / "models/loras/ink.safetensors"
    shelf.hashed(lora, "ab" * 32)
    shelf.save()
    away = folder.rename(tmp_path / "away")
    assert look(shelf) == {}
    away.rename(folder)
    assert look(Shelf(tmp_path / "data"))["ink.safetensors"].short_hash == "ababababab"
    lora.unlink()
    assert "ink.safetensors" not in look(shelf)
    assert "ink" not in (tmp_path / "data/model_files.json").read_text()


def test_a_folder_is_taken_off_and_its_files_stay(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "data")
    folder = comfy(tmp_path / "ComfyUI")
    shelf.add_folder(folder)
    look(shelf)
    shelf.remove_folder(folder)
    assert shelf.files == ()
    assert Shelf(tmp_path / "data").folders == ()
    assert (folder / "models/loras/ink.safetensors").exists()
    with pytest.raises(BadInput, match="no folder"):
        shelf.add_folder(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"version": 2, "files": {"/a": {"role": "Nonsense"}}}']
)
def test_a_damaged_index_only_costs_a_look(text: str, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "data")
    shelf.add_folder(comfy(tmp_path / "ComfyUI"))
    look(shelf)
    (tmp_path / "data/model_files.json").write_text(text)
    assert len(look(Shelf(tmp_path / "data"))) == 3


def test_what_lies_beside_a_file_is_shown_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "loras"
    write(folder / "a.safetensors", kohya())
    (folder / "a.preview.png").write_bytes(b"png")
    note = {"model": {"name": "Ink"}, "name": "v2", "trainedWords": ["ink wash", " "]}
    (folder / "a.civitai.info").write_text(json.dumps(note))
    write(folder / "b.safetensors", kohya())
    (folder / "b.jpg").write_bytes(b"jpg")
    (folder / "b.json").write_text(json.dumps({"activation text": "brush"}))
    write(folder / "c.safetensors", kohya())
    (folder / "c.json").write_text("[not json")
    shelf = Shelf(tmp_path / "data")
    shelf.add_folder(folder)
    found = look(shelf)
    a, b, c = (found[f"{stem}.safetensors"] for stem in "abc")
    assert (a.name, a.words) == ("Ink v2", ("ink wash",))
    assert a.preview == folder / "a.preview.png"
    assert (b.name, b.words, b.preview) == ("b", ("brush",), folder / "b.jpg")
    assert (c.name, c.words, c.preview) == ("c", (), None)


def test_each_program_s_folder_is_known(tmp_path: Path) -> None:
    for folder, program in (
        ("ComfyUI/models/checkpoints", "ComfyUI"),
        ("stable-diffusion-webui/models/Stable-diffusion", "A1111"),
        ("invokeai/models/sd-1", "InvokeAI"),
        ("elsewhere/things", ""),
    ):
        (tmp_path / folder).mkdir(parents=True)
        assert program_of(tmp_path / folder.split("/")[0]) == program
    assert usual(tmp_path) == (
        Place(tmp_path / "ComfyUI", "ComfyUI"),
        Place(tmp_path / "stable-diffusion-webui", "A1111"),
        Place(tmp_path / "invokeai", "InvokeAI"),
    )


def test_folders_that_comfyui_s_settings_name_are_looked_into(tmp_path: Path) -> None:
    folder, other = tmp_path / "ComfyUI", tmp_path / "a1111"
    (folder / "models/checkpoints").mkdir(parents=True)
    (other / "models/Lora").mkdir(parents=True)
    (other / "embeddings").mkdir()
    (folder / "extra_model_paths.yaml").write_text(
        f"a111:\n    base_path: {other}\n    embeddings: embeddings\nnothing:\n"
        f"    loras: |\n        {other}/models/Lora\n        {other}/models/LyCORIS\n"
    )
    assert roots(folder) == (folder / "models", other / "embeddings", other / "models/Lora")
    (folder / "extra_model_paths.yaml").write_text("a: [unclosed")
    assert roots(folder) == (folder / "models",)


def test_a_ring_of_links_ends(tmp_path: Path) -> None:
    write(tmp_path / "a" / "one.safetensors", kohya())
    (tmp_path / "a" / "back").symlink_to(tmp_path, target_is_directory=True)
    assert [found.path.name for found in scan(tmp_path)] == ["one.safetensors"]


def test_a_diffusers_folder_is_one_model_and_shards_are_none(tmp_path: Path) -> None:
    model = tmp_path / "waves"
    write(model / "unet" / "diffusion_pytorch_model.safetensors", kohya())
    (model / "model_index.json").write_text("{}")
    write(tmp_path / "model-00001-of-00002.safetensors", kohya())
    (found,) = scan(tmp_path)
    assert (found.path, found.folder) == (model, True)
    assert found.bytes == (model / "unet/diffusion_pytorch_model.safetensors").stat().st_size


def test_small_files_are_hashed_first_and_only_once(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "data")
    shelf.add_folder(comfy(tmp_path / "ComfyUI"))
    found = look(shelf)
    waiting = to_hash(shelf.files)
    assert [file.path.name for file in waiting] == ["ink.safetensors", "photo.safetensors"]
    shelf.hashed(found["ink.safetensors"].path, whole_hash(found["ink.safetensors"].path))
    assert [file.path.name for file in to_hash(shelf.files)] == ["photo.safetensors"]
