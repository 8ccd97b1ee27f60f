"""Runs on a device that is too small: planned, stepped down, refused; and always the next one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from studio.core.events import Failed, Finished, Loading, Planned, Stepped, Warned
from studio.core.geometry import Size
from studio.core.limits import Limits
from studio.core.recipe import Recipe
from studio.core.request import Request
from studio.engine.memory import room
from tests.capped import Capped
from tests.engine.conftest import Bench

LARGE = 2**40
Said = TypeVar("Said", Planned, Warned)


class Small:
    """An engine whose device can be made smaller, with a tiny model on it."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.room = Capped(LARGE)
        self.bench = Bench(folder, room=self.room)
        name = self.bench.catalogue.add(model).name
        self.recipe = Recipe(model=name, prompt="a cat", size=Size(64, 64), steps=3, seed=5)
        self.plain = self.picture(self.recipe)
        self.peak = self.room.counting.peak

    def picture(self, recipe: Recipe) -> np.ndarray:
        return self.bench.finish(Request(recipe)).results[0].picture.pixels

    def shrink(self, share: float) -> None:
        self.room.counting.limit = int(self.peak * share)

    def said(self, kind: type[Said]) -> list[Said]:
        return [event for event in self.bench.told if isinstance(event, kind)]


@pytest.fixture
def small(tmp_path: Path, tiny_folder: Path) -> Iterator[Small]:
    small = Small(tmp_path, tiny_folder)
    yield small
    small.bench.close()


def test_with_room_for_all_everything_stays(small: Small) -> None:
    assert [event.plan for event in small.said(Planned)] == ["full"]
    again = small.picture(small.recipe)
    assert np.array_equal(again, small.plain)


@pytest.mark.parametrize("share", [1.0, 0.6, 0.4, 0.25])
def test_a_smaller_device_gives_the_same_picture_or_one_sentence(
    small: Small, share: float
) -> None:
    small.shrink(share)
    run = small.bench.engine.submit(Request(small.recipe))
    ended = small.bench.until(Finished, Failed, run=run)
    planned = [event for event in small.said(Planned) if event.run == run]
    assert planned
    if isinstance(ended, Finished):
        assert small.room.counting.alive <= small.peak * share
        record = ended.results[0].record
        if "memory" not in dict(record.software):
            assert np.array_equal(ended.results[0].picture.pixels, small.plain)
    else:
        assert isinstance(ended, Failed)
        assert "not enough memory" in ended.message
        assert ended.hint
    small.room.counting.limit = LARGE
    assert np.array_equal(small.picture(small.recipe), small.plain)


def test_what_was_announced_at_first_is_enough_if_it_is_true(small: Small) -> None:
    small.shrink(0.8)
    small.picture(small.recipe)
    planned = small.said(Planned)[1:]
    assert [event.plan for event in planned] == ["model"]
    assert not small.said(Warned)
    assert planned[0].needs <= (planned[0].free or 0)


def test_a_step_that_takes_too_much_is_taken_again_from_where_it_was(small: Small) -> None:
    plain = [event.previews for event in small.bench.told if isinstance(event, Stepped)]
    small.shrink(0.6)
    small.room.pretend = small.peak  # another program takes it after the plan was made
    run = small.bench.finish(Request(small.recipe)).run
    plans = [event.plan for event in small.said(Planned) if event.run == run]
    assert plans[0] == "full"
    assert len(plans) > 1
    warned = small.said(Warned)
    assert "too little memory at step 1" in warned[0].message
    assert "GPU" in warned[0].hint
    again = [event.previews for event in small.bench.of(Stepped, run)]
    for one, other in zip(plain, again, strict=True):
        assert np.array_equal(one[0].pixels, other[0].pixels)
    small.room.counting.limit = LARGE
    assert np.array_equal(small.picture(small.recipe), small.plain)


def test_what_cannot_be_is_said_and_the_next_run_works(small: Small) -> None:
    small.shrink(0.02)
    failed = small.bench.fail(Request(small.recipe))
    assert "it needs more than" in failed.message
    small.room.counting.limit = LARGE
    assert np.array_equal(small.picture(small.recipe), small.plain)


@pytest.mark.parametrize("plan", ["encoders", "model", "group"])
def test_a_plan_can_be_chosen_and_changes_no_bit(small: Small, plan: str) -> None:
    small.bench.engine.configure(Limits(plan=plan))
    assert np.array_equal(small.picture(small.recipe), small.plain)
    planned = small.said(Planned)[-1]
    assert planned.plan == plan
    assert "as you chose" in planned.says


def test_weights_of_eight_bits_are_in_the_record(small: Small) -> None:
    small.bench.engine.configure(Limits(plan="fp8"))
    finished = small.bench.finish(Request(small.recipe))
    result = finished.results[0]
    assert dict(result.record.software)["memory"] == "weights in 8 bits"
    assert not np.array_equal(result.picture.pixels, small.plain)
    assert np.abs(result.picture.pixels.astype(int) - small.plain).mean() < 16
    small.bench.engine.configure(Limits())
    assert np.array_equal(small.picture(small.recipe), small.plain)


def test_another_model_is_used_and_the_first_one_is_still_there(
    small: Small, tmp_path: Path
) -> None:
    small.bench.finish(Request(Recipe(model="toy", size=Size(64, 64), steps=2)))
    assert np.array_equal(small.picture(small.recipe), small.plain)
    loads = [event.message for event in small.bench.told if isinstance(event, Loading)]
    assert len([message for message in loads if message.endswith("network")]) == 1


def test_what_the_machine_has_no_memory_for_is_not_even_begun(
    tmp_path: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path)
    name = bench.catalogue.add(tiny_folder).name
    recipe = Recipe(model=name, size=Size(64, 64), steps=2)
    with monkeypatch.context() as patch:
        patch.setattr(room, "free_memory", lambda device: 100_000)
        failed = bench.fail(Request(recipe))
    assert "not enough memory" in failed.message
    assert not bench.of(Stepped, failed.run)
    assert bench.finish(Request(recipe)).results
    bench.close()


def test_where_there_is_one_memory_only_a_wish_for_another_plan_changes_nothing(
    bench: Bench, tiny_folder: Path
) -> None:
    name = bench.catalogue.add(tiny_folder).name
    recipe = Recipe(model=name, size=Size(64, 64), steps=2)
    plain = bench.finish(Request(recipe)).results[0]
    bench.engine.configure(Limits(plan="fp8"))
    wished = bench.finish(Request(recipe)).results[0]
    assert np.array_equal(plain.picture.pixels, wished.picture.pixels)
    assert "memory" not in dict(wished.record.software)
    planned = [event for event in bench.told if isinstance(event, Planned)]
    assert [event.plan for event in planned] == ["full", "full"]
    assert "as you chose" not in planned[1].says
