"""What there is to say about one step: formulas, their numbers, and two sentences each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from studio.core.maths import Symbol, Term, evaluate, symbols
from studio.core.typeset import Digits, Letter, Row, Sign, arrange, figures, latex, row, text


@dataclass(frozen=True)
class Place:
    """Where numbers are read off a tensor: channel, row and column, from 0."""

    channel: int
    row: int
    column: int


@dataclass(frozen=True)
class Check:
    """The formula, computed for the whole tensor, against what is stored.

    `worst` is the largest difference of any value, `size` the stored tensor's largest value.
    `exact` is False where what goes in was rounded when it was kept (half precision).
    """

    worst: float
    size: float
    exact: bool = True

    @property
    def agrees(self) -> bool:
        """Whether rounding explains the difference."""
        return self.worst <= (1e-4 if self.exact else 5e-2) * max(1.0, self.size)


@dataclass(frozen=True)
class Formula:
    """left = right. `own`: of several forms this is the model's. `note` stands beside it."""

    left: Symbol
    right: Term
    note: str = ""
    own: bool = False
    check: Check | None = None

    def symbols(self) -> Row:
        """x = y·z"""
        return row(Letter(self.left), Sign("="), arrange(self.right))

    def numbers(self) -> Row:
        """x = 2·3 = 6, where 6 is what the right side comes to."""
        filled = arrange(self.right, numbers=True)
        result = Digits(figures(float(evaluate(self.right))), self.left)
        if filled in (result, replace(result, symbol=None)) or isinstance(filled, Digits):
            return row(Letter(self.left), Sign("="), result)
        return row(Letter(self.left), Sign("="), filled, Sign("="), result)


@dataclass(frozen=True)
class Section:
    """One thought: `words` are a sentence or two, `formulas` what they say exactly."""

    title: str
    words: str
    formulas: tuple[Formula, ...] = ()
    more: tuple[Symbol, ...] = ()
    """Symbols to list besides those in the formulas."""
    short: str = ""
    """The title in a word, for a list of sections."""

    @property
    def legend(self) -> tuple[Symbol, ...]:
        """Every symbol once, in the order of reading."""
        found: dict[str, Symbol] = {}
        for formula in self.formulas:
            for symbol in (formula.left, *symbols(formula.right)):
                found.setdefault(symbol.key, symbol)
        for symbol in self.more:
            found.setdefault(symbol.key, symbol)
        return tuple(found.values())


@dataclass(frozen=True)
class Material:
    """A square of the picture that the place explained is made of, in the latents' cells; the
    corner may lie between them. `weight`: its share, 0…1."""

    row: float
    column: float
    side: float
    weight: float


@dataclass(frozen=True)
class Explanation:
    """`size` is the latents' (channels, height, width), of which `place` is one value.

    `material`: what it is made of, heaviest first, where a model can tell.
    """

    title: str
    sections: tuple[Section, ...]
    place: Place
    size: tuple[int, int, int]
    material: tuple[Material, ...] = ()

    def formulas(self) -> Iterator[Formula]:
        for section in self.sections:
            yield from section.formulas


def as_text(explanation: Explanation) -> str:
    """All of it as plain text, numbers with nine figures: what a float32 holds."""
    at = explanation.place
    lines = [
        explanation.title,
        f"Values at channel {at.channel}, row {at.row}, column {at.column}",
    ]
    for section in explanation.sections:
        lines += ["", section.title, section.words]
        for formula in section.formulas:
            lines += [f"    {text(formula.symbols())}", f"    {text(formula.numbers())}"]
            if formula.check:
                lines.append(f"    {check_text(formula.check)}")
        for symbol in section.legend:
            rms = f" (RMS {symbol.rms:.9g})" if symbol.rms is not None else ""
            name = text(Letter(symbol))
            lines.append(f"  {name} = {symbol.value:.9g}{rms}: {symbol.meaning}")
    return "\n".join(lines) + "\n"


def as_latex(explanation: Explanation) -> str:
    """All formulas as an `align*` block a section: symbols, then numbers."""
    blocks = []
    for section in explanation.sections:
        lines = []
        for formula in section.formulas:
            left = latex(Letter(formula.left))
            for side in (formula.symbols(), formula.numbers()):
                rest = latex(side).removeprefix(f"{left} = ")
                lines.append(f"  {left} &= {rest}")
        body = " \\\\\n".join(lines)
        heading = f"% {section.title}\n% {section.words}"
        if lines:
            blocks.append(f"{heading}\n\\begin{{align*}}\n{body}\n\\end{{align*}}")
        else:
            blocks.append(heading)
    return "\n\n".join(blocks) + "\n"


def check_text(check: Check) -> str:
    """How well a formula and the stored tensor agree."""
    if not check.agrees:
        size = figures(check.worst, 3)
        return f"The stored tensor differs by up to {size}: something else took part in this step."
    if check.worst == 0:
        return "The stored tensor is the same everywhere."
    size = figures(check.worst, 3)
    if not check.exact:
        return f"The stored tensor is the same to {size} (inputs kept in half precision)."
    return f"The stored tensor is the same to {size} everywhere."
