from __future__ import annotations

from pathlib import Path

from studio.library.folders import Folders


def test_one_variable_moves_everything(monkeypatch, tmp_path):
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path))
    assert Folders.default() == Folders(tmp_path / "pictures", tmp_path / "data")
    assert not list(tmp_path.iterdir())


def test_a_relative_home_does_not_move_with_the_program(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STUDIO_HOME", "here")
    assert Folders.default().pictures == tmp_path / "here" / "pictures"


def test_otherwise_the_systems_own_places(monkeypatch):
    monkeypatch.delenv("STUDIO_HOME", raising=False)
    folders = Folders.default()
    assert folders.pictures.name == "Diffusion Studio"
    assert "diffusion-studio" in folders.data.parts
    for path in (folders.assets, folders.index, folders.removed, folders.state):
        assert Path(path).is_relative_to(folders.data)
