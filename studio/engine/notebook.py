"""The symbols of one step, each with its value at one place and its tensor behind it."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from studio.core.explanation import Check, Formula, Place
from studio.core.maths import Accent, Hue, Symbol, Term, evaluate


class Notebook:
    """Makes symbols and checks formulas over whole tensors, in double precision."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.tensors: dict[str, Tensor] = {}

    def number(
        self,
        key: str,
        letter: str,
        meaning: str,
        value: float,
        accent: Accent = "",
        sub: str = "",
        sup: str = "",
        hue: Hue = "level",
    ) -> Symbol:
        return Symbol(key, letter, meaning, float(value), accent, sub, sup, hue)

    def tensor(
        self,
        key: str,
        letter: str,
        meaning: str,
        data: Tensor,
        accent: Accent = "",
        sub: str = "",
        sup: str = "",
        hue: Hue = "noisy",
    ) -> Symbol:
        """A symbol for `data` [1, C, H, W]."""
        data = data.double()
        self.tensors[key] = data
        at = self.place
        return Symbol(
            key,
            letter,
            meaning,
            float(data[0, at.channel, at.row, at.column]),
            accent,
            sub,
            sup,
            hue,
            rms=float(data.square().mean().sqrt()),
        )

    def value(self, of: Term) -> Any:
        """The value of a term over whole tensors, or a number if none is in it."""
        return evaluate(of, self.tensors)

    def define(
        self,
        key: str,
        letter: str,
        meaning: str,
        right: Term,
        note: str = "",
        accent: Accent = "",
        sub: str = "",
        sup: str = "",
        hue: Hue = "level",
    ) -> tuple[Symbol, Formula]:
        """A symbol that stands for what `right` comes to."""
        value = self.value(right)
        make = self.tensor if isinstance(value, Tensor) else self.number
        symbol = make(key, letter, meaning, value, accent, sub, sup, hue)
        return symbol, Formula(symbol, right, note)

    def stored(
        self, left: Symbol, right: Term, note: str = "", own: bool = False, exact: bool = True
    ) -> Formula:
        """A formula for a tensor that is stored, with how well it comes out."""
        kept = self.tensors[left.key]
        worst = float((self.value(right) - kept).abs().max())
        return Formula(left, right, note, own, Check(worst, float(kept.abs().max()), exact))
