"""Numbers that are none, infinite ones, and what they are computed in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from studio.core.events import Stepped
from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.core.request import Request
from studio.engine import device
from studio.engine.prepare import precision
from studio.models.parts import Parts
from studio.models.sound import sound
from studio.models.toy import Toy
from tests.engine.conftest import Bench


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_run_stops_at_the_step_where_its_numbers_are_none(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, bad: float
) -> None:
    real, calls = Toy.predict, []

    def predict(self: Toy, x: torch.Tensor, *args: Any) -> tuple[torch.Tensor, ...]:
        calls.append(x)
        made = real(self, x, *args)
        if len(calls) == 3:
            made[0][..., 1, 1] = bad
        return made

    monkeypatch.setattr(Toy, "predict", predict)
    recipe = Recipe(model="toy", prompt="red", size=Size(64, 64), steps=6, guidance_scale=1.0)
    failed = bench.fail(Request(recipe))
    assert "At step 3 of 6" in failed.message
    assert failed.hint
    assert len(bench.of(Stepped, failed.run)) == 2
    monkeypatch.undo()
    assert bench.finish(Request(recipe)).results


def test_large_numbers_are_numbers() -> None:
    assert sound(torch.full((4, 4), 3e38))
    assert sound(torch.tensor([65504.0, -65504.0], dtype=torch.float16))
    assert not sound(torch.tensor([1.0, float("nan")]))
    assert not sound(torch.tensor([float("inf"), float("-inf")], dtype=torch.float16))


def test_a_cpu_that_multiplies_bfloat16_does_so_with_large_models_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cpu = torch.device("cpu")
    monkeypatch.setattr(device, "bfloat16_is_native", lambda: True)
    assert device.compute_dtype(cpu, "float16", 5 * 2**30) == torch.bfloat16
    assert device.compute_dtype(cpu, "float16", 30 * 2**20) == torch.float32
    monkeypatch.setattr(device, "bfloat16_is_native", lambda: False)
    assert device.compute_dtype(cpu, "bfloat16", 5 * 2**30) == torch.float32


def test_of_more_than_two_cores_one_is_left_to_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    for cores, threads in ((1, 1), (2, 2), (4, 3), (16, 15)):
        monkeypatch.setattr("os.sched_getaffinity", lambda _, n=cores: set(range(n)), raising=False)
        assert device.thread_count() == threads


def test_what_the_networks_compute_in_is_a_part_of_the_record() -> None:
    parts = Parts({}, torch.device("cpu"), torch.bfloat16)
    family: Any = SimpleNamespace(parts=parts)
    assert precision(family) == (("precision", "bfloat16"),)
    family.parts = Parts({}, torch.device("cpu"), torch.float32)
    assert precision(family) == ()
    assert precision(Toy(torch.device("cpu"))) == ()
