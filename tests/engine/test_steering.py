"""Runs that are paused, changed, stopped, finished and taken: and all of it replays exactly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.core import events
from studio.core.edits import Edit
from studio.core.errors import BadInput
from studio.core.geometry import Size
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.request import Fork, Request
from studio.core.samplers import SAMPLERS
from studio.core.wishes import Look
from studio.engine.replay import replay_request
from studio.imaging.metadata import read_record
from tests.engine.conftest import Bench

TOY = Recipe(prompt="red", model="toy", size=Size(64, 48), steps=8, seed=7)
RED_BLUE = {"prompt": "blue", "guidance_scale": 2.0}


def pixels(finished: events.Finished, image: int = 0) -> np.ndarray:
    return finished.results[image].picture.pixels


def halted(bench: Bench, request: Request) -> str:
    """A run that waits before its first step."""
    run = bench.engine.submit(request)
    bench.engine.pause(run)
    paused = bench.until(events.Paused, events.Finished, run=run)
    assert isinstance(paused, events.Paused)
    return run


def walk_to(bench: Bench, run: str, index: int) -> None:
    """Step by step, until it waits before this step."""
    at = max(event.index for event in bench.of(events.Paused, run))  # type: ignore[attr-defined]
    while at < index:
        bench.engine.step_once(run)
        paused = bench.until(events.Paused, run=run)
        assert isinstance(paused, events.Paused)
        assert paused.index == at + 1
        at = paused.index


def finished(bench: Bench, run: str) -> events.Finished:
    event = bench.until(events.Finished, events.Failed, run=run)
    assert isinstance(event, events.Finished), event
    return event


def edited(bench: Bench, run: str, changes: dict[str, object], mask: Mask | None = None) -> Recipe:
    bench.engine.edit(run, Edit(0, changes), mask)  # type: ignore[arg-type]
    event = bench.until(events.Edited, events.Warned, run=run)
    assert isinstance(event, events.Edited), event
    return event.recipe


def replayed(bench: Bench, path: Path) -> np.ndarray:
    """The pixels of a picture made again from its file alone, with other folders' steps gone."""

    def rerun(request: Request) -> str:
        return bench.finish(request).run

    request = replay_request(read_record(path), bench.library, rerun)
    return pixels(bench.finish(request))


def spot(size: Size) -> Mask:
    mask = np.zeros((size.height, size.width), np.uint8)
    mask[8:32, 16:48] = 255
    return Mask(mask)


def test_a_paused_run_waits_steps_and_goes_on(bench: Bench) -> None:
    whole = bench.finish(Request(TOY))
    run = halted(bench, Request(TOY))
    at = bench.of(events.Paused, run)[0].index  # type: ignore[attr-defined]
    walk_to(bench, run, at + 2)
    assert len(bench.of(events.Stepped, run)) == at + 2
    bench.engine.resume(run)
    bench.until(events.Resumed, run=run)
    assert np.array_equal(pixels(finished(bench, run)), pixels(whole))


def test_a_paused_run_can_be_looked_at_in_full_and_cancelled(bench: Bench) -> None:
    run = halted(bench, Request(TOY))
    walk_to(bench, run, 3)
    bench.engine.ask(Look(run, 2))
    looked = bench.until(events.Looked)
    assert isinstance(looked, events.Looked)
    assert looked.exact
    bench.engine.cancel(run)
    bench.until(events.Stopped, run=run)


def test_closing_does_not_wait_for_a_paused_run(bench: Bench) -> None:
    halted(bench, Request(TOY))
    assert bench.engine.close(5.0)


def test_an_edit_holds_from_the_next_step_on_and_is_in_the_recipe(bench: Bench) -> None:
    whole = bench.finish(Request(TOY))
    run = halted(bench, Request(TOY))
    walk_to(bench, run, 4)
    recipe = edited(bench, run, RED_BLUE)
    assert recipe == replace(TOY, edits=(Edit(4, RED_BLUE),))  # type: ignore[arg-type]
    bench.engine.resume(run)
    end = finished(bench, run)
    assert not np.array_equal(pixels(end), pixels(whole))
    assert read_record(end.results[0].path).recipe == recipe
    same = bench.finish(Request(recipe))
    assert np.array_equal(pixels(end), pixels(same))
    branch = bench.finish(Request(replace(TOY, **RED_BLUE), fork=Fork(whole.run, 4)))  # type: ignore[arg-type]
    assert np.array_equal(pixels(end), pixels(branch))


