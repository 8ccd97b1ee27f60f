"""Branches of runs that were changed on their way: from everywhere, and all of it replays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from studio.core import events
from studio.core.edits import Edit
from studio.core.explanation import as_text
from studio.core.geometry import Size
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.request import Fork, Request
from studio.core.samplers import SAMPLERS
from studio.core.wishes import Explain, Recall
from studio.engine.replay import replay_request
from studio.imaging.metadata import read_record
from tests.engine.conftest import Bench

TOY = Recipe(model="toy", prompt="red", size=Size(64, 48), steps=8, seed=7, guidance_scale=2.0)


def pixels(finished: events.Finished, image: int = 0) -> np.ndarray:
    return finished.results[image].picture.pixels


def spot(size: Size) -> Mask:
    marked = np.zeros((size.height, size.width), np.uint8)
    marked[16:32, 16:40] = 255
    return Mask(marked)


def replayed(bench: Bench, path: Path) -> np.ndarray:
    """What the record in a picture's file makes, and nothing else."""

    def rerun(request: Request) -> str:
        return bench.finish(request).run

    request = replay_request(read_record(path), bench.library, rerun)
    return pixels(bench.finish(replace(request, out=path.with_name("again.png"))))


def masked(bench: Bench, step: int, mask: Mask, **changes: str) -> Edit:
    return Edit(step, changes, bench.library.keep(mask).sha256)


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_branches_of_an_edited_batch_are_bit_identical_from_every_step(
    bench: Bench, sampler: str
) -> None:
    edits = (Edit(2, {"prompt": "blue"}), Edit(4, {"guidance_scale": 1.0}))
    recipe = replace(TOY, sampler=sampler, prompt="red green", steps=6, batch=3, edits=edits)
    whole = bench.finish(Request(recipe))
    for step in range(7):
        branch = bench.finish(Request(recipe.going_on(step), fork=Fork(whole.run, step)))
        for image in range(3):
            assert np.array_equal(pixels(whole, image), pixels(branch, image))


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_a_real_networks_batch_is_bit_identical_from_every_step(
    bench: Bench, tiny_folder: Path, sampler: str
) -> None:
    name = bench.catalogue.add(tiny_folder).name
    recipe = replace(
        TOY, model=name, size=Size(32, 32), sampler=sampler, steps=3, batch=3, guidance_scale=3.0
    )
    whole = bench.finish(Request(recipe))
    for step in range(4):
        branch = bench.finish(Request(recipe, fork=Fork(whole.run, step)))
        for image in range(3):
            assert np.array_equal(pixels(whole, image), pixels(branch, image))


def test_whatever_is_edited_and_branched_replays_from_its_picture(bench: Bench) -> None:
    @limits(max_examples=25)
    @given(data=st.data())
    def whatever(data: st.DataObject) -> None:
        draw = data.draw
        words = st.sampled_from(["red", "blue green", "yellow", ""])
        steps = draw(st.integers(2, 7))
        at = draw(st.lists(st.integers(0, steps - 1), unique=True, max_size=3))
        edits = tuple(
            Edit(step, {"prompt": draw(words), "guidance_scale": draw(st.floats(1, 6))})
            for step in sorted(at)
        )
        recipe = replace(
            TOY,
            steps=steps,
            sampler=draw(st.sampled_from(sorted(SAMPLERS))),
            edits=edits,
            batch=draw(st.integers(1, 3)),
        )
        step = draw(st.integers(0, steps - 1))
        changes = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "prompt": words,
                    "seed": st.integers(0, 99),
                    "steps": st.integers(1, 12),
                    "sampler": st.sampled_from(sorted(SAMPLERS)),
                    "sigmas": st.sampled_from(["model", "karras"]),
                },
            )
        )
        whole = bench.finish(Request(recipe))
        asked = recipe.going_on(step, **changes)
        branch = bench.finish(Request(asked, fork=Fork(whole.run, step)))
        for finished in (whole, branch):
            result = finished.results[-1]
            assert np.array_equal(replayed(bench, result.path), result.picture.pixels)
        if asked == recipe.going_on(step):
            assert np.array_equal(pixels(whole, -1), pixels(branch, -1))

    whatever()


def test_a_branch_wins_over_the_edits_to_come_that_it_speaks_of() -> None:
    edits = (
        Edit(2, {"prompt": "green"}),
        Edit(5, {"prompt": "blue", "guidance_scale": 3.0}),
    )
    recipe = replace(TOY, edits=edits, take=6)
    assert recipe.going_on(3) == replace(TOY, prompt="green", edits=edits[1:])
    assert recipe.going_on(3, prompt="yellow") == replace(
        TOY, prompt="yellow", edits=(Edit(5, {"guidance_scale": 3.0}),)
    )
    assert recipe.going_on(3, steps=20) == replace(TOY, prompt="green", steps=20)


