"""The stamp: what makes an environment ready, old, or worthless."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from studio.bootstrap.environment import PYTHON, Environment, State


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """A finished environment, as far as files tell: no Python was copied for it."""
    (tmp_path / "packaging").mkdir()
    (tmp_path / "packaging" / "constraints.txt").write_text("torch==2\n")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    made = Environment(tmp_path)
    for package in ("torch", "PySide6", "torch-2.dist-info"):
        (made.packages / package).mkdir(parents=True)
    made.python.parent.mkdir(exist_ok=True)
    made.python.symlink_to(sys.executable)
    (made.folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    made.finish(["test"])
    return made


def change_stamp(environment: Environment, **changes: object) -> None:
    made = json.loads(environment.stamp.read_text())
    environment.stamp.write_text(json.dumps(made | changes))


def test_finished_is_ready_with_and_without_its_extras(environment: Environment) -> None:
    assert environment.verdict().state is State.READY
    assert environment.verdict(["test"]).state is State.READY
    assert environment.extras() == {"test"}


def test_nothing_there_is_made_without_a_reason(tmp_path: Path) -> None:
    verdict = Environment(tmp_path).verdict()
    assert (verdict.state, verdict.reason) == (State.REMAKE, "")


@pytest.mark.parametrize("stamp", [None, "", "{", "[]", "null", "\0"])
def test_without_a_whole_stamp_it_is_half_made(environment: Environment, stamp: str | None) -> None:
    if stamp is None:
        environment.stamp.unlink()
    else:
        environment.stamp.write_text(stamp)
    verdict = environment.verdict()
    assert (verdict.state, verdict.reason) == (State.REMAKE, "was not finished")
    assert environment.extras() == set()


def test_another_python_is_named(environment: Environment) -> None:
    change_stamp(environment, python="3.9")
    verdict = environment.verdict()
    assert verdict.state is State.REMAKE
    assert "3.9" in verdict.reason
    assert PYTHON in verdict.reason


def test_moved_checkout_is_noticed(environment: Environment, tmp_path: Path) -> None:
    moved = tmp_path.with_name(tmp_path.name + "-moved")
    tmp_path.rename(moved)
    verdict = replace(environment, root=moved).verdict()
    assert (verdict.state, verdict.reason) == (State.REMAKE, "was made for another folder")


def test_lost_python_is_noticed(environment: Environment) -> None:
    environment.python.unlink()
    environment.python.symlink_to("/nowhere/python3")
    assert environment.verdict().reason == "has lost its Python"


def test_lost_package_is_noticed_but_not_a_newer_one(environment: Environment) -> None:
    newer = environment.packages / "torch-2.dist-info"
    newer.rename(newer.with_name("torch-3.dist-info"))
    (environment.packages / "extra").mkdir()
    assert environment.verdict().state is State.READY
    (environment.packages / "PySide6").rename(environment.packages / "~ySide6")
    assert environment.verdict().reason == "has lost packages"


@pytest.mark.parametrize("file", ["pyproject.toml", "packaging/constraints.txt"])
def test_changed_requirements_ask_for_an_update(environment: Environment, file: str) -> None:
    with (environment.root / file).open("a") as requirements:
        requirements.write("# more\n")
    assert environment.verdict().state is State.UPDATE


def test_missing_extra_asks_for_an_update(environment: Environment) -> None:
    environment.finish([])
    assert environment.verdict().state is State.READY
    assert environment.verdict(["test"]).state is State.UPDATE


def test_the_checkout_of_these_tests_is_found() -> None:
    found = Environment.of_checkout()
    assert found is not None
    assert found.root == Path(__file__).resolve().parents[2]
    assert found.running() == (os.path.realpath(sys.prefix) == os.path.realpath(found.folder))
