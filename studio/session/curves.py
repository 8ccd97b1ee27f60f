"""A run in numbers, step by step: noise levels, what changed, and the time it took."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from studio.core.events import Stepped

Kind = Literal["vp", "flow", "ve", "other"]
"""How signal and noise are mixed: alpha² + sigma² = 1, alpha + sigma = 1, alpha = 1, or else."""
Point = tuple[float, float]
"""A place among the steps (a whole number is a step) and the value there."""


@dataclass(frozen=True)
class Quantity:
    """Something that each step has a number for. `zero`: its scale begins at 0; `whole`: it is a
    part of 1."""

    name: str
    symbol: str
    title: str
    measure: Callable[[Stepped, int], float | None]
    zero: bool = True
    unit: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Curve:
    """One quantity over the steps of a run; `points` ascend, and steps without a number have
    none. `log`: the values are better seen on a logarithmic scale."""

    quantity: Quantity
    points: tuple[Point, ...]
    help: str
    log: bool = False

    def at(self, step: int) -> float | None:
        """The value at a step, if there is one."""
        index = bisect.bisect_left(self.points, (step, -math.inf))
        found = self.points[index : index + 1]
        return found[0][1] if found and found[0][0] == step else None


def log_snr(step: Stepped) -> float | None:
    """2·ln(alpha/sigma); None at the very ends, where it has no end."""
    if step.alpha <= 0 or step.sigma <= 0:
        return None
    return 2 * math.log(step.alpha / step.sigma)


def alpha_bar(step: Stepped) -> float | None:
    """alpha²/(alpha² + sigma²): the signal's share of the variance, ᾱ whatever the scaling."""
    total = step.alpha**2 + step.sigma**2
    return step.alpha**2 / total if total > 0 else None


def _of(values: Sequence[float], image: int) -> float | None:
    """None also for 0: the first step has none before it to differ from."""
    return values[image] or None if image < len(values) else None


QUANTITIES: tuple[Quantity, ...] = (
    Quantity("sigma", "σ", "Noise level", lambda step, _: step.sigma),
    Quantity("alpha_bar", "ᾱ", "Signal's share", lambda step, _: alpha_bar(step), whole=True),
    Quantity("log_snr", "log SNR", "Signal to noise", lambda step, _: log_snr(step), zero=False),
    Quantity(
        "change", "‖Δ‖", "Change of the prediction", lambda step, image: _of(step.change, image)
    ),
    Quantity(
        "guidance",
        "‖c − u‖",
        "What the prompt changes",
        lambda step, image: _of(step.guidance, image),
    ),
    Quantity(
        "milliseconds",
        "ms",
        "Time a step took",
        lambda step, _: step.seconds * 1000 if step.seconds > 0 else None,
        unit="ms",
    ),
)


def quantity(name: str) -> Quantity | None:
    return next((q for q in QUANTITIES if q.name == name), None)


def curve(quantity: Quantity, levels: Mapping[int, Stepped], image: int) -> Curve:
    """That quantity over the steps taken so far, for one picture of the batch."""
    found = ((index, quantity.measure(levels[index], image)) for index in sorted(levels))
    points = tuple((float(index), value) for index, value in found if value is not None)
    kind = kind_of(levels)
    # These span orders of magnitude, as does the noise of variance-exploding schedules alone.
    log = quantity.name in ("change", "guidance") or (quantity.name == "sigma" and kind == "ve")
    return Curve(quantity, points, explain(quantity, kind), log)


def kind_of(levels: Mapping[int, Stepped]) -> Kind:
    """How this run mixed signal and noise, from its levels."""
    pairs = [(step.alpha, step.sigma) for step in levels.values()]
    if not pairs:
        return "other"
    if all(abs(alpha**2 + sigma**2 - 1) < 1e-3 for alpha, sigma in pairs):
        return "vp"
    if all(abs(alpha - 1) < 1e-6 for alpha, _ in pairs):
        return "ve"
    if all(abs(alpha + sigma - 1) < 1e-3 for alpha, sigma in pairs):
        return "flow"
    return "other"


_SIGMA: Mapping[Kind, str] = {
    "vp": "σ = √(1 − ᾱ): how much noise is in x = √ᾱ·x0 + σ·ε",
    "flow": "σ: how much noise is in x = (1 − σ)·x0 + σ·ε",
    "ve": "σ: how much noise is in x = x0 + σ·ε",
    "other": "σ: how much noise is in x = α·x0 + σ·ε",
}
_ALPHA_BAR: Mapping[Kind, str] = {
    "vp": "ᾱ = α²: the signal's share of the variance of x",
    "flow": "α²/(α² + σ²), with α = 1 − σ: the signal's share, what ᾱ is in other models",
    "ve": "1/(1 + σ²): the signal's share, what ᾱ is when x is scaled to variance 1",
    "other": "α²/(α² + σ²): the signal's share of the variance of x",
}
_HELP = {
    "log_snr": "2·ln(α/σ): signal to noise, 0 where they are even",
    "change": "How far the prediction moved since the step before (root mean square)",
    "guidance": "How far the predictions with and without the prompt are apart (root mean square)",
    "milliseconds": "Milliseconds that the step took",
}


def explain(quantity: Quantity, kind: Kind) -> str:
    """One line on what the numbers are in a run of that kind."""
    if quantity.name == "sigma":
        return _SIGMA[kind]
    if quantity.name == "alpha_bar":
        return _ALPHA_BAR[kind]
    return _HELP[quantity.name]


def aligned(
    curve: Curve, own: Mapping[int, Stepped], other: Mapping[int, Stepped]
) -> tuple[Point, ...]:
    """A curve's points at the places where a run with the levels `other` has as much noise.

    Between two steps the log-SNR is taken to be straight. Points beyond the other run's levels
    are left out: step 20 of 50 is not the end of a run of 20.
    """
    if not curve.points:
        return ()
    places = sorted(
        (snr, index) for index, step in other.items() if (snr := log_snr(step)) is not None
    )
    moved = []
    for index, value in curve.points:
        snr = log_snr(own[round(index)])
        place = _between(places, snr) if snr is not None else None
        if place is not None:
            moved.append((place, value))
    return tuple(sorted(moved))


def _between(places: Sequence[tuple[float, int]], snr: float) -> float | None:
    after = bisect.bisect_left(places, (snr, -1))
    if after < len(places) and places[after][0] == snr:
        return float(places[after][1])
    if not 0 < after < len(places):
        return None
    (low, here), (high, there) = places[after - 1], places[after]
    return here + (there - here) * (snr - low) / (high - low)


def words(curve: Curve, value: float) -> str:
    """A value with what it is of: "σ 0.832", "312 ms"."""
    of = curve.quantity
    return f"{short(value)} {of.unit}" if of.unit else f"{of.symbol} {short(value)}"


def short(value: float) -> str:
    """Three significant digits, no exponent for what has a usual size, and a true minus."""
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        digits = max(0, 2 - math.floor(math.log10(abs(value))))
        text = f"{value:.{digits}f}"
    else:
        text = f"{value:.2e}".replace("e-0", "e-").replace("e+0", "e")
    return text.replace("-", "−")
