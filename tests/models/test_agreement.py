"""Every family makes what diffusers' own pipelines make: family × task × prediction type."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import torch

from tests.models import rows_flow, rows_lecture, rows_unet
from tests.models.agreement import (
    FILL,
    TASKS,
    TEXT,
    TOLERANCE,
    Row,
    apart,
    ask,
    difference,
    loaded,
    ours,
)

# WORKAROUND diffusers 0.42 makes NumPy 2 arrays of tensors in a way that NumPy deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ROWS = (*rows_unet.ROWS, *rows_flow.ROWS, *rows_lecture.ROWS)
FIRST = list({row.family: row for row in reversed(ROWS)}.values())
CELLS = [(row, task) for row in ROWS for task in TASKS if task in row.stock]


class Bench:
    """Each row's model is made and loaded once, and each cell is computed once."""

    def __init__(self, folder: Path) -> None:
        self.folder = cache(lambda row: row.make(folder / f"{ROWS.index(row)}"))
        self.family = cache(lambda row: loaded(self.folder(row)))
        self.difference = cache(
            lambda row, task: difference(row, task, self.folder(row), self.family(row))
        )


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("models"))


@pytest.mark.parametrize(
    ("row", "task"), CELLS, ids=[f"{row.family}, {row.variant}, {task}" for row, task in CELLS]
)
def test_the_latents_are_those_of_diffusers_own_pipeline(bench: Bench, row: Row, task: str) -> None:
    assert bench.difference(row, task) < TOLERANCE


@pytest.mark.parametrize("row", FIRST, ids=[row.family for row in FIRST])
def test_in_half_precision_it_draws_nearly_the_same(bench: Bench, row: Row) -> None:
    """As it is used on graphics cards, where no test may run: every tensor is of the right kind."""
    full = bench.family(row)
    half = loaded(bench.folder(row), torch.bfloat16)
    asked = ask(row, FILL if FILL in row.stock else TEXT, full)
    drawn = ours(asked, half)
    assert drawn.dtype == half.decode(drawn).dtype == torch.float32
    assert 0 < apart(drawn, ours(asked, full)) < 0.1


def test_the_whole_table(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    found = {(row, task): bench.difference(row, task) for row, task in CELLS}
    wide = max(len(f"{row.family}  {row.variant}") for row in ROWS) + 2
    with capsys.disabled():
        print("\n" + " " * wide + "".join(f"{task:>16}" for task in TASKS))
        for row in ROWS:
            cells = (f"{found[row, t]:.1e}" if (row, t) in found else "·" for t in TASKS)
            print(f"{row.family}  {row.variant}".ljust(wide) + "".join(f"{c:>16}" for c in cells))
    assert max(found.values()) < TOLERANCE
