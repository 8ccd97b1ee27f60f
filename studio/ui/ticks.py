"""Scales of a plot: round numbers at even distances. No Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """From `low` to `high`; `ticks` are the values to write beside it. `log`: evenly by
    factors, not by differences."""

    low: float
    high: float
    ticks: tuple[float, ...]
    log: bool = False

    @classmethod
    def of(cls, values: Iterable[float], zero: bool, log: bool = False, most: int = 4) -> Scale:
        """A scale with room for all values, from 0 if `zero`, of at most `most` ticks or so."""
        given = [value for value in values if math.isfinite(value) and (not log or value > 0)]
        if not given:
            return cls(0.0, 1.0, ())
        low, high = min(given), max(given)
        if log:
            return _log(low, high)
        low = min(low, 0.0) if zero else low
        if high - low <= abs(high) * 1e-9:
            high, low = high + 0.5, low - (0.0 if zero else 0.5)
        step = nice((high - low) / max(1, most - 1))
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        ticks = tuple(round(number * step, 12) for number in range(first, last + 1))
        return cls(ticks[0], ticks[-1], ticks)

    def part(self, value: float) -> float:
        """How far up a value is, 0..1."""
        if self.log:
            value = math.log10(value) if value > 0 else self._low
            return (value - self._low) / (math.log10(self.high) - self._low)
        return (value - self.low) / (self.high - self.low)

    @property
    def _low(self) -> float:
        return math.log10(self.low)


def nice(step: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, … (or a tenth, …) that is not below `step`."""
    if step <= 0:
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(step))
    return next(power * part for part in (1, 2, 5, 10) if power * part >= step * (1 - 1e-9))


def tick_text(value: float, scale: Scale) -> str:
    """A tick with as many decimals as its scale needs."""
    if value == 0:
        return "0"
    if scale.log or abs(value) >= 1e5:
        return f"{value:g}".replace("-", "−").replace("e+0", "e").replace("e−0", "e−")
    step = scale.ticks[1] - scale.ticks[0] if len(scale.ticks) > 1 else abs(value)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:.{digits}f}".replace("-", "−")


def _log(low: float, high: float) -> Scale:
    """From and to a 1, 2 or 5 times a power of ten; ticks at the powers, or at all if few."""
    first, last = math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1
    round_ = [part * 10.0**power for power in range(first, last + 1) for part in (1, 2, 5)]
    below = max(number for number, value in enumerate(round_) if value <= low * (1 + 1e-9))
    above = min(number for number, value in enumerate(round_) if value >= high * (1 - 1e-9))
    above = max(above, below + 1)
    inside = round_[below : above + 1]
    powers = [value for number, value in enumerate(round_) if number % 3 == 0 and value in inside]
    every = max(1, math.ceil(len(powers) / 5))
    return Scale(inside[0], inside[-1], tuple(powers[::every] if len(powers) > 1 else inside), True)
