from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.core.adapters import Adapter
from studio.core.edits import Edit
from studio.core.events import Queued, Started
from studio.core.geometry import Size
from studio.core.model_file import ModelFile, Role
from studio.core.model_info import Abilities, ModelInfo
from studio.core.recipe import Recipe
from studio.session.adapters import Slot, moved, reason, switched, weighed, without, worn
from studio.session.session import Session
from studio.session.settings import Settings
from tests.session.scripted import Scripted, asked, new_session

INK = ModelFile(
    Path("/l/Ink.safetensors"), Role.LORA, "sd1", "Stable Diffusion 1.x", words=("ink",)
)
OIL = ModelFile(Path("/l/oil.safetensors"), Role.LORA, "sdxl", "SDXL")
SOFT = ModelFile(Path("/l/soft.safetensors"), Role.VAE, "sd", "Stable Diffusion")
A, B, C = Slot(Adapter("a")), Slot(Adapter("b", 0.5)), Slot(Adapter("c"), on=False)
SD1 = ModelInfo(
    "sd", "SD", "f", None, Abilities(Size(64, 64), 8, adapters=("sd1",), autoencoder="sd")
)


def session_with(*files: ModelFile) -> Session:
    session = new_session()
    session.models = (SD1,)
    session.settings.model = "sd"
    session.collection.files = files
    return session


def test_a_stack_is_changed_one_slot_at_a_time() -> None:
    stack = (A, B, C)
    assert worn(stack) == (A.adapter, B.adapter)
    assert weighed(stack, 1, -1.0)[1].adapter == Adapter("b", -1.0)
    assert worn(switched(stack, 2, True)) == (A.adapter, B.adapter, C.adapter)
    assert moved(stack, 0, 2) == (B, C, A)
    assert moved(stack, 2, 0) == (C, A, B)
    assert moved(stack, 0, 3) == stack
    assert without(stack, 1) == (A, C)


def test_the_stack_is_in_the_recipe_and_comes_back_from_it() -> None:
    settings = Settings(adapters=(A, B, C), vae="soft")
    recipe = settings.recipe()
    assert recipe.adapters == (A.adapter, B.adapter)
    assert recipe.vae == "soft"
    other = Settings()
    other.adopt(recipe)
    assert other.adapters == (A, B)
    assert other.vae == "soft"
    other.adopt(Recipe())
    assert (other.adapters, other.vae) == ((), "")


def test_the_stack_is_there_at_the_next_start() -> None:
    settings, again = Settings(adapters=(A, B, C), vae="soft"), Settings()
    again.from_json(settings.to_json())
    assert (again.adapters, again.vae) == ((A, B, C), "soft")
    again.from_json({"adapters": [{"weight": 3}], "vae": 4})
    assert (again.adapters, again.vae) == ((), "soft")
    again.from_json({"adapters": [Slot(Adapter("a", float("inf"))).to_json()]})
    assert again.adapters == ()


def test_what_is_worn_is_asked_for() -> None:
    session = session_with(INK)
    session.adapters.add(session.adapters.loras()[0])
    assert session.generate()
    assert asked(session)[0].recipe.adapters == (Adapter("Ink"),)


def test_those_that_fit_come_first_and_the_others_say_why_not() -> None:
    session = session_with(OIL, INK, SOFT)
    ink, oil = session.adapters.loras()
    assert (ink.name, ink.reason) == ("Ink", "")
    assert (oil.name, oil.reason) == ("oil", "Made for SDXL.")
    assert [one.reason for one in session.adapters.vaes()] == [""]
    bare = replace(SD1, abilities=Abilities(Size(64, 64), 8))
    assert reason(INK, bare) == "SD takes none."
    assert reason(SOFT, bare) == "SD takes none."
    assert reason(replace(INK, layout=""), SD1) == ""
    assert reason(replace(INK, problem="It is damaged."), SD1) == "It is damaged."


def test_what_does_not_fit_the_model_is_left_out() -> None:
    session = session_with(OIL, INK, SOFT)
    session.settings.adapters = tuple(Slot(Adapter(name)) for name in ("oil", "ink", "gone"))
    session.settings.vae = "soft"
    recipe = session.recipe()
    assert [one.name for one in recipe.adapters] == ["ink", "gone"]
    assert recipe.vae == "soft"
    session.models = (replace(SD1, abilities=Abilities(Size(64, 64), 8)),)
    assert (session.recipe().adapters, session.recipe().vae) == ((), "")


def test_two_of_one_name_are_told_apart_by_their_folders() -> None:
    other = replace(INK, path=Path("/m/ink.safetensors"))
    session = session_with(INK, other)
    assert [one.name for one in session.adapters.loras()] == ["l/Ink", "m/ink"]
    found = session.adapters.known("m/ink")
    assert found is not None
    assert found.file is other


@pytest.mark.parametrize("name", ["ink", "INK", "/l/Ink.safetensors", "l/ink", "ink.safetensors"])
def test_a_name_is_known_however_it_is_written(name: str) -> None:
    session = session_with(INK, OIL)
    known = session.adapters.known(name)
    assert known is not None
    assert known.file is INK
    assert not session.adapters.missing(name)


def test_many_files_do_not_slow_down_typing(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [replace(INK, path=Path(f"/l/{number}.safetensors")) for number in range(500)]
    session = session_with(*files)
    session.settings.adapters = tuple(Slot(Adapter(str(number))) for number in range(5))
    assert len(session.recipe().adapters) == 5
    monkeypatch.setattr("studio.session.adapters.reason", None)  # nothing is worked out again
    session.settings.prompt = "a boat"
    assert len(session.recipe().adapters) == 5


def test_what_is_missing_is_known_once_all_was_looked_at(tmp_path: Path) -> None:
    session = session_with(INK)
    assert session.adapters.missing("gone")
    session.collection.looking = True
    assert not session.adapters.missing("gone")
    session.collection.looking = False
    (tmp_path / "x.safetensors").touch()
    assert not session.adapters.missing(str(tmp_path / "x.safetensors"))


def test_adding_again_switches_on() -> None:
    session = session_with(INK)
    session.settings.adapters = (Slot(Adapter("ink", 0.3), on=False),)
    session.adapters.add(session.adapters.loras()[0])
    assert session.settings.adapters == (Slot(Adapter("ink", 0.3)),)


def test_words_go_behind_the_prompt_once() -> None:
    session = session_with(INK)
    session.adapters.say("ink style")
    assert session.settings.prompt == "ink style"
    session.settings.prompt = "a boat, "
    session.adapters.say("ink style")
    session.adapters.say("Ink Style")
    assert session.settings.prompt == "a boat, ink style"


def test_a_weight_is_taken_by_a_run_on_its_way() -> None:
    session = session_with(INK)
    session.settings.adapters = (Slot(Adapter("Ink")),)
    session.generate()
    recipe = session.queue.runs["run1"].recipe
    session.receive(Queued("run1", recipe))
    session.receive(Started("run1", recipe, 0, 4))
    assert session.steering.news(session.queue.runs["run1"]) == {}
    session.settings.adapters = weighed(session.settings.adapters, 0, 0.5)
    session.steering.apply()
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    assert backend.edits == [("run1", Edit(0, {"adapters": (Adapter("Ink", 0.5),)}), None)]