def test_an_unchanged_branch_of_a_branch_is_that_branch_from_every_step(bench: Bench) -> None:
    whole = bench.finish(Request(TOY))
    blue = TOY.going_on(4, prompt="blue", sampler="dpmpp_2m_sde", seed=9)
    branch = bench.finish(Request(blue, fork=Fork(whole.run, 4)))
    for step in range(8):
        again = bench.finish(Request(blue, fork=Fork(branch.run, step)))
        assert np.array_equal(pixels(branch), pixels(again))


def test_a_mask_on_the_way_holds_in_branches_too(bench: Bench) -> None:
    far = Mask(spot(TOY.size).pixels[::-1, ::-1])
    edits = (masked(bench, 3, spot(TOY.size), prompt="blue"), masked(bench, 6, far))
    recipe = replace(TOY, batch=2, edits=edits)
    whole = bench.finish(Request(recipe))
    assert np.array_equal(replayed(bench, whole.results[1].path), pixels(whole, 1))
    for step in range(2, 9):
        branch = bench.finish(Request(recipe.going_on(step), fork=Fork(whole.run, step)))
        assert np.array_equal(pixels(branch, 1), pixels(whole, 1))
        assert np.array_equal(replayed(bench, branch.results[1].path), pixels(whole, 1))


@pytest.mark.parametrize("fill", ["original", "blurred"])
def test_the_masks_of_a_fill_hold_in_branches_too(bench: Bench, tmp_path: Path, fill: str) -> None:
    rng = np.random.default_rng(1)
    source = Picture(rng.integers(0, 255, (48, 64, 3), np.uint8))
    other = np.zeros((48, 64), np.uint8)
    other[16:24, 24:56] = 255
    recipe = replace(TOY, feather=2, fill=fill, edits=(masked(bench, 4, Mask(other)),))
    whole = bench.finish(Request(recipe, source, spot(source.size), trajectory=tmp_path / "t"))
    changed = (pixels(whole) != source.pixels).any(axis=2)
    assert changed[16:24, 24:56].mean() > 0.9
    assert not changed[28:].any()
    assert whole.results[0].changed_outside == 0
    assert np.array_equal(replayed(bench, whole.results[0].path), pixels(whole))
    for folder in (None, tmp_path / "t"):
        for step in range(9):
            fork = Fork(whole.run, step, folder)
            branch = bench.finish(Request(recipe.going_on(step), fork=fork))
            assert np.array_equal(pixels(branch), pixels(whole))


def test_a_mask_before_there_is_a_picture_is_refused_and_the_run_goes_on(bench: Bench) -> None:
    stop = bench.engine.submit(Request(replace(TOY, steps=1000)))
    run = bench.engine.submit(Request(TOY))
    bench.engine.edit(run, Edit(0), spot(TOY.size))
    bench.engine.cancel(stop)
    warned = bench.until(events.Warned, run=run)
    assert isinstance(warned, events.Warned)
    assert "no picture" in warned.message
    assert isinstance(bench.until(events.Finished, events.Failed, run=run), events.Finished)


def test_a_run_that_is_resumed_and_paused_at_once_says_that_it_waits(bench: Bench) -> None:
    run = bench.engine.submit(Request(replace(TOY, steps=1000)))
    bench.engine.pause(run)
    bench.until(events.Paused, run=run)
    for _ in range(20):
        bench.engine.resume(run)
        bench.engine.pause(run)
        bench.until(events.Paused, run=run)
    bench.engine.cancel(run)
    bench.until(events.Stopped, run=run)


def test_a_steps_x0_of_a_batch_can_be_the_picture(bench: Bench) -> None:
    recipe = replace(TOY, batch=2, sampler="euler_ancestral", edits=(Edit(1, {"prompt": "blue"}),))
    whole = bench.finish(Request(recipe))
    alone = bench.finish(Request(replace(recipe, take=4)))
    shown = bench.finish(Request(replace(recipe, take=4), fork=Fork(whole.run, 5)))
    for taken in (alone, shown):
        steps = [event for event in bench.told if event.run == taken.run]
        stepped = [event for event in steps if isinstance(event, events.Stepped)]
        assert [(step.index, step.steps) for step in stepped] == [(i, 5) for i in range(5)]
        assert np.array_equal(pixels(taken, 1), pixels(alone, 1))
        assert np.array_equal(replayed(bench, taken.results[1].path), pixels(taken, 1))


