"""Which steps of two runs belong together: those at the same noise level."""

from __future__ import annotations

import math
from collections.abc import Mapping

from studio.core.events import Stepped
from studio.session.runs import RunView
from studio.session.sights import Spot

SAME = 0.005
"""Noise levels that differ by less are written alike."""


def nearest(level: Stepped, levels: Mapping[int, Stepped]) -> int | None:
    """The step whose log-SNR is nearest to that of `level`; the earlier of two."""
    wanted = _log_snr(level)
    return min(levels, key=lambda i: (abs(_log_snr(levels[i]) - wanted), i), default=None)


def _log_snr(level: Stepped) -> float:
    """Natural, within ±60: the ends of a schedule have no number of their own."""
    if level.alpha <= 0 or level.sigma <= 0:
        return -60.0 if level.alpha <= 0 else 60.0
    return 2 * math.log(level.alpha / level.sigma)


def alignment_text(
    run: RunView, a: Spot, other: RunView, b: Spot, follows: bool, brief: bool = False
) -> str:
    """How step `a` of a run goes together with step `b` of another.

    "Step 20 of 50 ≙ step 8 of 20 · σ 0.83", or "… and step …" where they were chosen one by one;
    `brief`: "20/50 ≙ 8/20 · σ 0.83".
    """
    sign = "≙" if follows else "and"
    words = f"Step {a.step} of {run.steps} {sign} step {b.step} of {other.steps}"
    if brief:
        words = f"{a.step}/{run.steps} {sign} {b.step}/{other.steps}"
    here, there = run.levels.get(a.step), other.levels.get(b.step)
    if here is None or there is None:
        return words
    apart = abs(here.sigma - there.sigma) >= SAME
    return f"{words} · σ {here.sigma:.2f}" + (f" and {there.sigma:.2f}" if apart else "")


def alignment_hint(run: RunView, a: Spot, other: RunView) -> str:
    """What is easily got wrong about runs of different length."""
    last = other.steps - 1
    end = f", and not the end of the {other.steps}" if a.step >= last else ""
    return (
        f"Compared at the same noise level: step {a.step} of {run.steps} is not step {a.step} of "
        f"{other.steps}{end}."
    )
