"""What is shown of a prompt's grammar is what the grammar makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.prompting.syntax import spans


def shown(prompt: str) -> list[tuple[str, str]]:
    return [(prompt[span.start : span.end], span.kind) for span in spans(prompt)]


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("a red boat", []),
        ("(", []),
        ("{a} | b", []),
        ("a (red:1.2)", [("red", "more"), ("(", "sign"), (":1.2)", "sign")]),
        ("[red]", [("red", "less"), ("[", "sign"), ("]", "sign")]),
        (r"\(red\)", [("\\", "escape"), ("\\", "escape")]),
        ("a BREAK b", [("BREAK", "break")]),
        (r"\BREAK", [("\\", "escape")]),
        ("{a|{b|c}}", [(t, "choice") for t in ("{", "|", "}", "{", "|", "}")]),
        ("{2$$ and $$a|b}", [("{2$$ and $$", "choice"), ("|", "choice"), ("}", "choice")]),
        ("{|}", [("{", "choice"), ("|", "choice"), ("}", "choice")]),
        ("__colour__", [("__colour__", "file")]),
        ("<lora:ink:0.8>", [("<lora:ink:0.8>", "tag")]),
        ("<lora:ink:much>", []),
    ],
)
def test_signs_that_mean_something_are_shown(prompt: str, wanted: list[tuple[str, str]]) -> None:
    assert shown(prompt) == wanted


def test_words_in_nested_brackets_have_their_weight() -> None:
    prompt = "((red:1.2) boat)"
    weights = {prompt[s.start : s.end]: round(s.weight, 3) for s in spans(prompt) if s.weight != 1}
    assert weights == {"red": 1.32, " boat": 1.1}


@given(st.text("()[]{}|<>lora:1.2_\\B REAK$", max_size=60))
def test_nothing_that_can_be_typed_is_an_error(prompt: str) -> None:
    for span in spans(prompt):
        assert 0 <= span.start < span.end <= len(prompt)
