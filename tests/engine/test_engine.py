"""Whole runs on the toy model, through the queue."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.core import events
from studio.core.errors import BadInput
from studio.core.explanation import Place
from studio.core.geometry import Size
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.request import Fork, Request
from studio.core.samplers import SAMPLERS
from studio.core.wishes import Explain, Look
from studio.engine.replay import replay_request
from studio.imaging.metadata import read_record
from tests.engine.conftest import Bench

STEPS = 5
"""Divides the 1000 trained levels, so that DDIM's last step ends exactly at its x̂0."""
TOY = Recipe(model="toy", prompt="red", size=Size(64, 48), steps=STEPS, seed=7, guidance_scale=1.0)


def photo(width: int = 96, height: int = 80) -> Picture:
    rng = np.random.default_rng(1)
    return Picture(rng.integers(0, 255, (height, width, 3), np.uint8))


def spot(size: Size) -> Mask:
    pixels = np.zeros((size.height, size.width), np.uint8)
    pixels[20:40, 30:60] = 255
    return Mask(pixels)


def pixels(finished: events.Finished, image: int = 0) -> np.ndarray:
    return finished.results[image].picture.pixels


def test_a_run_tells_its_story_in_order(bench: Bench) -> None:
    finished = bench.finish(Request(TOY))
    story = [event for event in bench.told if event.run == finished.run]
    kinds = [type(event).__name__ for event in story]
    assert kinds == ["Queued", "Loading", "Started", *["Stepped"] * STEPS, "Finished"]
    steps = bench.of(events.Stepped, finished.run)
    assert [step.index for step in steps] == list(range(STEPS))
    sigmas = [step.sigma for step in steps]
    assert sigmas == sorted(sigmas, reverse=True)
    assert all(len(step.previews) == 1 for step in steps)


def test_the_picture_is_saved_with_its_recipe_before_it_is_announced(bench: Bench) -> None:
    finished = bench.finish(Request(TOY))
    result = finished.results[0]
    assert result.path.parent.is_relative_to(bench.folders.pictures)
    record = read_record(result.path)
    assert record == result.record
    assert record.recipe == TOY
    assert record.run == finished.run


def test_the_same_request_gives_the_same_pixels_and_another_seed_others(bench: Bench) -> None:
    first, second = bench.finish(Request(TOY)), bench.finish(Request(TOY))
    other = bench.finish(Request(replace(TOY, seed=8)))
    assert np.array_equal(pixels(first), pixels(second))
    assert not np.array_equal(pixels(first), pixels(other))


def test_the_model_is_loaded_once(bench: Bench) -> None:
    bench.finish(Request(TOY))
    second = bench.finish(Request(TOY))
    assert not bench.of(events.Loading, second.run)


def test_picture_three_of_a_batch_is_the_picture_of_that_seed(
    bench: Bench, tiny_folder: Path
) -> None:
    name = bench.catalogue.add(tiny_folder).name
    recipe = replace(TOY, model=name, guidance_scale=3.0, steps=3, sampler="euler_ancestral")
    batch = bench.finish(Request(replace(recipe, batch=3)))
    alone = bench.finish(Request(replace(recipe, seed=9)))
    assert len(batch.results) == 3
    assert np.array_equal(pixels(batch, 2), pixels(alone))
    assert batch.results[2].record.recipe == alone.results[0].record.recipe


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_an_unchanged_branch_is_the_same_picture_from_every_step(
    bench: Bench, sampler: str
) -> None:
    recipe = replace(TOY, sampler=sampler, prompt="red blue", batch=2)
    whole = bench.finish(Request(recipe))
    for step in range(STEPS):
        branch = bench.finish(Request(recipe, fork=Fork(whole.run, step)))
        for image in range(2):
            assert np.array_equal(pixels(whole, image), pixels(branch, image))


