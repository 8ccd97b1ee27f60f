from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.core.errors import CannotLoad
from studio.library.folders import Folders
from studio.models.catalogue import Catalogue, describe


def make(folder: Path) -> Path:
    """What the catalogue reads of a model: its configuration, without weights."""
    parts = {"unet": "UNet2DConditionModel", "vae": "AutoencoderKL"}
    parts["text_encoder"] = "CLIPTextModel"
    files = {
        "model_index.json": {part: ["diffusers", name] for part, name in parts.items()},
        "unet/config.json": {"sample_size": 16, "block_out_channels": [16, 32]},
        "vae/config.json": {"block_out_channels": [16, 16, 16]},
        "text_encoder/config.json": {},
    }
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(data))
    return folder


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(Folders(tmp_path / "pictures", tmp_path / "data"))


def test_a_folder_that_is_away_for_now_keeps_its_name(catalogue: Catalogue, tmp_path: Path) -> None:
    drive = make(tmp_path / "drive" / "waves")
    assert catalogue.add(drive).name == "waves"
    away = drive.parent.rename(tmp_path / "unplugged")
    other = make(tmp_path / "other" / "waves")
    assert catalogue.add(other).name == "waves-2"
    away.rename(drive.parent)
    assert catalogue.find("waves").path == drive
    assert catalogue.find("waves-2").path == other
    assert catalogue.add(other).name == "waves-2"


def test_a_built_in_name_is_not_taken(catalogue: Catalogue, tmp_path: Path) -> None:
    assert catalogue.add(make(tmp_path / "toy")).name == "toy-2"
    assert catalogue.find("toy").family == "toy"


def test_a_folder_that_may_not_be_looked_into_does_not_hide_the_others(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = make(tmp_path / "secret")
    catalogue.add(secret)
    real = Path.stat

    def refuses(path: Path, **options: bool) -> object:
        if path.is_relative_to(secret):
            raise PermissionError(13, "Permission denied")
        return real(path, **options)

    monkeypatch.setattr(Path, "stat", refuses)
    assert "toy" in [model.name for model in catalogue.models()]
    with pytest.raises(CannotLoad, match="looked into"):
        describe(secret)


def test_a_damaged_list_is_kept_aside(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "pictures", tmp_path / "data")
    folders.data.mkdir()
    (folders.data / "models.json").write_text('{"mine": "/somewhere"')
    models = Catalogue(folders).models()
    assert "mine" not in [model.name for model in models]
    assert (folders.data / "models.json.damaged").read_text() == '{"mine": "/somewhere"'
