from __future__ import annotations

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from studio.core.errors import CannotOpen, CannotWrite
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.library.trajectory import read_trajectory, write_trajectory

RECORD = Record(Recipe(prompt="ein Häuschen \ud83d \U0001f600", seed=3), run="r1")


def rows():
    chance = np.random.default_rng(0)
    return {
        "x": chance.standard_normal((5, 1, 4, 8, 8)).astype(np.float16),
        "x0": chance.standard_normal((5, 8, 8, 4)).astype(np.float32).transpose(0, 3, 1, 2),
        "alpha": np.linspace(0, 1, 5),
        "timestep": np.arange(5),
    }


@pytest.mark.parametrize("name", ["t", "deep/er", "file.safetensors"])
def test_a_trajectory_comes_back(tmp_path, name):
    file = write_trajectory(tmp_path / name, rows(), RECORD)
    for path in (tmp_path / name, file):
        stored = read_trajectory(path)
        assert stored.record == RECORD
        assert set(stored.rows) == set(rows())
        for key, row in rows().items():
            assert stored.rows[key].dtype == row.dtype
            assert np.array_equal(stored.rows[key], row)


def test_anyone_can_read_the_recipe(tmp_path):
    file = write_trajectory(tmp_path, rows(), RECORD)
    with safe_open(file, framework="numpy") as stored:
        assert stored.metadata()["format"] == "1"
        assert '"seed": 3' in stored.metadata()["recipe"]


def test_what_is_no_trajectory_is_refused_in_a_sentence(tmp_path):
    whole = write_trajectory(tmp_path / "whole", rows(), RECORD).read_bytes()
    save_file({"x": np.zeros(3)}, tmp_path / "foreign.safetensors")
    save_file({"x": np.zeros(3)}, tmp_path / "odd.safetensors", {"recipe": "[1]"})
    save_file({"x": np.zeros(3)}, tmp_path / "later.safetensors", {"recipe": '{"format": 9}'})
    (tmp_path / "empty.safetensors").touch()
    (tmp_path / "text.safetensors").write_text("dear diary, today nothing")
    cases = {
        "missing": "There is no trajectory.safetensors in",
        "missing.safetensors": "There is no file",
        "foreign.safetensors": "has no recipe",
        "odd.safetensors": "damaged",
        "later.safetensors": "later version",
        "empty.safetensors": "damaged",
        "text.safetensors": "damaged",
    }
    for tenth in range(1, 10):
        name = f"cut{tenth}.safetensors"
        (tmp_path / name).write_bytes(whole[: len(whole) * tenth // 10])
        cases[name] = "damaged"
    for name, words in cases.items():
        with pytest.raises(CannotOpen, match=words) as caught:
            read_trajectory(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite):
        write_trajectory(tmp_path / "file" / "t", rows(), RECORD)