@pytest.mark.parametrize("sampler", ["ddim", "dpmpp_2m", "heun", "dpmpp_2m_sde"])
def test_a_branch_from_the_folder_of_an_earlier_day_is_the_same_picture(
    bench: Bench, tmp_path: Path, sampler: str
) -> None:
    recipe = replace(TOY, sampler=sampler, steps=16)
    folder = tmp_path / "trajectory"
    whole = bench.finish(Request(recipe, trajectory=folder))
    later = Bench(tmp_path / "later")
    try:
        for step in (0, 1, 7, 15):
            branch = later.finish(Request(recipe, fork=Fork(whole.run, step, folder)))
            assert np.array_equal(pixels(whole), pixels(branch))
    finally:
        later.close()


def test_a_branch_with_another_prompt_shares_the_steps_before(bench: Bench, tmp_path: Path) -> None:
    whole = bench.finish(Request(TOY, trajectory=tmp_path / "one"))
    branch = bench.finish(
        Request(replace(TOY, prompt="blue"), fork=Fork(whole.run, 3), trajectory=tmp_path / "two")
    )
    assert not np.array_equal(pixels(whole), pixels(branch))
    started = bench.of(events.Started, branch.run)[0]
    assert (started.first, started.steps) == (3, STEPS)
    assert [step.index for step in bench.of(events.Stepped, branch.run)] == list(range(STEPS))
    names = [f"x0_{index:03d}.png" for index in range(STEPS)]
    same = [
        (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
        for name in names
    ]
    assert same == [True] * 3 + [False] * 2
    origin = branch.results[0].record.origin
    assert origin is not None
    assert (origin.run, origin.step, origin.record.recipe) == (whole.run, 3, TOY)


def test_a_branch_may_take_more_steps_for_the_rest(bench: Bench) -> None:
    whole = bench.finish(Request(TOY))
    branch = bench.finish(Request(replace(TOY, steps=24), fork=Fork(whole.run, 3)))
    steps = bench.of(events.Stepped, branch.run)
    sigmas = [step.sigma for step in steps]
    assert [step.index for step in steps] == list(range(len(steps)))
    assert len(steps) > STEPS
    assert sigmas == sorted(sigmas, reverse=True)


def test_an_image_is_where_the_run_starts(bench: Bench) -> None:
    recipe = replace(TOY, strength=0.6)
    finished = bench.finish(Request(recipe, source=photo(), source_name="photo.jpg"))
    started = bench.of(events.Started, finished.run)[0]
    assert (started.first, started.steps) == (2, STEPS)
    record = finished.results[0].record
    assert record.source is not None
    assert record.source.name == "photo.jpg"
    assert finished.results[0].picture.size == TOY.size


def test_a_fill_changes_nothing_outside_the_band(bench: Bench) -> None:
    source = photo()
    mask = spot(source.size)
    recipe = replace(TOY, feather=4)
    finished = bench.finish(Request(recipe, source, mask))
    started = bench.of(events.Started, finished.run)[0]
    assert started.plan is not None
    filled = pixels(finished)
    changed = (filled != source.pixels).any(axis=2)
    allowed = np.zeros_like(changed)
    band = started.plan.band
    allowed[20 - band : 40 + band, 30 - band : 60 + band] = True
    assert changed[20:40, 30:60].mean() > 0.9
    assert not (changed & ~allowed).any()
    assert finished.results[0].changed_outside == 0


def test_a_branch_of_a_fill_keeps_its_source_and_mask(bench: Bench) -> None:
    source = photo()
    recipe = replace(TOY, feather=4)
    whole = bench.finish(Request(recipe, source, spot(source.size)))
    branch = bench.finish(Request(recipe, fork=Fork(whole.run, 2)))
    assert np.array_equal(pixels(whole), pixels(branch))


def test_a_branch_of_a_fill_may_change_its_mask_and_feather_within_what_was_seen(
    bench: Bench,
) -> None:
    source = photo(600, 400)
    recipe = replace(TOY, feather=4)
    whole = bench.finish(Request(recipe, source, spot(source.size)))
    wider = replace(recipe, feather=9)
    branch = bench.finish(Request(wider, fork=Fork(whole.run, 2)))
    changed = (pixels(branch) != source.pixels).any(axis=2)
    assert changed[12:20, 40:50].any()
    assert not changed[:11].any()
    assert branch.results[0].changed_outside == 0
    far = np.zeros((400, 600), np.uint8)
    far[300:340, 500:560] = 255
    failed = bench.fail(Request(recipe, mask=Mask(far), fork=Fork(whole.run, 2)))
    assert "reach beyond" in failed.message
    failed = bench.fail(Request(replace(recipe, context=2.0), fork=Fork(whole.run, 2)))
    assert "sees what its run saw" in failed.message


def test_a_branch_may_change_only_a_region(bench: Bench) -> None:
    whole = bench.finish(Request(TOY))
    mask = spot(TOY.size)
    branch = bench.finish(
        Request(replace(TOY, prompt="blue", feather=2), mask=mask, fork=Fork(whole.run, 1))
    )
    changed = (pixels(whole) != pixels(branch)).any(axis=2)
    assert changed[24:36, 36:54].all()
    assert not changed[:16].any()
    assert branch.results[0].changed_outside == 0


def test_looking_at_a_step_gives_it_at_full_quality(bench: Bench) -> None:
    finished = bench.finish(Request(TOY))
    bench.engine.ask(Look(finished.run, 4))
    looked = bench.until(events.Looked)
    assert isinstance(looked, events.Looked)
    assert np.array_equal(looked.picture.pixels, pixels(finished))


def test_cancelling_stops_between_steps_and_the_next_run_works(bench: Bench) -> None:
    run = bench.engine.submit(Request(replace(TOY, steps=1000)))
    bench.until(events.Stepped, run=run)
    bench.engine.cancel(run)
    bench.until(events.Stopped, run=run)
    assert len(bench.of(events.Stepped, run)) < 1000
    assert bench.finish(Request(TOY)).results


def test_a_waiting_run_is_cancelled_without_ever_starting(bench: Bench) -> None:
    first = bench.engine.submit(Request(replace(TOY, steps=1000)))
    second = bench.engine.submit(Request(TOY))
    bench.engine.cancel(second)
    bench.until(events.Stopped, run=second)
    bench.engine.cancel(first)
    bench.until(events.Stopped, run=first)
    assert not bench.of(events.Started, second)


def test_cancelling_what_has_ended_does_nothing(bench: Bench) -> None:
    finished = bench.finish(Request(TOY))
    bench.engine.cancel(finished.run)
    bench.engine.cancel("never heard of it")
    assert bench.finish(Request(TOY)).results


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"model": "mystery"}, "mystery"),
        ({"size": Size(63, 48)}, "multiples"),
        ({"size": Size(4096, 4096)}, "trained"),
    ],
)
def test_what_the_model_cannot_do_fails_with_advice_and_the_next_run_works(
    bench: Bench, changes: dict[str, object], word: str
) -> None:
    failed = bench.fail(Request(replace(TOY, **changes)))  # type: ignore[arg-type]
    assert word in failed.message
    assert failed.hint
    assert bench.finish(Request(TOY)).results