def test_two_edits_before_one_step_are_one(bench: Bench) -> None:
    run = halted(bench, Request(TOY))
    walk_to(bench, run, 2)
    edited(bench, run, {"prompt": "blue"})
    recipe = edited(bench, run, {"guidance_scale": 3.0})
    assert recipe.edits == (Edit(2, {"prompt": "blue", "guidance_scale": 3.0}),)
    bench.engine.resume(run)
    finished(bench, run)


def test_a_run_that_goes_takes_an_edit_too(bench: Bench) -> None:
    run = bench.engine.submit(Request(replace(TOY, steps=400)))
    bench.until(events.Stepped, run=run)
    recipe = edited(bench, run, {"prompt": "blue"})
    end = finished(bench, run)
    assert 0 < recipe.edits[0].step < 400
    assert np.array_equal(pixels(end), pixels(bench.finish(Request(recipe))))


def test_eta_can_be_changed(bench: Bench) -> None:
    run = halted(bench, Request(TOY))
    walk_to(bench, run, 3)
    recipe = edited(bench, run, {"sampler_options": {"eta": 1.0}})
    bench.engine.resume(run)
    end = finished(bench, run)
    assert not np.array_equal(pixels(end), pixels(bench.finish(Request(TOY))))
    assert np.array_equal(pixels(end), pixels(bench.finish(Request(recipe))))


@pytest.mark.parametrize(
    "changes",
    [{"guidance_scale": -1.0}, {"sampler_options": {"churn": 2.0}}, {"prompt": "a " * 9999}],
)
def test_an_edit_that_cannot_be_is_refused_and_the_run_goes_on(
    bench: Bench, changes: dict[str, object]
) -> None:
    run = halted(bench, Request(TOY))
    with pytest.raises(BadInput):
        bench.engine.edit(run, Edit(0, changes))  # type: ignore[arg-type]
    bench.engine.resume(run)
    assert np.array_equal(pixels(finished(bench, run)), pixels(bench.finish(Request(TOY))))


def test_a_run_that_is_over_cannot_be_edited(bench: Bench) -> None:
    run = bench.finish(Request(TOY)).run
    with pytest.raises(BadInput, match="not going any more"):
        bench.engine.edit(run, Edit(0, {"prompt": "blue"}))
    bench.engine.pause(run)
    bench.engine.step_once(run)


def test_a_mask_from_now_on_lets_only_its_region_change(bench: Bench) -> None:
    run = halted(bench, Request(TOY))
    walk_to(bench, run, 5)
    recipe = edited(bench, run, {"prompt": "blue"}, spot(TOY.size))
    bench.engine.resume(run)
    end = finished(bench, run)
    taken = bench.finish(Request(replace(TOY, take=4)))
    far = (slice(40, 48), slice(0, 8))  # several latent cells away from the mask
    assert np.array_equal(pixels(end)[far], pixels(taken)[far])
    inside = (slice(16, 24), slice(24, 40))
    assert not np.array_equal(pixels(end)[inside], pixels(taken)[inside])
    assert recipe.edits[0].mask
    assert np.array_equal(replayed(bench, end.results[0].path), pixels(end))


def test_the_mask_of_a_fill_can_be_changed_and_the_outside_stays(bench: Bench) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (96, 128, 3), np.uint8)
    source = Picture(noise)
    whole = Mask(np.pad(np.full((40, 60), 255, np.uint8), ((20, 36), (30, 38))))
    half = Mask(np.pad(np.full((40, 30), 255, np.uint8), ((20, 36), (30, 68))))
    recipe = replace(TOY, feather=4)
    run = halted(bench, Request(recipe, source, whole))
    walk_to(bench, run, 3)
    edited(bench, run, {}, half)
    bench.engine.resume(run)
    end = finished(bench, run)
    changed = (pixels(end) != noise).any(axis=2)
    assert changed[25:55, 35:55].any()
    assert not changed[:, 66:].any()
    assert end.results[0].changed_outside == 0
    assert np.array_equal(replayed(bench, end.results[0].path), pixels(end))


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (Mask(np.full((9, 9), 255, np.uint8)), "The mask is 9x9"),
        (Mask(np.zeros((48, 64), np.uint8)), "empty"),
    ],
)
def test_a_mask_that_does_not_fit_is_said_and_the_run_goes_on(
    bench: Bench, mask: Mask, words: str
) -> None:
    run = halted(bench, Request(TOY))
    bench.engine.edit(run, Edit(0, {}), mask)
    warned = bench.until(events.Warned, run=run)
    assert isinstance(warned, events.Warned)
    assert words in warned.message
    bench.engine.resume(run)
    finished(bench, run)


