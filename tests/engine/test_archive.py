import numpy as np
import pytest
import torch

from studio.core.errors import BadInput
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.diffusion.levels import Level
from studio.diffusion.state import State, Step
from studio.engine.archive import Archive, Trajectory


def trajectory(run: str, count: int = 3) -> Trajectory:
    levels = tuple(Level(i / count, 1 - i / count, 999.0 * (1 - i / count)) for i in range(4))
    kept = Trajectory(run, Record(Recipe()), levels, levels[1:], first=0)
    for index in range(count):
        x = torch.full((1, 4, 8, 8), float(index))
        kept.add(Step(State(index, x), x + 1, State(index + 1, x + 2)), 0.5)
    return kept


def test_the_oldest_runs_go_when_the_budget_is_used_up() -> None:
    size = trajectory("a").nbytes
    archive = Archive(budget=2 * size)
    for run in "abc":
        archive.add(trajectory(run))
        archive.trim(run)
    assert "a" not in archive
    assert "b" in archive
    assert "c" in archive
    assert archive.nbytes == 2 * size
    with pytest.raises(BadInput, match="memory"):
        archive.get("a")


def test_the_run_in_progress_is_kept_whatever_it_takes() -> None:
    archive = Archive(budget=1)
    archive.add(trajectory("a"))
    archive.trim("a")
    assert archive.get("a").nbytes > 1


def test_a_run_counts_with_the_picture_and_mask_it_keeps_and_what_is_shared_once() -> None:
    photo = Picture(np.zeros((500, 400, 3), np.uint8))
    mask = Mask(np.zeros((500, 400), np.uint8))
    archive = Archive(budget=2_000_000)
    for run in "abc":
        kept = trajectory(run)
        kept.source, kept.mask = photo, mask
        archive.add(kept)
    assert 800_000 <= archive.nbytes < 900_000
    other = trajectory("d")
    other.source = Picture(np.zeros((1000, 600, 3), np.uint8))
    archive.add(other)
    assert [run for run in "abcd" if run in archive] == ["d"]


def test_runs_that_never_come_to_their_end_make_room_for_the_next() -> None:
    size = trajectory("a").nbytes
    archive = Archive(budget=2 * size)
    for run in "abcdef":
        archive.add(trajectory(run))
    assert archive.nbytes <= 2 * size


def test_a_step_that_was_not_taken_is_refused() -> None:
    with pytest.raises(BadInput, match="steps 0 to 2"):
        trajectory("a").at(3)


def test_the_rows_hold_what_the_steps_hold() -> None:
    rows = trajectory("a").rows()
    assert rows["x"].shape == (3, 1, 4, 8, 8)
    assert [float(x.mean()) for x in rows["x0"]] == [1.0, 2.0, 3.0]
    assert float(rows["x_end"].mean()) == 4.0
    assert rows["index"].tolist() == [0, 1, 2]
    assert rows["alpha"].tolist() == [0.0, 1 / 3, 2 / 3]


def test_the_two_guided_parts_are_kept_in_half_precision_and_come_back() -> None:
    kept = trajectory("a", 2)
    x = torch.ones(1, 4, 8, 8)
    parts = (x * 1e9, x * 0.1)
    kept.add(Step(State(2, x), x, State(3, x), parts), 0.1)
    assert [part.dtype for part in kept.steps[2].parts] == [torch.float16] * 2
    rows = kept.rows()
    assert np.isnan(rows["x0_prompted"][:2]).all()
    assert rows["x0_prompted"][2].max() == np.float16(0.1)
    assert np.isfinite(rows["x0_unprompted"][2]).all()
    assert rows["guidance"].shape == rows["change"].shape == (3, 1)


def test_what_one_step_hands_to_the_next_is_kept_once() -> None:
    class Away(torch.Tensor):
        """Stands for a tensor on a device: coming to the machine's memory is a copy."""

        def cpu(self) -> torch.Tensor:  # type: ignore[override]
            return self.as_subclass(torch.Tensor).clone()

    def away() -> torch.Tensor:
        return torch.zeros(1, 4, 8, 8).as_subclass(Away)

    levels = (Level(0.0, 1.0, 999.0), Level(0.5, 0.5, 500.0), Level(1.0, 0.0, 0.0))
    kept = Trajectory("a", Record(Recipe()), levels, levels[1:], first=0)
    state = State(0, away())
    for index in range(2):
        x0 = away()
        after = State(index + 1, away(), ((x0, levels[index]),))
        kept.add(Step(state, x0, after), 0.1)
        state = after
    assert len(kept.blocks()) == 5  # three x and two x0
