"""Prompts counted while they are typed."""

from __future__ import annotations

from typing import Any

import pytest

from studio.core.counting import Count, Counted, Name, Named
from studio.core.wishes import Wish
from studio.session.prompting import Prompting
from studio.session.session import Session
from tests.session.scripted import LARGE, STARTER, new_session


@pytest.fixture
def session() -> Session:
    return new_session()


def wishes(session: Session) -> list[Wish]:
    backend: Any = session.queue.backend
    found: list[Wish] = backend.wishes
    return found


def test_a_prompt_is_asked_about_once_and_again_when_it_changes(session: Session) -> None:
    prompting = Prompting(session)
    session.settings.prompt = "sea"
    prompting.count("prompt")
    prompting.count("prompt")
    session.settings.prompt = "sky"
    prompting.count("prompt")
    assert wishes(session) == [Count(STARTER, "prompt", text, 0) for text in ("sea", "sky")]


def test_only_the_answer_to_what_was_asked_last_counts(session: Session) -> None:
    prompting = Prompting(session)
    heard: list[str] = []
    prompting.counted.connect(heard.append)
    session.settings.prompt = "sea"
    prompting.count("prompt")
    answer = Counted(Count(STARTER, "prompt", "sea"), 1, 75)
    session.receive(Counted(Count(STARTER, "prompt", "se"), 9, 75))
    assert prompting.known("prompt") is None
    session.receive(answer)
    assert prompting.known("prompt") == answer
    assert prompting.known("negative_prompt") is None
    assert heard == ["prompt"]


def test_another_model_counts_otherwise(session: Session) -> None:
    prompting = Prompting(session)
    stale: list[int] = []
    prompting.stale.connect(lambda: stale.append(1))
    prompting.count("prompt")
    session.receive(Counted(Count(STARTER, "prompt", ""), 0, 75))
    session.settings.model = "large"
    assert prompting.known("prompt") is None
    assert stale
    prompting.count("prompt")
    assert wishes(session)[-1] == Count(LARGE, "prompt", "", 0)


def test_another_seed_makes_another_prompt_of_wildcards(session: Session) -> None:
    prompting = Prompting(session)
    stale: list[int] = []
    prompting.stale.connect(lambda: stale.append(1))
    prompting.count("prompt")
    session.settings.seed = 5
    assert stale == [1]
    prompting.count("prompt")
    assert wishes(session)[-1] == Count(STARTER, "prompt", "", 5)


def test_without_a_model_nothing_is_asked() -> None:
    session = new_session()
    session.models = ()
    Prompting(session).count("prompt")
    assert wishes(session) == []


def test_new_names_may_make_a_lora_known(session: Session) -> None:
    prompting = Prompting(session)
    named: list[int] = []
    prompting.named.connect(lambda: named.append(1))
    prompting.count("prompt")
    prompting.ask_names()
    assert wishes(session)[-1] == Name()
    names = Named(("ink",), (), ())
    session.receive(names)
    session.receive(names)
    assert prompting.names == names
    assert named == [1]
    prompting.count("prompt")
    assert isinstance(wishes(session)[-1], Count)
