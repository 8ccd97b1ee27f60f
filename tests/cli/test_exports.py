"""The export command: what a file's name asks for is what is written, or one sentence says why."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from studio.cli import main


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two pictures of a run, and its trajectory in "t"."""
    folder = tmp_path_factory.mktemp("made")
    command = "generate --prompt red --model toy --size 64x48 --steps 4 --seed 7 --batch 2"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("STUDIO_DEVICE", "cpu")
        patch.chdir(folder)
        assert main([*command.split(), "--out", "a.png", "--trajectory", "t"]) == 0
    return folder


@pytest.fixture(autouse=True)
def trajectory(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STUDIO_DEVICE", "cpu")
    shutil.copytree(made, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")


def test_a_film_of_the_second_picture(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    command = ["export", "t", "--out", "a.gif", "--image", "2", "--fps", "5", "--width", "80"]
    assert main([*command, "--no-caption", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"path": "a.gif", "form": "gif"}
    with Image.open("a.gif") as film:
        assert film.size == (80, 60)
        assert film.n_frames == 4
        assert film.info["duration"] == 200
        film.seek(3)
        last = film.convert("RGB")
    with Image.open("a-2.png") as picture:
        assert picture.getpixel((32, 24)) == pytest.approx(last.getpixel((40, 30)), abs=16)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("t --out a.avi", 2, "Steps cannot be exported as a.avi"),
        ("t --out a.gif --image 3", 2, "no picture 3"),
        ("t --out a.gif --fps 0", 2, "Frames a second"),
        ("t --out a.gif --view y", 2, "no view named y"),
        ("none --out a.gif", 1, "no trajectory.safetensors"),
        ("t --out none/a.gif", 1, "the folder does not exist"),
    ],
)
def test_what_cannot_work_ends_in_one_line(
    words: str, code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["export", *words.split()]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err.splitlines()[-1]
    assert not list(Path().glob("a.[ag]*"))
