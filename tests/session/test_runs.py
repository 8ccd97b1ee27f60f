from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.core.events import (
    Edited,
    Failed,
    Finished,
    Loading,
    Paused,
    Plan,
    Result,
    Resumed,
    Started,
    Stepped,
    Stopped,
)
from studio.core.geometry import Box, Size
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.session.runs import RunView
from tests.session.scripted import Scripted, mask_for, new_session, picture, play, stepped


def running(steps: int = 4, first: int = 0) -> RunView:
    run = RunView("a", Recipe(steps=steps))
    run.fold(Started("a", run.recipe, first, steps))
    return run


def test_a_run_from_the_queue_to_its_results() -> None:
    run = RunView("a", Recipe(steps=2))
    assert (run.state, run.progress, run.active) == ("queued", 0.0, True)
    run.fold(Loading("a", "Loading the network"))
    assert (run.state, run.doing) == ("loading", "Loading the network")
    run.fold(Started("a", run.recipe, 0, 2))
    run.fold(stepped("a", 0, 2))
    assert (run.state, run.progress, run.newest) == ("running", 0.5, 0)
    result = Result(picture(), Path("a.png"), Record(run.recipe))
    run.fold(Finished("a", (result,), 3.0))
    assert (run.state, run.progress, run.results, run.seconds) == ("finished", 1.0, (result,), 3.0)


@pytest.mark.parametrize(
    ("event", "state"),
    [(Stopped("a"), "stopped"), (Failed("a", "No.", "Try.", "…"), "failed")],
)
def test_what_comes_after_the_end_is_left_out(event: Stopped | Failed, state: str) -> None:
    run = running()
    run.source, run.mask, run.stopping = picture(), mask_for(picture()), True
    run.fold(event)
    run.fold(stepped("a", 0))
    assert (run.state, run.previews, run.stopping) == (state, {}, False)
    assert run.source is None


def test_progress_counts_from_the_first_step_taken() -> None:
    run = running(steps=10, first=6)
    run.fold(stepped("a", 6, 10))
    assert run.progress == 0.25


def test_time_left_does_not_count_the_slow_first_step() -> None:
    run = running()
    run.fold(stepped("a", 0, seconds=60.0))
    assert run.seconds_left is None
    run.fold(stepped("a", 1, seconds=2.0))
    assert run.seconds_left == 4.0


def test_a_masked_step_is_shown_in_its_place() -> None:
    source = picture(100, 40, 30)
    run = RunView("a", Recipe(), source, mask_for(source))
    run.fold(Started("a", run.recipe, 0, 4, Plan(Box(0, 0, 10, 10), Size(16, 16), 2)))
    run.fold(stepped("a", 3))
    shown = run.preview(3, 0)
    assert shown is not None
    assert shown.size == source.size
    assert (shown.pixels[2:6, 2:6] == 30).all()
    outside = shown.pixels.copy()
    outside[2:6, 2:6] = 100
    assert (outside == 100).all()


def test_a_large_picture_is_composed_small() -> None:
    source = picture(100, 4000, 3000)
    pixels = np.zeros((3000, 4000), np.uint8)
    pixels[1000:2000, 1000:2000] = 255
    run = RunView("a", Recipe(), source, type(mask_for(source))(pixels))
    run.fold(Started("a", run.recipe, 0, 4, Plan(Box(800, 800, 1400, 1400), Size(16, 16), 2)))
    run.fold(stepped("a", 2))
    shown = run.preview(2, 0)
    assert shown is not None
    assert shown.size == Size(768, 576)
    assert (shown.pixels[288, 288] == 20).all()
    assert (shown.pixels[20, 20] == 100).all()


def test_runs_with_large_results_are_forgotten_sooner() -> None:
    session = new_session()
    size = picture().pixels.nbytes + 4 * picture(0, 16, 16).pixels.nbytes
    session.queue.budget = 2 * size
    for number in range(1, 5):
        session.generate()
        play(session, f"run{number}")
    assert list(session.queue.runs) == ["run2", "run3", "run4"]
    session.generate()
    assert list(session.queue.runs) == ["run3", "run4", "run5"]


def test_the_run_in_the_strip_is_never_forgotten() -> None:
    session = new_session()
    session.queue.budget = 0
    for number in range(1, 5):
        session.generate()
        play(session, f"run{number}")
        session.viewing.select(session.queue.runs["run1"], 2)
    assert list(session.queue.runs) == ["run1", "run3", "run4"]


def test_every_step_is_kept_small_and_the_newest_large_while_it_runs() -> None:
    run = running()
    for index in range(2):
        event = stepped("a", index)
        assert isinstance(event, Stepped)
        run.fold(replace(event, thumbnails=(picture(index, 4, 4),)))
    assert [run.previews[index][0].size for index in range(2)] == [Size(4, 4), Size(4, 4)]
    assert [shown and shown.size for shown in (run.preview(0, 0), run.preview(1, 0))] == [
        Size(4, 4),
        Size(16, 16),
    ]
    assert run.levels[1].previews == run.levels[1].thumbnails == ()
    run.fold(Stopped("a"))
    shown = run.preview(1, 0)
    assert shown is not None
    assert shown.size == Size(4, 4)


def test_a_branch_shares_the_steps_before_it_and_counts_only_its_own() -> None:
    parent, child = running(), RunView("b", Recipe(steps=4))
    for index in range(4):
        parent.fold(stepped("a", index))
    child.inherit(parent, 2)
    child.fold(Started("b", child.recipe, 2, 4))
    assert sorted(child.previews) == [0, 1]
    assert (child.taken, child.progress) == (0, 0.0)
    child.fold(stepped("b", 2))
    assert (child.taken, child.progress) == (1, 0.5)
    assert child.preview(1, 0) is parent.preview(1, 0)
    assert child.parent == "a"


def test_a_run_waits_goes_on_and_takes_one_step() -> None:
    session = new_session()
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    session.queue.toggle_pause()
    assert session.queue.going is None
    session.generate()
    recipe = session.queue.runs["run1"].recipe
    session.receive(Started("run1", recipe, 0, 4))
    run = session.queue.going
    assert run is not None
    session.queue.toggle_pause()
    assert (run.pausing, run.state) == (True, "running")
    session.receive(Paused("run1", 0))
    assert (run.state, run.active) == ("paused", True)
    session.queue.step_once()
    session.receive(Resumed("run1"))
    session.receive(stepped("run1", 0))
    session.receive(Paused("run1", 1))
    assert (run.state, run.pausing, run.taken) == ("paused", True, 1)
    session.queue.toggle_pause()
    session.receive(Resumed("run1"))
    assert (run.state, run.pausing) == ("running", False)
    changed = replace(recipe, guidance_scale=9.0)
    session.receive(Edited("run1", changed))
    assert run.recipe == changed
    assert [what for what, _ in backend.held] == ["pause", "step", "resume"]
    session.queue.toggle_pause()
    session.queue.cancel()
    session.queue.toggle_pause()
    assert run.stopping
    session.receive(Stopped("run1"))
    assert (session.queue.going, run.pausing, len(backend.held)) == (None, False, 4)
