"""Runs told once more, from memory, from their files, and made again from their pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.core import events
from studio.core.geometry import Size
from studio.core.limits import Limits
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.request import Fork, Request
from studio.core.wishes import Look, Recall
from tests.engine.conftest import Bench

TOY = Recipe(model="toy", prompt="red", size=Size(64, 48), steps=5, sampler="dpmpp_2m", seed=5)


@pytest.fixture
def later(bench: Bench, tmp_path: Path) -> Iterator[Bench]:
    """The same folders at the next start of the program."""
    made = Bench(tmp_path)
    yield made
    made.close()


def steps_of(bench: Bench, run: str) -> events.Recalled:
    bench.engine.ask(Recall(run))
    event = bench.until(events.Recalled, events.StepsGone)
    assert isinstance(event, events.Recalled)
    return event


def same(one: events.Stepped, other: events.Stepped, but: str = "") -> bool:
    """Whether both say the same; seconds of a run made again are others."""
    plain = [replace(s, run="", previews=(), thumbnails=(), seconds=0.0) for s in (one, other)]
    seen = zip(one.thumbnails or one.previews, other.thumbnails or other.previews, strict=True)
    return plain[0] == plain[1] and all(np.array_equal(a.pixels, b.pixels) for a, b in seen)


def told(bench: Bench, run: str) -> list[events.Stepped]:
    return [event for event in bench.of(events.Stepped, run) if isinstance(event, events.Stepped)]


def test_a_run_is_told_again_next_week_as_it_was(bench: Bench, later: Bench) -> None:
    run = bench.finish(Request(replace(TOY, batch=2))).run
    again = steps_of(later, run)
    assert (again.record.recipe.batch, again.first, again.steps) == (2, 0, 5)
    for one, other in zip(told(bench, run), again.stepped, strict=True):
        assert one.seconds == other.seconds
        assert same(one, other)


def test_a_kept_step_can_be_seen_and_branched_next_week(bench: Bench, later: Bench) -> None:
    whole = bench.finish(Request(TOY))
    later.engine.ask(Look(whole.run, 3, exact=False))
    assert isinstance(later.until(events.Looked), events.Looked)
    assert not later.of(events.Loading, whole.run)  # without its model
    branch = later.finish(Request(TOY, fork=Fork(whole.run, 3)))
    assert np.array_equal(branch.results[0].picture.pixels, whole.results[0].picture.pixels)


@pytest.mark.parametrize("batch", [1, 3])
def test_steps_that_are_gone_are_made_again_from_the_pictures(
    bench: Bench, later: Bench, batch: int
) -> None:
    """A branch of a branch, so that its ancestors have to be made again too."""
    recipe = replace(TOY, batch=batch)
    first = bench.finish(Request(recipe)).run
    second = bench.finish(Request(replace(recipe, prompt="blue"), fork=Fork(first, 2))).run
    third = bench.finish(Request(replace(recipe, steps=7), fork=Fork(second, 4))).run
    for file in bench.folders.runs.iterdir():
        file.unlink()
    later.engine.ask(Recall(third))
    assert isinstance(later.until(events.Recalled, events.StepsGone), events.StepsGone)
    later.engine.ask(Recall(third, again=True))
    again = later.until(events.Recalled, events.Failed)
    assert isinstance(again, events.Recalled), again
    assert later.of(events.Started, third)
    assert not later.of(events.Finished, third)
    assert len(list(bench.folders.pictures.rglob("*.png"))) == 3 * batch  # none is made again
    for one, other in zip(told(bench, third), again.stepped, strict=True):
        assert same(one, other)
    assert steps_of(later, second).record.recipe.prompt == "blue"


def test_a_branch_makes_its_parent_again(bench: Bench) -> None:
    whole = bench.finish(Request(TOY))
    bench.engine.configure(Limits(memory=1))
    bench.finish(Request(replace(TOY, seed=9)))
    (bench.folders.runs / f"{whole.run}.safetensors").unlink()
    branch = bench.finish(Request(TOY, fork=Fork(whole.run, 3)))
    assert np.array_equal(branch.results[0].picture.pixels, whole.results[0].picture.pixels)
    messages = [e.message for e in bench.of(events.Loading, branch.run)]  # type: ignore[attr-defined]
    assert "Making the steps again: 3 of 5" in messages


def test_a_fill_is_told_with_its_picture_and_its_mask(bench: Bench, later: Bench) -> None:
    photo = Picture(np.full((64, 64, 3), 90, np.uint8))
    pixels = np.zeros((64, 64), np.uint8)
    pixels[20:40, 20:40] = 255
    run = bench.finish(Request(TOY, photo, Mask(pixels))).run
    again = steps_of(later, run)
    assert again.source is not None
    assert again.mask is not None
    assert np.array_equal(again.source.pixels, photo.pixels)
    assert np.array_equal(again.mask.pixels, pixels)
    assert again.plan == next(e.plan for e in bench.told if isinstance(e, events.Started))


def test_a_branch_says_which_steps_are_its_own(bench: Bench, later: Bench) -> None:
    whole = bench.finish(Request(TOY)).run
    branch = bench.finish(Request(TOY, fork=Fork(whole, 3))).run
    again = steps_of(later, branch)
    assert (again.first, [step.index for step in again.stepped]) == (3, [0, 1, 2, 3, 4])


def test_a_cancelled_run_keeps_its_steps_for_next_week(bench: Bench, later: Bench) -> None:
    run = bench.engine.submit(Request(replace(TOY, steps=400, sampler="euler")))
    bench.until(events.Stepped, run=run)
    bench.engine.cancel(run)
    bench.until(events.Stopped, run=run)
    again = steps_of(later, run)
    assert 0 < len(again.stepped) < again.steps == 400


def test_a_cancelled_run_is_found_by_its_steps_and_a_finished_one_by_its_picture(
    bench: Bench, later: Bench
) -> None:
    finished = bench.finish(Request(TOY))
    run = bench.engine.submit(Request(replace(TOY, steps=400, sampler="euler")))
    bench.until(events.Stepped, run=run)
    bench.engine.cancel(run)
    bench.until(events.Stopped, run=run)
    (found,) = later.library.unfinished()
    assert (found.run, found.steps) == (run, 400)
    assert 0 < found.taken < 400
    assert found.thumbnail.startswith(b"\xff\xd8")
    assert finished.run not in [one.run for one in later.library.unfinished()]
    later.library.runs.remove(run)
    assert later.library.unfinished() == ()


def test_making_again_can_be_cancelled(bench: Bench) -> None:
    run = bench.finish(Request(replace(TOY, steps=500, sampler="euler"))).run
    bench.engine.configure(Limits(memory=1))
    bench.finish(Request(TOY))
    (bench.folders.runs / f"{run}.safetensors").unlink()
    bench.told.clear()
    bench.engine.ask(Recall(run, again=True))
    bench.until(events.Stepped, run=run)
    bench.engine.cancel(run)
    assert isinstance(bench.until(events.Stopped, events.Recalled, run=run), events.Stopped)


def test_a_run_that_nobody_knows_is_said_so(bench: Bench) -> None:
    bench.engine.ask(Recall("never", again=True))
    failed = bench.until(events.Failed)
    assert isinstance(failed, events.Failed)
    assert "no longer kept" in failed.message


def test_steps_that_cannot_be_written_are_a_warning_and_the_run_goes_on(bench: Bench) -> None:
    bench.folders.data.mkdir(exist_ok=True)
    bench.folders.runs.touch()  # where the folder should be
    first, second = (bench.finish(Request(TOY)).run for _ in range(2))
    assert len([e for e in bench.told if isinstance(e, events.Warned)]) == 1
    assert [len(steps_of(bench, run).stepped) for run in (first, second)] == [5, 5]