def test_a_steps_x0_from_before_a_branch_can_be_the_picture(bench: Bench) -> None:
    whole = bench.finish(Request(TOY))
    branch = bench.finish(Request(TOY.going_on(5, prompt="blue"), fork=Fork(whole.run, 5)))
    for step in (3, 6):
        recipe = replace(branch.results[0].record.recipe, take=step)
        taken = bench.finish(Request(recipe, fork=Fork(branch.run, step + 1)))
        assert np.array_equal(replayed(bench, taken.results[0].path), pixels(taken))
    alone = bench.finish(Request(replace(TOY, take=3)))
    taken = bench.finish(
        Request(replace(branch.results[0].record.recipe, take=3), fork=Fork(branch.run, 4))
    )
    assert np.array_equal(pixels(alone), pixels(taken))


def test_a_branch_takes_so_many_steps_for_the_rest(bench: Bench) -> None:
    whole = bench.finish(Request(TOY))
    for rest in (1, 3, 5, 12, 40):
        branch = bench.finish(Request(TOY.going_on(3), fork=Fork(whole.run, 3, rest=rest)))
        told = [event for event in bench.told if event.run == branch.run]
        own = [event for event in told if isinstance(event, events.Stepped) and event.index >= 3]
        assert len(own) == rest
        assert np.array_equal(replayed(bench, branch.results[0].path), pixels(branch))
        assert np.array_equal(pixels(branch), pixels(whole)) == (rest == 5)


def test_what_is_made_again_for_a_branch_ends_where_the_branch_begins(bench: Bench) -> None:
    whole = bench.finish(Request(TOY))
    branch = bench.finish(Request(TOY.going_on(3, prompt="blue"), fork=Fork(whole.run, 3)))
    asked: list[Request] = []

    def rerun(request: Request) -> str:
        asked.append(request)
        return bench.finish(request).run

    replay_request(read_record(branch.results[0].path), bench.library, rerun)
    again = bench.told[-1]
    assert isinstance(again, events.Finished)
    assert (asked[0].until, again.results) == (3, ())


@pytest.mark.parametrize("sampler", ["ddim", "dpmpp_2m_sde"])
def test_every_step_of_a_changed_run_and_its_branch_is_explained_as_it_was_made(
    bench: Bench, sampler: str
) -> None:
    edits = (
        Edit(2, {"prompt": "blue", "guidance_scale": 3.0}),
        Edit(3, {"sampler_options": {"eta": 0.5}}),
        Edit(5, {"guidance_scale": 1.0}),
        masked(bench, 6, spot(TOY.size)),
    )
    whole = bench.finish(Request(replace(TOY, sampler=sampler, edits=edits)))
    asked = replace(TOY, sampler=sampler, edits=edits).going_on(4, seed=99)
    branch = bench.finish(Request(asked, fork=Fork(whole.run, 4)))
    said = {}
    for run in (whole.run, branch.run):
        for step in range(8):
            bench.engine.ask(Explain(run, step))
            told = bench.until(events.Explained)
            assert isinstance(told, events.Explained)
            assert told.explanation is not None, told.reason
            said[run, step] = as_text(told.explanation)
            assert "something else took part" not in said[run, step]
    assert "New from this step on: the prompt and the guidance." in said[whole.run, 2]
    assert "New from this step on: the mask." in said[branch.run, 6]
    assert "on its way" not in said[whole.run, 4]
    assert "The guidance is 1 here" in said[branch.run, 5]
    assert "step 5" in said[branch.run, 7]


def test_the_steps_of_a_stopped_run_are_made_again_for_its_branch(
    bench: Bench, tmp_path: Path
) -> None:
    run = bench.engine.submit(Request(replace(TOY, steps=500)))
    bench.until(events.Stepped, run=run)
    bench.engine.edit(run, Edit(0, {"prompt": "blue"}))
    edited = bench.until(events.Edited, run=run)
    assert isinstance(edited, events.Edited)
    bench.engine.cancel(run)
    bench.until(events.Stopped, run=run)
    taken = len(bench.of(events.Stepped, run))
    asked = edited.recipe.going_on(taken, sampler="lcm", steps=4)
    branch = bench.finish(Request(asked, fork=Fork(run, taken)))
    for file in bench.folders.runs.glob("*.safetensors"):
        file.unlink()
    later = Bench(bench.folders.pictures.parent)
    try:
        later.engine.ask(Recall(branch.run, again=True))
        told = later.until(events.Recalled, events.Failed)
        assert isinstance(told, events.Recalled), told
        assert len(later.of(events.Stepped, run)) == taken
        again = later.finish(Request(asked, fork=Fork(branch.run, told.first)))
        assert np.array_equal(pixels(again), pixels(branch))
    finally:
        later.close()
