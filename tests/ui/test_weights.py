from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ui.weights import weigh


@pytest.mark.parametrize(
    ("text", "at", "change", "after"),
    [
        ("a red house", 3, 0.1, "a (red:1.1) house"),
        ("a (red:1.1) house", 4, 0.1, "a (red:1.2) house"),
        ("a (red:1.1) house", 4, -0.1, "a red house"),
        ("a red house", 3, -0.1, "a (red:0.9) house"),
        ("red, blue", 2, 0.1, "(red:1.1), blue"),
        ("(red:2)", 2, 0.1, "(red:2)"),
        ("(red)", 2, 0.1, "(red:1.2)"),
        ("((red))", 3, 0.1, "((red:1.2))"),
        ("(a (red:1.3) boat:1.2)", 5, 0.1, "(a (red:1.4) boat:1.2)"),
        ("[red]", 2, -0.1, "(red:0.8)"),
        ("[red]", 2, 0.1, "red"),
        (r"\(red\)", 3, 0.1, r"\((red\:1.1))"),
        ("{red|blue}", 3, 0.1, "{(red:1.1)|blue}"),
        ("<lora:ink:0.8>", 8, 0.1, "<lora:ink:0.9>"),
        ("<lora:ink>", 8, -0.1, "<lora:ink:0.9>"),
        ("<lora:ink:0.1>", 12, -0.1, "<lora:ink:0>"),
        ("a <lora:ink:0.5:1>", 8, 0.1, "a <lora:ink:0.6:1.1>"),
        ("", 0, 0.1, ""),
    ],
)
def test_the_word_at_the_cursor(text: str, at: int, change: float, after: str) -> None:
    assert weigh(text, at, at, change)[0] == after


def test_a_selection_is_weighted_as_one_without_its_spaces() -> None:
    text, start, end = weigh("a red house", 1, 6, 0.1)
    assert text == "a (red:1.1) house"
    text, start, end = weigh("a red house", 2, 11, 0.1)
    assert (text, text[start:end]) == ("a (red house:1.1)", "red house")


@settings(max_examples=50, deadline=None)
@given(
    st.text("ab ,(", max_size=12) | st.text("ab ,)", max_size=12),
    st.integers(0, 12),
    st.integers(1, 9),
)
def test_as_many_steps_down_as_up_give_the_text_back(text: str, at: int, steps: int) -> None:
    at = min(at, len(text))
    first = weigh(text, at, at, 0.1)
    if first[0] == text:
        return
    now = first
    for _ in range(steps - 1):
        now = weigh(*now, 0.1)
    for _ in range(steps):
        now = weigh(*now, -0.1)
    assert now[0] == text
