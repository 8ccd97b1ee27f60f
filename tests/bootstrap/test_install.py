"""An environment for real: made, updated, and failing in a sentence. Its index is a folder."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from studio.bootstrap import debian, install
from studio.bootstrap.environment import Environment, State
from studio.bootstrap.errors import SetupFailed

PROJECT = """\
[project]
name = "x"
dependencies = ["pebble>=1"]
[project.optional-dependencies]
test = ["gravel"]
"""


def wheel(folder: Path, name: str) -> None:
    """The smallest package there is, version 1.5."""
    info = f"{name}-1.5.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.5-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", f"NAME = {name!r}\n")
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", "")


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    (tmp_path / "index").mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    (tmp_path / "packaging").mkdir()
    (tmp_path / "packaging" / "constraints.txt").write_text(
        "pebble==1.5\n# the tests\ngravel==1.5\n"
    )
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    return Environment(tmp_path)


def in_environment(environment: Environment, code: str) -> str:
    command = [str(environment.python), "-I", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_made_then_extended_then_left_alone(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("pebble", "gravel"):
        wheel(environment.root / "index", name)
    environment.folder.mkdir()
    (environment.folder / "left-by-a-killed-start").touch()
    (environment.root / "house.py").write_text("OPEN = True\n")

    install.make(environment, ())
    said = capsys.readouterr().err
    assert "again: the one there was not finished" in said
    assert "1 of 1: pebble 1.5" in said
    assert environment.verdict().state is State.READY
    assert [entry.name for entry in environment.folder.glob("left-*")] == []
    assert in_environment(environment, "import pebble, house; print(pebble.NAME)") == "pebble"

    install.make(environment, ["test"])
    said = capsys.readouterr().err
    assert "Updating the environment: it lacks the test packages." in said
    assert in_environment(environment, "import gravel; print(gravel.NAME)") == "gravel"

    with (environment.root / "pyproject.toml").open("a") as project:
        project.write("# changed\n")
    install.make(environment, ())
    assert environment.verdict(["test"]).state is State.READY  # what was there before stays
    capsys.readouterr()

    install.make(environment, ["test"])
    assert capsys.readouterr().err == ""


def test_a_package_that_is_not_to_be_had_is_told_and_leaves_no_stamp(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SetupFailed) as failure:
        install.make(environment, ())
    assert "pebble" in failure.value.details
    assert "no packages for this Python" in failure.value.message
    assert environment.verdict().state is State.REMAKE
    assert "Ready" not in capsys.readouterr().err


def test_a_python_without_ensurepip_says_what_to_install(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(debian, "may_install", lambda: False)
    with pytest.raises(SetupFailed, match=r"apt-get install .*python3\.\d+-venv"):
        install.make(environment, ())


def test_requirements_are_those_of_the_project_and_its_extras(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text(PROJECT)
    assert install.requirements(project, []) == ["pebble>=1"]
    assert install.requirements(project, ["test"]) == ["pebble>=1", "gravel"]


@pytest.mark.parametrize("text", ["[project", "", "[project]\n"])
def test_a_damaged_project_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text(text)
    with pytest.raises(SetupFailed, match="cannot be read"):
        install.requirements(project, ["test"])


def test_pins_are_counted(tmp_path: Path) -> None:
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("# pins\na==1\nb-c.d==2; python_version > '3'\n# the tests\ne==1\n")
    assert install.pins(constraints, []) == 2
    assert install.pins(constraints, ["test"]) == 3
