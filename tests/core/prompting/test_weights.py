"""The grammar of weights. Cases and numbers are those of AUTOMATIC1111's own documentation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.prompting.traced import Traced
from studio.core.prompting.weights import MOST, parse, plain


def read(prompt: str) -> list[list[tuple[str, float]]]:
    return [[(part.text, round(part.weight, 5)) for part in each] for each in parse(prompt)]


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("a red boat", [("a red boat", 1.0)]),
        ("a (red:1.2) boat", [("a ", 1.0), ("red", 1.2), (" boat", 1.0)]),
        ("(red boat:0.5)", [("red boat", 0.5)]),
        ("(red:1.5), (sea:.5)", [("red", 1.5), (", ", 1.0), ("sea", 0.5)]),
        ("(red: 2. )", [("red", 2.0)]),
        ("an (important) word", [("an ", 1.0), ("important", 1.1), (" word", 1.0)]),
        ("((red))", [("red", 1.21)]),
        ("[red]", [("red", 0.90909)]),
        ("[[red]]", [("red", 0.82645)]),
        ("(a (b:1.5) c)", [("a ", 1.1), ("b", 1.65), (" c", 1.1)]),
        (
            "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).",
            [
                ("a (", 1.0),
                ("house", 1.43),
                (" ", 1.0),
                ("on", 0.90909),
                (" a ", 1.0),
                ("hill", 0.5),
                (", sun, ", 1.0),
                ("sky", 1.331),
                (".", 1.0),
            ],
        ),
        ("(red:much)", [("red:much", 1.1)]),
        (r"\(literal\]", [("(literal]", 1.0)]),
        (r"hair \(blue\), (sea)", [("hair (blue), ", 1.0), ("sea", 1.1)]),
        (r"a \\(b)", [("a \\", 1.0), ("b", 1.1)]),
        ("c:\\pictures", [("c:\\pictures", 1.0)]),
        ("(unclosed", [("(unclosed", 1.0)]),
        ("closed) :-) [", [("closed) :-) [", 1.0)]),
        ("red:1.2)", [("red:1.2)", 1.0)]),
        ("at 10:30 (", [("at 10:30 (", 1.0)]),
        ("([a)]", [("a", 1.0)]),
        ("(red:999)", [("red", 10.0)]),
        ("(red:-1)", [("red", -1.0)]),
        ("(a)(b)", [("ab", 1.1)]),
        ("", []),
        ("()", []),
    ],
)
def test_weights_are_read_and_the_rest_is_literal(
    prompt: str, wanted: list[tuple[str, float]]
) -> None:
    assert read(prompt) == [wanted]


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("sea BREAK sky", [["sea"], ["sky"]]),
        ("sea\nBREAK\nsky BREAK", [["sea"], ["sky"], []]),
        ("BREAKFAST for a lineBREAK", [["BREAKFAST for a lineBREAK"]]),
        ("(sea BREAK sky)", [["sea"], ["sky"]]),
        (r"\BREAK dance", [["BREAK dance"]]),
    ],
)
def test_breaks_divide(prompt: str, wanted: list[list[str]]) -> None:
    assert [[part.text for part in section] for section in parse(prompt)] == wanted


def test_encoders_that_read_a_prompt_as_one_read_a_space_for_a_break() -> None:
    assert "".join(part.text for part in plain(parse("(sea) BREAK sky"))) == "sea sky"


@given(st.text(max_size=60) | st.text("()[]:\\1.9 aBREK{}|<>", max_size=60))
def test_nothing_that_can_be_typed_is_an_error(prompt: str) -> None:
    for section in parse(prompt):
        for part in section:
            assert part.text
            assert -MOST <= part.weight <= MOST
            assert len(part.where) == len(part.text)
            assert all(prompt[at] == char for at, char in zip(part.where, part.text, strict=True))


@given(
    st.text(max_size=60).filter(lambda text: not set(text) & set("()[]\\") and "BREAK" not in text)
)
def test_words_stay_as_they_are(prompt: str) -> None:
    assert "".join(part.text for section in parse(prompt) for part in section) == prompt


@given(st.text("()[]{}|<>\\ab ", max_size=40))
def test_what_is_escaped_is_literal(prompt: str) -> None:
    escaped = "".join("\\" + char if char in "()[]{}|<>\\" else char for char in prompt)
    (section,) = parse(escaped)
    assert [(part.text, part.weight) for part in section] == ([(prompt, 1.0)] if prompt else [])


def test_a_prompt_of_nothing_but_brackets_is_read_soon() -> None:
    """Not in the square of its length: 60 000 brackets would take minutes."""
    assert [len(part.text) for part in parse("(" * 60_000)[0]] == [60_000]
    ((part,),) = parse("(" * 30_000 + "a" + ")" * 30_000)
    assert part.weight == MOST


def test_places_are_those_of_the_text_as_typed() -> None:
    typed = Traced.typed("the (sea)")
    ((_, part),) = parse(typed[2:])
    assert (part.text, part.where) == ("sea", (5, 6, 7))