def test_a_branch_of_an_unknown_run_or_step_fails_with_advice(bench: Bench) -> None:
    whole = bench.finish(Request(TOY))
    assert "no longer kept" in bench.fail(Request(TOY, fork=Fork("lost", 1))).message
    assert "step 6" in bench.fail(Request(TOY, fork=Fork(whole.run, 6))).message
    smaller = replace(TOY, size=Size(32, 32))
    assert "size" in bench.fail(Request(smaller, fork=Fork(whole.run, 2))).message
    assert "batch" in bench.fail(Request(replace(TOY, batch=2), fork=Fork(whole.run, 2))).message


def test_a_request_that_is_wrong_on_its_face_is_not_queued(bench: Bench) -> None:
    with pytest.raises(BadInput, match="Steps"):
        bench.engine.submit(Request(replace(TOY, steps=0)))
    with pytest.raises(BadInput, match="needs a picture"):
        bench.engine.submit(Request(TOY, mask=spot(Size(96, 80))))


def test_closing_in_the_middle_of_a_run_ends_the_thread(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.engine.submit(Request(replace(TOY, steps=1000)))
    bench.engine.submit(Request(TOY))
    bench.until(events.Stepped)
    bench.close()


def test_an_unknown_device_is_told_and_the_engine_lives(tmp_path: Path) -> None:
    bench = Bench(tmp_path, device="abacus")
    try:
        failed = bench.until(events.Failed)
        assert isinstance(failed, events.Failed)
        assert "abacus" in failed.message
        assert "abacus" in bench.fail(Request(TOY)).message
    finally:
        bench.close()


def test_an_unchanged_branch_of_a_branch_with_more_steps_is_that_branch(bench: Bench) -> None:
    whole = bench.finish(Request(TOY))
    more = replace(TOY, steps=24)
    branch = bench.finish(Request(more, fork=Fork(whole.run, 3)))
    for step in (1, 3, 6):
        again = bench.finish(Request(more, fork=Fork(branch.run, step)))
        assert np.array_equal(pixels(branch), pixels(again))


def test_a_picture_of_a_batch_branched_twice_is_made_again_from_its_record(bench: Bench) -> None:
    recipe = replace(TOY, batch=2, sampler="euler_ancestral")
    whole = bench.finish(Request(recipe))
    blue = replace(recipe, prompt="blue")
    branch = bench.finish(Request(blue, fork=Fork(whole.run, 2)))
    twice = bench.finish(Request(replace(recipe, prompt="green"), fork=Fork(branch.run, 3)))
    for image in range(2):
        again = bench.finish(
            replay_request(
                twice.results[image].record,
                bench.library,
                lambda request: bench.finish(request).run,
            )
        )
        assert np.array_equal(pixels(twice, image), pixels(again))


def test_a_region_can_only_be_changed_in_a_picture_that_is_one_and_whole(bench: Bench) -> None:
    batch = replace(TOY, batch=2)
    two = bench.finish(Request(batch))
    mask = spot(TOY.size)
    assert "in one" in bench.fail(Request(batch, mask=mask, fork=Fork(two.run, 1))).message
    long = replace(TOY, steps=1000)
    run = bench.engine.submit(Request(long))
    bench.until(events.Stepped, run=run)
    bench.engine.cancel(run)
    bench.until(events.Stopped, run=run)
    assert "stopped" in bench.fail(Request(long, mask=mask, fork=Fork(run, 0))).message


def test_a_branch_with_a_model_of_other_latents_fails_with_advice(
    bench: Bench, tiny_folder: Path
) -> None:
    name = bench.catalogue.add(tiny_folder).name
    whole = bench.finish(Request(TOY))
    failed = bench.fail(Request(replace(TOY, model=name), fork=Fork(whole.run, 2)))
    assert "cannot go on from the steps of toy" in failed.message
    assert name in failed.hint


def test_a_step_is_explained_and_what_cannot_be_is_answered_too(
    bench: Bench, tiny_folder: Path
) -> None:
    name = bench.catalogue.add(tiny_folder).name
    recipe = replace(TOY, model=name, batch=2, sampler="dpmpp_2m_sde", guidance_scale=3.0)
    finished = bench.finish(Request(recipe))
    bench.engine.ask(Explain(finished.run, 3, 1, Place(1, 0, 0)))
    told = bench.until(events.Explained)
    assert isinstance(told, events.Explained)
    assert told.explanation is not None
    assert (told.index, told.image, told.explanation.place) == (3, 1, Place(1, 0, 0))
    assert [f.note for f in told.explanation.formulas() if f.own] == ["ε form"]
    assert all(
        f.check.worst < 1e-3 for f in told.explanation.formulas() if f.check and f.check.exact
    )
    bench.engine.ask(Explain("no such run", 3))
    told = bench.until(events.Explained)
    assert isinstance(told, events.Explained)
    assert told.explanation is None
    assert told.reason.startswith("The steps of this run are no longer kept.")
