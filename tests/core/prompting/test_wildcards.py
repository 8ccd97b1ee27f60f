"""Wildcards: the grammar, the seed, and what cannot be understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.prompting.wildcards import DEEPEST, LONGEST, choose, has_wildcards

FILES = {
    "colour": ["red", "{dark|light} blue"],
    "animals/*": ["cat", "dog"],
    "self": ["x __self__"],
    "twice": ["__twice__ __twice__ __twice__"],
}
SEEDS = range(300)


def lines(name: str) -> Sequence[str]:
    return FILES.get(name, ())


def all_of(prompt: str) -> set[str]:
    return {choose(prompt, seed, "prompt", lines).text for seed in SEEDS}


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("a {red|green} boat", {"a red boat", "a green boat"}),
        ("{a|{b|c}}d", {"ad", "bd", "cd"}),
        ("{a|}b", {"ab", "b"}),
        ("{2$$a|b|c}", {"a, b", "b, a", "a, c", "c, a", "b, c", "c, b"}),
        ("{2$$ and $$a|b}", {"a and b", "b and a"}),
        ("{1-2$$+$$a|b}", {"a", "b", "a+b", "b+a"}),
        ("{-1$$a|b}", {"", "a", "b"}),
        ("{2-$$a|b}", {"a, b", "b, a"}),
        ("{9$$a|b}", {"a, b", "b, a"}),
        ("{0::a|b}", {"b"}),
        ("a __colour__ boat", {"a red boat", "a dark blue boat", "a light blue boat"}),
        ("__animals/*__", {"cat", "dog"}),
        ("({a|b}:1.2)", {"(a:1.2)", "(b:1.2)"}),
        ("{<lora:x:1>|y}", {"<lora:x:1>", "y"}),
    ],
)
def test_each_choice_is_made_by_some_seed_and_no_other(prompt: str, wanted: set[str]) -> None:
    assert has_wildcards(prompt)
    assert all_of(prompt) == wanted


@pytest.mark.parametrize(
    "prompt",
    [
        "a boat",
        "{a}",
        "{",
        "}{|",
        "a|b",
        r"\{a|b\}",
        "__nothing__",
        r"\__colour__",
        "__ a __",
        "{$$a}",
    ],
)
def test_what_is_no_wildcard_is_as_it_was_typed(prompt: str) -> None:
    assert all_of(prompt) == {prompt}


def test_choices_are_made_as_often_as_their_weights_say() -> None:
    found = Counter(choose("{3::a|b}", seed, "prompt", lines).text for seed in range(2000))
    assert 0.7 < found["a"] / 2000 < 0.8


def test_a_seed_chooses_the_same_for_ever() -> None:
    """Pictures of today are to be made again tomorrow, with another Python."""
    found = [choose("{a|b|c|d|e|f|g|h}", seed, "prompt", lines).text for seed in range(12)]
    assert "".join(found) == "bhddgeebfhbd"


def test_prompt_and_negative_prompt_choose_for_themselves() -> None:
    pairs = {
        tuple(choose("{a|b}", seed, role, lines).text for role in ("prompt", "negative_prompt"))
        for seed in SEEDS
    }
    assert len(pairs) == 4


def test_a_file_that_names_itself_comes_to_an_end() -> None:
    assert all_of("__self__") == {"x " * (DEEPEST + 1) + "__self__"}
    assert len(choose("__twice__", 1, "prompt", lines)) < 3 * LONGEST


def test_a_choice_knows_where_it_was_typed() -> None:
    prompt = "a {red|sea} __colour__"
    found = choose(prompt, 3, "prompt", lines)
    _, braces, file = found.text.split(" ", 2)
    assert prompt[found.where[2] :].startswith(braces)
    assert found.where[-len(file.split()[-1]) :] == (12,) * len(file.split()[-1])


@given(
    st.text(max_size=60) | st.text("{}|$-_ab:1.\\<>", max_size=80),
    st.integers(0, 2**32 - 1),
)
def test_nothing_that_can_be_typed_is_an_error(prompt: str, seed: int) -> None:
    found = choose(prompt, seed, "prompt", lines)
    assert len(found.where) == len(found.text)
    assert found == choose(prompt, seed, "prompt", lines)
    if not has_wildcards(prompt):
        assert found.text == prompt


@pytest.mark.parametrize("prompt", ["{" * 19_999, "{" * 9_000 + "|" + "}" * 9_000, "__a" * 6000])
def test_a_prompt_of_nothing_but_signs_is_read_soon(prompt: str) -> None:
    assert choose(prompt, 1, "prompt", lines).text == prompt