@pytest.mark.parametrize("model", ["toy", "tiny"])
def test_paused_edited_twice_resumed_cancelled_and_finished_replays_from_its_file(
    bench: Bench, tiny_folder: Path, tmp_path: Path, model: str
) -> None:
    name = bench.catalogue.add(tiny_folder).name if model == "tiny" else "toy"
    recipe = replace(TOY, model=name, size=Size(64, 64), sampler="dpmpp_2m", guidance_scale=3.0)
    run = halted(bench, Request(recipe))
    walk_to(bench, run, 2)
    edited(bench, run, {"prompt": "blue"})
    walk_to(bench, run, 4)
    edited(bench, run, {"guidance_scale": 1.5, "negative_prompt": "green"})
    bench.engine.step_once(run)
    bench.until(events.Paused, run=run)
    bench.engine.cancel(run)
    bench.until(events.Stopped, run=run)
    taken = len(bench.of(events.Stepped, run))
    assert taken == 5
    stopped = bench.of(events.Edited, run)[-1].recipe  # type: ignore[attr-defined]
    end = bench.finish(Request(stopped.going_on(taken), fork=Fork(run, taken)))
    assert [event.index for event in bench.of(events.Stepped, end.run)] == list(range(8))
    unbroken = bench.finish(Request(stopped))
    assert np.array_equal(pixels(end), pixels(unbroken))
    other = Bench(tmp_path / "elsewhere")
    try:
        if model == "tiny":
            other.catalogue.add(tiny_folder)
        assert np.array_equal(replayed(other, end.results[0].path), pixels(end))
    finally:
        other.close()


def test_the_prediction_of_a_step_can_be_the_picture(bench: Bench) -> None:
    whole = bench.finish(Request(TOY))
    bench.engine.ask(Look(whole.run, 3))
    looked = bench.until(events.Looked)
    assert isinstance(looked, events.Looked)
    taken = bench.finish(Request(replace(TOY, take=3), fork=Fork(whole.run, 4)))
    assert np.array_equal(pixels(taken), looked.picture.pixels)
    assert [event.index for event in bench.of(events.Stepped, taken.run)] == [0, 1, 2, 3]
    assert np.array_equal(replayed(bench, taken.results[0].path), pixels(taken))
    alone = bench.finish(Request(replace(TOY, take=3)))
    assert np.array_equal(pixels(alone), pixels(taken))


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_a_run_can_be_finished_from_behind_its_last_step(bench: Bench, sampler: str) -> None:
    recipe = replace(TOY, sampler=sampler, batch=3, steps=5)
    whole = bench.finish(Request(recipe))
    again = bench.finish(Request(recipe, fork=Fork(whole.run, 5)))
    for image in range(3):
        assert np.array_equal(pixels(whole, image), pixels(again, image))


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_an_unchanged_branch_keeps_the_edits(bench: Bench, sampler: str) -> None:
    changes = {"prompt": "blue green", "guidance_scale": 2.0}
    recipe = replace(TOY, sampler=sampler, steps=5, edits=(Edit(2, changes),))
    whole = bench.finish(Request(recipe))
    for step in range(6):
        branch = bench.finish(Request(recipe.going_on(step), fork=Fork(whole.run, step)))
        assert np.array_equal(pixels(whole), pixels(branch))


def test_another_seed_from_here_on_changes_only_what_comes(bench: Bench) -> None:
    recipe = replace(TOY, sampler="euler_ancestral")
    whole = bench.finish(Request(recipe))
    branch = bench.finish(Request(replace(recipe, seed=99), fork=Fork(whole.run, 4)))
    assert not np.array_equal(pixels(whole), pixels(branch))
    assert np.array_equal(replayed(bench, branch.results[0].path), pixels(branch))


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (replace(TOY, take=8), "no step 8"),
        (replace(TOY, edits=(Edit(8, {"prompt": "x"}),)), "edit at step 8"),
    ],
)
def test_what_lies_behind_the_end_is_refused(bench: Bench, recipe: Recipe, words: str) -> None:
    assert words in bench.fail(Request(recipe)).message
