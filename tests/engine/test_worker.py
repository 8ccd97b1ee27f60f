import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.core import events
from studio.core.errors import BadInput, CannotOpen, OutOfMemory, StudioError
from studio.core.geometry import Size
from studio.core.limits import Limits
from studio.core.picture import Picture
from studio.core.recipe import Recipe
from studio.core.request import Request
from studio.core.wishes import Look
from studio.engine import worker
from studio.engine.device import choose_device, thread_count
from studio.engine.failures import explained
from studio.models.family import Family
from studio.models.loading import Tell
from tests.engine.conftest import Bench
from tests.tiny import make_tiny


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried …"),
        np._core._exceptions._ArrayMemoryError((1 << 40,), np.dtype(np.uint8)),
    ],
)
def test_every_kind_of_lack_of_memory_is_told_as_such(error: Exception) -> None:
    known = explained(error)
    assert isinstance(known, OutOfMemory)
    assert known.hint


def test_our_own_errors_are_told_as_they_are() -> None:
    for error in (BadInput("a", "b"), CannotOpen("c")):
        assert explained(error) is error


def test_anything_else_is_one_sentence_with_advice() -> None:
    known = explained(ZeroDivisionError("division by zero\nand more"))
    assert type(known) is StudioError
    assert "division by zero." in known.message
    assert "\n" not in str(known)
    assert explained(OSError(5, "Input/output error")).hint


def test_a_model_that_breaks_in_the_middle_fails_its_run_and_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe(model="toy", prompt="red", size=Size(64, 64), steps=4)
    bench.finish(Request(recipe))
    real = worker.generate

    def breaks(*args: object) -> object:
        for count, event in enumerate(real(*args)):  # type: ignore[arg-type]
            if count == 2:
                raise MemoryError
            yield event

    monkeypatch.setattr(worker, "generate", breaks)
    failed = bench.fail(Request(recipe))
    assert "memory" in failed.message
    assert "MemoryError" in failed.details
    monkeypatch.undo()
    assert bench.finish(Request(recipe)).results


def test_looking_at_a_run_that_is_gone_does_not_harm_any_other(bench: Bench) -> None:
    bench.engine.ask(Look("gone", 0))
    failed = bench.until(events.Failed)
    assert failed.run == ""
    recipe = Recipe(model="toy", size=Size(64, 64), steps=2)
    assert isinstance(bench.finish(Request(recipe)).results[0].picture, Picture)


def test_libraries_that_cannot_be_loaded_fail_each_run_with_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "studio.engine.worker", None)
    bench = Bench(tmp_path)
    try:
        first = bench.until(events.Failed)
        assert first.run == ""
        failed = bench.fail(Request(Recipe(model="toy")))
        assert "libraries" in failed.message
        assert failed.hint
    finally:
        bench.close()


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("no such symbol\nin torch"), KeyError()]
)
def test_whatever_the_libraries_raise_fails_each_run(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == "studio.engine.worker":
                raise error

    monkeypatch.delitem(sys.modules, "studio.engine.worker")
    monkeypatch.setattr(sys, "meta_path", [Broken, *sys.meta_path])
    bench = Bench(tmp_path)
    try:
        failed = bench.until(events.Failed)
        assert "cannot be loaded: " in failed.message
        assert ": ." not in failed.message
        assert "\n" not in failed.message
    finally:
        bench.close()


def test_closing_does_not_wait_for_a_model_that_is_loaded_to_look(
    tmp_path: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path)
    bench.engine.configure(Limits(models=0))  # else it would be there still
    name = bench.catalogue.add(tiny_folder).name
    recipe = Recipe(model="toy", size=Size(64, 64), steps=2)
    seen = bench.finish(Request(replace(recipe, model=name)))
    bench.finish(Request(recipe))

    def loads_for_a_minute(info: object, device: object, dtype: object, tell: Tell) -> Family:
        for part in range(6000):
            tell(f"part {part}")
            time.sleep(0.01)
        raise AssertionError("nobody stopped it")

    monkeypatch.setattr(worker, "load", loads_for_a_minute)
    bench.engine.ask(Look(seen.run, 0))
    bench.until(events.Loading, run=seen.run)
    assert bench.engine.close(timeout=5.0)
    bench.library.close()


def test_a_model_written_anew_under_the_same_name_is_loaded_anew(
    bench: Bench, tmp_path: Path
) -> None:
    folder = make_tiny(tmp_path / "model")
    request = Request(Recipe(model=bench.catalogue.add(folder).name, size=Size(64, 64), steps=1))
    before = bench.finish(request).results[0]
    make_tiny(folder, seed=1)
    after = bench.finish(request).results[0]
    assert before.record.model_hash != after.record.model_hash
    assert not np.array_equal(before.picture.pixels, after.picture.pixels)


def test_the_environment_chooses_device_and_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_DEVICE", "cpu")
    assert choose_device() == torch.device("cpu")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert thread_count() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert thread_count() >= 1
    with pytest.raises(BadInput, match="abacus"):
        choose_device("abacus")
    with pytest.raises(BadInput, match="not in this machine"):
        choose_device("meta")
