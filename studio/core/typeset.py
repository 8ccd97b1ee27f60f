"""How a term is set: brackets, signs and fractions, then as LaTeX or as plain text.

`arrange` decides once what is written; LaTeX, text and the window's own painter only follow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from studio.core.maths import Fraction, Log, Number, Power, Product, Root, Sum, Symbol, Term


@dataclass(frozen=True)
class Letter:
    """A symbol, as itself."""

    symbol: Symbol


@dataclass(frozen=True)
class Digits:
    """A number; `symbol` is what it stands for."""

    text: str
    symbol: Symbol | None = None


@dataclass(frozen=True)
class Sign:
    """+ − · = with air around it; "" is a thin space, a product's."""

    text: str


@dataclass(frozen=True)
class Word:
    text: str


@dataclass(frozen=True)
class Bracket:
    inside: Node


@dataclass(frozen=True)
class Row:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Over:
    top: Node
    bottom: Node


@dataclass(frozen=True)
class Radical:
    inside: Node


@dataclass(frozen=True)
class Raised:
    base: Node
    exponent: Node


Node = Letter | Digits | Sign | Word | Bracket | Row | Over | Radical | Raised


def figures(value: float, places: int = 4) -> str:
    """A number to read: 0.1235, 650, −3.2·10⁻⁵, ∞. Whole numbers have no places."""
    if math.isnan(value):
        return "?"
    sign = "−" if value < 0 else ""
    size = abs(value)
    if math.isinf(size):
        return f"{sign}∞"
    if size == round(size) and size < 1e6:
        return f"{sign}{size:.0f}" if size else "0"
    if 10.0**-places * 10 <= size < 1e5:
        return f"{sign}{size:.{places}f}"
    mantissa, exponent = f"{size:.{max(1, places - 2)}e}".split("e")
    return f"{sign}{mantissa}·10{raised(int(exponent))}"


def raised(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def arrange(of: Term, numbers: bool = False) -> Node:
    """What is written for a term: its symbols, or with `numbers` their values."""

    def node(of: Term) -> Node:
        match of:
            case Symbol():
                return Digits(figures(of.value), of) if numbers else Letter(of)
            case Number(value=value):
                return Digits(figures(value))
            case Sum(left, right, minus):
                second = node(right)
                if (minus and isinstance(right, Sum)) or _negative(second):
                    second = Bracket(second)
                return row(node(left), Sign("−" if minus else "+"), second)
            case Product(left, right):
                dot = numbers or isinstance(right, Number)
                return row(factor(left), Sign("·" if dot else ""), factor(right))
            case Fraction(top, bottom):
                return Over(node(top), node(bottom))
            case Root(inside):
                return Radical(node(inside))
            case Power(base, exponent):
                below = node(base)
                if not isinstance(below, Letter | Digits) or _negative(below) or "·" in _own(below):
                    below = Bracket(below)
                return Raised(below, node(exponent))
            case Log(inside):
                return row(Word("ln"), Bracket(node(inside)))
        raise TypeError(f"{of!r} is no term")

    def factor(of: Term) -> Node:
        made = node(of)
        return Bracket(made) if isinstance(of, Sum) or _negative(made) else made

    return node(of)


def row(*parts: Node) -> Row:
    """Parts side by side; rows among them are opened."""
    opened: list[Node] = []
    for part in parts:
        opened.extend(part.parts if isinstance(part, Row) else (part,))
    return Row(tuple(opened))


def _own(node: Node) -> str:
    return node.text if isinstance(node, Digits) else ""


def _negative(node: Node) -> bool:
    return _own(node).startswith("−")


SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
ACCENTS = {"": "", "hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}
LATEX = {
    "α": r"\alpha",
    "β": r"\beta",
    "ε": r"\varepsilon",
    "η": r"\eta",
    "θ": r"\theta",
    "λ": r"\lambda",
    "μ": r"\mu",
    "σ": r"\sigma",
    "τ": r"\tau",
    "φ": r"\varphi",
    "∞": r"\infty",
    "↑": r"\uparrow",
    "↓": r"\downarrow",
    "−": "-",
    "′": "'",
    "·": r" \cdot ",
    "½": "1/2",
}


def symbol_text(symbol: Symbol) -> str:
    """x̂₀, σ_η, ᾱ_t′: with what plain text has."""
    text, sup = symbol.letter + ACCENTS[symbol.accent], symbol.sup.replace("−", "⁻")
    if symbol.sub.isdigit():
        return text + symbol.sub.translate(SUBSCRIPTS) + sup
    return f"{text}_{symbol.sub}{sup}" if symbol.sub else text + sup


def symbol_latex(symbol: Symbol) -> str:
    several = len(symbol.letter) > 1 and symbol.letter.isascii()
    word = symbol.letter.replace(" ", r"\,")
    text = rf"\mathrm{{{word}}}" if several else _latex(symbol.letter)
    if symbol.accent:
        text = rf"\{symbol.accent}{{{text}}}"
    if symbol.sub:
        text += f"_{{{_latex(symbol.sub)}}}"
    return f"{text}^{{{_latex(symbol.sup)}}}" if symbol.sup else text


def _latex(text: str) -> str:
    parts = [LATEX.get(letter, letter) for letter in text]
    # A command's name ends where something else than a letter follows.
    joined = "".join(
        f"{part} " if part[-1:].isalpha() and part[0] == "\\" else part for part in parts
    )
    return joined.strip()


def latex(node: Node) -> str:
    """For a paper: needs nothing but LaTeX's own maths mode."""
    match node:
        case Letter(symbol):
            return symbol_latex(symbol)
        case Digits(text):
            mantissa, _, exponent = text.partition("·10")
            if exponent:
                power = exponent.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
                return _latex(mantissa) + rf" \cdot 10^{{{power}}}"
            return _latex(text)
        case Sign(text):
            return f" {_latex(text)} " if text else r" \, "
        case Word(text):
            return rf"\{text}"
        case Bracket(inside):
            return rf"\left( {latex(inside)} \right)"
        case Row(parts):
            return "".join(latex(part) for part in parts)
        case Over(top, bottom):
            return rf"\frac{{{latex(top)}}}{{{latex(bottom)}}}"
        case Radical(inside):
            return rf"\sqrt{{{latex(inside)}}}"
        case Raised(base, exponent):
            return f"{{{latex(base)}}}^{{{latex(exponent)}}}"


def text(node: Node) -> str:
    """In one line, for the clipboard and for screen readers."""
    match node:
        case Letter(symbol):
            return symbol_text(symbol)
        case Digits(text=digits):
            return digits
        case Sign(text=sign):
            return f" {sign} " if sign not in ("", "·") else "·"
        case Word(text=word):
            return word
        case Bracket(inside):
            return f"({text(inside)})"
        case Row(parts):
            return "".join(text(part) for part in parts)
        case Over(top, bottom):
            return f"{_closed(top)}/{_closed(bottom)}"
        case Radical(inside):
            return f"√{_closed(inside)}"
        case Raised(base, exponent):
            return f"{text(base)}^{_closed(exponent)}"


def _closed(node: Node) -> str:
    single = isinstance(node, Letter | Digits | Bracket | Radical) and "·" not in _own(node)
    return text(node) if single else f"({text(node)})"
