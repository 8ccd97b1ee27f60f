"""Formulas as data: written once, they can be shown as symbols, as numbers, and computed.

    x0 = Symbol("x0", "x", "the clean picture predicted", 0.25, accent="hat", sub="0")
    term = alpha * x0 + sqrt(1 - alpha**2) * noise
    evaluate(term)                 # with the symbols' own values
    evaluate(term, {"x0": array})  # with others, arrays of any kind too

How a term is set is in `studio.core.typeset`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Accent = Literal["", "hat", "bar", "tilde"]
Hue = Literal["noisy", "clean", "noise", "fresh", "level", "next", "choice"]
"""What a symbol stands for, as a colour: x_t, x̂0, ε, noise drawn anew, the levels before and
after the step, what the person has chosen (guidance, η)."""


class Term:
    """Something that has a value. Terms are added, multiplied, … as numbers are."""

    def __add__(self, other: Term | float) -> Term:
        return Sum(self, term(other))

    def __radd__(self, other: Term | float) -> Term:
        return Sum(term(other), self)

    def __sub__(self, other: Term | float) -> Term:
        return Sum(self, term(other), minus=True)

    def __rsub__(self, other: Term | float) -> Term:
        return Sum(term(other), self, minus=True)

    def __mul__(self, other: Term | float) -> Term:
        return Product(self, term(other))

    def __rmul__(self, other: Term | float) -> Term:
        return Product(term(other), self)

    def __truediv__(self, other: Term | float) -> Term:
        return Fraction(self, term(other))

    def __rtruediv__(self, other: Term | float) -> Term:
        return Fraction(term(other), self)

    def __pow__(self, other: Term | float) -> Term:
        return Power(self, term(other))


@dataclass(frozen=True)
class Symbol(Term):
    """A letter with a meaning and a value.

    `key` names it within an explanation. A symbol for a whole tensor has the value of one place
    of it, and `rms`, the root mean square of all of it.
    """

    key: str
    letter: str
    meaning: str
    value: float
    accent: Accent = ""
    sub: str = ""
    sup: str = ""
    hue: Hue = "level"
    rms: float | None = None


@dataclass(frozen=True)
class Number(Term):
    value: float


@dataclass(frozen=True)
class Sum(Term):
    left: Term
    right: Term
    minus: bool = False


@dataclass(frozen=True)
class Product(Term):
    left: Term
    right: Term


@dataclass(frozen=True)
class Fraction(Term):
    top: Term
    bottom: Term


@dataclass(frozen=True)
class Root(Term):
    inside: Term


@dataclass(frozen=True)
class Power(Term):
    base: Term
    exponent: Term


@dataclass(frozen=True)
class Log(Term):
    """The natural logarithm."""

    inside: Term


def term(value: Term | float) -> Term:
    return value if isinstance(value, Term) else Number(value)


def sqrt(inside: Term | float) -> Term:
    return Root(term(inside))


def ln(inside: Term | float) -> Term:
    return Log(term(inside))


def square(of: Term) -> Term:
    """`of` squared; what is under a root comes out of it."""
    return of.inside if isinstance(of, Root) else of**2


def evaluate(of: Term, values: Mapping[str, Any] | None = None) -> Any:
    """The value of a term. `values` go before the symbols' own: numbers, or arrays of numbers.

    Roots and logarithms are taken of numbers only, in double precision. A root of what rounding
    has brought below 0 is 0, the logarithm of 0 −inf, and what is divided by 0 inf.
    """

    def value(of: Term) -> Any:
        match of:
            case Symbol(key=key, value=own):
                return values.get(key, own) if values else own
            case Number(value=number):
                return number
            case Sum(left, right, minus):
                return value(left) - value(right) if minus else value(left) + value(right)
            case Product(left, right):
                return value(left) * value(right)
            case Fraction(top, bottom):
                below = value(bottom)
                return value(top) * math.inf if below == 0.0 else value(top) / below
            case Root(inside):
                return math.sqrt(max(0.0, value(inside)))
            case Power(base, exponent):
                return value(base) ** value(exponent)
            case Log(inside):
                number = value(inside)
                return math.log(number) if number > 0 else -math.inf
        raise TypeError(f"{of!r} is no term")

    return value(of)


def symbols(of: Term) -> Iterator[Symbol]:
    """The symbols of a term as they are read, each as often as it stands there."""
    match of:
        case Symbol():
            yield of
        case Sum(left, right) | Product(left, right):
            yield from symbols(left)
            yield from symbols(right)
        case Fraction(top, bottom):
            yield from symbols(top)
            yield from symbols(bottom)
        case Power(base, exponent):
            yield from symbols(base)
            yield from symbols(exponent)
        case Root(inside) | Log(inside):
            yield from symbols(inside)
