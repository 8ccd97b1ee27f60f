"""Models stay loaded as long as there is room, those used longest ago going first."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from torch import device, float32
from torch.nn import Linear

from studio.core.geometry import Size
from studio.core.model_info import Abilities, ModelInfo
from studio.engine.memory.residency import Resident, Residents
from studio.models.parts import Parts

SIZE = 64 * 64 * 4 + 64 * 4


def resident(name: str) -> Resident:
    info = ModelInfo(name, name, "any", None, Abilities(Size(8, 8), 8))
    parts = Parts({"unet": Linear(64, 64)}, device("cpu"), float32)
    parts.moves = True
    family: Any = SimpleNamespace(info=info, parts=parts)
    return Resident(info, (), family, name)


def parts(kept: Resident) -> Parts:
    there: Parts = kept.family.parts  # type: ignore[attr-defined]
    return there


def test_a_model_used_before_is_found_and_the_other_leaves_the_device() -> None:
    residents = Residents(lambda: 10 * SIZE, lambda: None)
    one, two = resident("one"), resident("two")
    residents.add(one)
    parts(one).use("unet")
    assert parts(one).there == SIZE
    residents.make_room(SIZE)
    assert parts(one).there == 0
    residents.add(two)
    parts(two).use("unet")
    assert residents.find(one.info, ()) is one
    assert residents.current is one
    assert parts(two).there == 0


def test_the_one_used_longest_ago_goes_first() -> None:
    residents = Residents(lambda: 2 * SIZE, lambda: None)
    models = [resident(name) for name in "abcd"]
    for model in models[:3]:
        residents.add(model)
    assert residents.find(models[0].info, ()) is models[0]
    residents.add(models[3])
    assert residents.find(models[1].info, ()) is None
    assert residents.find(models[0].info, ()) is models[0]
    assert residents.find(models[2].info, ()) is models[2]


def test_a_model_that_would_not_fit_beside_them_has_the_room_of_the_others() -> None:
    free = [10 * SIZE]
    residents = Residents(lambda: 100 * SIZE, lambda: free[0])
    kept = [resident(name) for name in "ab"]
    for model in kept:
        residents.add(model)
    residents.make_room(8 * SIZE)
    assert residents.find(kept[0].info, ()) is kept[0]
    residents.make_room(20 * SIZE)
    assert residents.current is None


def test_a_model_whose_files_have_changed_is_loaded_again() -> None:
    residents = Residents(lambda: 100 * SIZE, lambda: None)
    one = replace(resident("one"), stamp=(("a", 1, 1),))
    residents.add(one)
    assert residents.find(one.info, (("a", 1, 2),)) is None
    assert residents.current is None


def test_nothing_is_kept_where_nothing_is_allowed() -> None:
    residents = Residents(lambda: 0, lambda: None)
    one, two = resident("one"), resident("two")
    residents.add(one)
    residents.add(two)
    assert residents.current is two
    assert residents.find(one.info, ()) is None
