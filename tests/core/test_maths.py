import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.maths import Symbol, Term, evaluate, ln, sqrt, square, symbols, term
from studio.core.typeset import arrange, figures, latex, symbol_latex, symbol_text, text

A = Symbol("a", "α", "alpha bar", 0.36, "bar", "t")
X = Symbol("x", "x", "the sample", -0.5, sub="t")
E = Symbol("e", "ε", "noise", 0.25)
HAT = Symbol("x0", "x", "the picture", 2.0, "hat", "0")


def test_a_term_is_computed_shown_and_written() -> None:
    right = (X - sqrt(1 - A) * E) / sqrt(A)
    assert evaluate(right) == pytest.approx((-0.5 - 0.8 * 0.25) / 0.6)
    assert evaluate(right, {"x": 1.0}) == pytest.approx((1 - 0.8 * 0.25) / 0.6)
    assert text(arrange(right)) == "(x_t − √(1 − α\u0304_t)·ε)/√α\u0304_t"
    assert text(arrange(right, numbers=True)) == "(−0.5000 − √(1 − 0.3600)·0.2500)/√0.3600"
    assert latex(arrange(right)) == (
        r"\frac{x_{t} - \sqrt{1 - \bar{\alpha}_{t}} \, \varepsilon}{\sqrt{\bar{\alpha}_{t}}}"
    )
    assert [s.key for s in symbols(right)] == ["x", "a", "e", "a"]


def test_brackets_stand_where_they_are_needed_and_nowhere_else() -> None:
    for made, wanted in (
        (X - (E - HAT), "x_t − (ε − x\u0302₀)"),
        (X + (E - HAT), "x_t + ε − x\u0302₀"),
        ((1 + E) * X, "(1 + ε)·x_t"),
        ((X * E) ** 2, "(x_t·ε)^2"),
        (square(X), "x_t^2"),
        (square(sqrt(A)), "α\u0304_t"),
        (ln(A / (1 - A)), "ln(α\u0304_t/(1 − α\u0304_t))"),
        (X / (2 * E), "x_t/(2·ε)"),
    ):
        assert text(arrange(made)) == wanted
    assert text(arrange(HAT - X, numbers=True)) == "2 − (−0.5000)"
    assert text(arrange(X**2, numbers=True)) == "(−0.5000)^2"


numbers = st.floats(0.1, 4.0)


@st.composite
def terms(draw: st.DrawFn, depth: int = 3) -> tuple[Term, str]:
    """A term, and the same in Python."""
    if depth == 0 or draw(st.booleans()):
        value = draw(numbers)
        return term(value), repr(value)
    (left, one), (right, other) = draw(terms(depth=depth - 1)), draw(terms(depth=depth - 1))
    return draw(
        st.sampled_from(
            [
                (left + right, f"({one} + {other})"),
                (left - right, f"({one} - {other})"),
                (left * right, f"({one} * {other})"),
                (left / (1 + square(right)), f"({one} / (1 + {other} ** 2))"),
                (sqrt(square(left)), f"abs({one})"),
            ]
        )
    )


@given(terms())
def test_what_is_written_computes_to_the_same(made: tuple[Term, str]) -> None:
    of, python = made
    assert evaluate(of) == pytest.approx(eval(python), rel=1e-9, abs=1e-9)
    # The plain text, read as Python, is the same number but for the figures left out.
    import re

    read = text(arrange(of, numbers=True)).replace("−", "-").replace("·10⁻", "e-")
    read = re.sub(r"e-([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", "", read).replace("·", "*").replace("^", "**")
    read = re.sub(r"√(\(|[0-9.]+)", r"root*\1", read)
    if "root" not in read:
        assert eval(read) == pytest.approx(evaluate(of), rel=0.05, abs=0.02)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.12345, "0.1235"),
        (-3.0, "−3"),
        (0.0, "0"),
        (-0.0, "0"),
        (0.0000312, "3.12·10⁻⁵"),
        (-123456.7, "−1.23·10⁵"),
        (math.inf, "∞"),
        (math.nan, "?"),
        (999.0, "999"),
    ],
)
def test_figures(value: float, shown: str) -> None:
    assert figures(value) == shown


def test_infinities_come_out_of_levels_without_noise_or_signal() -> None:
    assert evaluate(ln(term(0))) == -math.inf
    assert evaluate(sqrt(term(-1e-17))) == 0
    assert evaluate(term(1) / 0) == math.inf


def test_symbols_have_names_for_text_and_for_papers() -> None:
    prime = Symbol("s1", "σ", "", 0.0, sub="t′")
    assert (symbol_text(prime), symbol_latex(prime)) == ("σ_t′", r"\sigma_{t'}")
    assert symbol_latex(Symbol("l", "log SNR", "", 0.0)) == r"\mathrm{log\,SNR}"
    before = Symbol("b", "x", "", 0.0, "hat", "0", "−")
    assert (symbol_text(before), symbol_latex(before)) == ("x\u0302₀⁻", r"\hat{x}_{0}^{-}")
