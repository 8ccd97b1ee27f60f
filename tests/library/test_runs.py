from __future__ import annotations

import os
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from studio.core.errors import CannotOpen, CannotWrite
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.library import runs as module
from studio.library.runs import Runs

RECORD = Record(Recipe(prompt="red"))
ROWS = {"x": np.zeros((2, 1000), np.float32)}
MUCH = 10**9


def write(runs: Runs, names: str, limit: int = MUCH) -> None:
    for age, name in enumerate(names):
        runs.write(name, ROWS, RECORD, limit)
        os.utime(runs._path(name), (age, age))


def test_a_run_is_there_until_it_is_removed(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    assert "a" not in runs
    write(runs, "a")
    assert np.array_equal(runs.read("a").rows["x"], ROWS["x"])
    assert 8000 < runs.nbytes < 10000
    runs.remove("a")
    runs.remove("a")
    assert "a" not in runs
    with pytest.raises(CannotOpen):
        runs.read("a")


def test_the_oldest_files_go_when_the_limit_is_reached(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    write(runs, "abcd", limit=28_000)
    assert [name for name in "abcd" if name in runs] == ["b", "c", "d"]
    with pytest.raises(CannotWrite, match="no room"):
        runs.write("e", ROWS, RECORD, 4000)
    assert "b" in runs  # nothing went for a run that does not fit at all


def test_half_of_the_free_space_stays_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: usage(12_000))
    runs = Runs(tmp_path / "not" / "made yet")
    with pytest.raises(CannotWrite, match="no room"):
        runs.write("a", ROWS, RECORD, MUCH)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: usage(20_000))
    write(runs, "a")
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: usage(12_000))
    write(runs, "b")
    assert [name for name in "ab" if name in runs] == ["b"]


@pytest.mark.parametrize("name", ["", "../a", "a/b", "a\0b", "a.safetensors", "é", "x" * 300])
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    runs = Runs(tmp_path / "runs")
    (tmp_path / "a.safetensors").touch()
    assert name not in runs
    runs.remove(name)
    for reach in (lambda: runs.read(name), lambda: runs.write(name, ROWS, RECORD, MUCH)):
        with pytest.raises(CannotOpen):
            reach()
    assert (tmp_path / "a.safetensors").exists()
