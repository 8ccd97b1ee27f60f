from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.recipe import Recipe
from studio.library.names import dated, slug


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A red lighthouse, by the sea!", "a-red-lighthouse-by-the-sea"),
        ("(tower:1.2)/../x\\y", "tower-1-2-x-y"),
        ("Köln 雪", "köln-雪"),
        ("", "picture"),
        ("?!*\0", "picture"),
    ],
)
def test_a_prompt_becomes_a_name(prompt, name):
    assert slug(prompt) == name


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_any_prompt_becomes_a_name_that_every_system_takes(prompt):
    name = slug(prompt)
    assert 0 < len(name) <= 40
    assert len(name.encode()) <= 160
    assert not set(name) & set('<>:"/\\|?*. \0\n')


def test_names_sort_by_time():
    now = datetime(2026, 11, 21, 9, 5, 3)
    path = dated(Recipe(prompt="a cat", seed=7), now)
    assert path.as_posix() == "2026-11-21/090503-7-a-cat"
