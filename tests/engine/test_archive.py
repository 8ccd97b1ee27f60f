from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.core.errors import BadInput, CannotWrite
from studio.core.limits import Limits
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.diffusion.levels import Level
from studio.diffusion.state import State, Step
from studio.engine.archive import Archive, Forgotten
from studio.engine.trajectory import Trajectory
from studio.library.folders import Folders
from studio.library.library import Library
from studio.models.preview import LinearPreview


def trajectory(run: str, count: int = 3) -> Trajectory:
    levels = tuple(Level(i / count, 1 - i / count, 999.0 * (1 - i / count)) for i in range(4))
    kept = Trajectory(run, Record(Recipe()), levels, levels[1:], first=0)
    for index in range(count):
        x = torch.full((1, 4, 8, 8), float(index))
        kept.add(Step(State(index, x), x + 1, State(index + 1, x + 2)), 0.5)
    return kept


def limited(budget: int) -> Archive:
    """An archive whose own part of the memory is `budget` bytes, without files."""
    limits = Limits(memory=2 * budget)
    assert limits.archive == budget
    return Archive(limits=lambda: limits)


def test_the_oldest_runs_go_when_the_budget_is_used_up() -> None:
    size = trajectory("a").nbytes
    archive = limited(2 * size)
    for run in "abc":
        archive.add(trajectory(run))
        archive.trim(run)
    assert "a" not in archive
    assert "b" in archive
    assert "c" in archive
    assert archive.nbytes == 2 * size
    with pytest.raises(BadInput, match="no longer kept"):
        archive.get("a")


def test_the_run_in_progress_is_kept_whatever_it_takes() -> None:
    archive = limited(1)
    archive.add(trajectory("a"))
    archive.trim("a")
    assert archive.get("a").nbytes > 1


def test_a_run_counts_with_the_picture_and_mask_it_keeps_and_what_is_shared_once() -> None:
    photo = Picture(np.zeros((500, 400, 3), np.uint8))
    mask = Mask(np.zeros((500, 400), np.uint8))
    archive = limited(2_000_000)
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
    archive = limited(2 * size)
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


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(Folders(tmp_path / "pictures", tmp_path / "data"))
    yield library
    library.close()


def remembering(run: str, count: int = 4) -> Trajectory:
    """A run of a multistep sampler under guidance, stopped before its end, with thumbnails."""
    levels = tuple(Level(i / 9, 1 - i / 9, 999.0 - i) for i in range(10))
    kept = Trajectory(run, Record(Recipe(batch=2), run=run), levels, levels[1:], 1)
    kept.preview = LinearPreview.plain(4)
    chance = torch.Generator().manual_seed(3)

    def drawn() -> torch.Tensor:
        return torch.randn(2, 4, 8, 8, generator=chance)

    state = State(1, drawn())
    for index in range(1, 1 + count):
        x0 = drawn()
        after = State(index + 1, drawn(), ((x0, levels[index]),))
        small = np.full((2, 3, 5, 3), index, np.uint8)
        parts = (drawn(), drawn()) if index > 2 else ()
        kept.add(Step(state, x0, after, parts), index / 10, small)
        state = after
    return kept


def same(one: Step, other: Step) -> bool:
    def tensors(step: Step) -> list[torch.Tensor]:
        past = [x0 for state in (step.before, step.after) for x0, _ in state.previous]
        return [step.before.x, step.x0, step.after.x, *step.parts, *past]

    levels = [[level for _, level in step.before.previous] for step in (one, other)]
    pairs = zip(tensors(one), tensors(other), strict=True)
    return levels[0] == levels[1] and all(torch.equal(a, b) for a, b in pairs)


def test_a_run_that_had_to_make_room_comes_back_from_its_file_to_the_bit(library: Library) -> None:
    limits = Limits(memory=1)
    archive, kept = Archive(library, lambda: limits), remembering("a")
    archive.add(kept)
    archive.write("a")
    assert archive.nbytes == 0
    back = archive.get("a")
    assert back is not kept
    assert (back.first, back.levels, back.record) == (1, kept.levels, kept.record)
    assert back.measures == kept.measures
    assert back.seconds == kept.seconds
    assert all(same(a, b) for a, b in zip(kept.steps, back.steps, strict=True))
    assert all(same(kept.at(i), back.at(i)) for i in range(1, 5))
    for ours, theirs in zip(kept.thumbnails, back.thumbnails, strict=True):
        assert np.array_equal(ours, theirs)
    assert back.preview is not None
    latents = torch.randn(1, 4, 8, 8)
    assert torch.equal(back.preview(latents), LinearPreview.plain(4)(latents))
    assert archive.nbytes == 0  # what is read step by step takes no memory


def test_another_start_of_the_program_finds_the_runs(library: Library) -> None:
    archive = Archive(library)
    archive.add(remembering("a"))
    archive.write("a")
    again = Archive(library)
    assert "a" in again
    assert same(again.get("a").at(2), archive.get("a").at(2))


def test_runs_in_files_make_room_before_those_that_are_not(library: Library) -> None:
    size = trajectory("a").nbytes
    limits = Limits(memory=4 * size)
    archive = Archive(library, lambda: limits)
    archive.add(trajectory("unwritten"))
    for run in "abc":
        archive.add(trajectory(run))
        archive.write(run)
    assert archive.nbytes <= 2 * size
    assert "unwritten" in archive
    assert len(archive.get("a").steps) == 3


def test_what_cannot_be_written_is_said_once_and_kept_in_memory(library: Library) -> None:
    library.folders.data.mkdir(parents=True)
    library.folders.runs.touch()  # where the folder should be
    told: list[CannotWrite] = []
    archive = Archive(library, warn=told.append)
    for run in "ab":
        archive.add(trajectory(run))
        archive.write(run)
    assert len(told) == 1
    assert len(archive.get("a").steps) == 3
    library.folders.runs.unlink()
    archive.write("a")
    assert "a" in Archive(library)


def test_a_damaged_file_is_a_run_that_is_no_longer_kept(library: Library) -> None:
    archive = Archive(library)
    archive.add(trajectory("a"))
    archive.write("a")
    file = library.folders.runs / "a.safetensors"
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(Forgotten):
        Archive(library).get("a")
