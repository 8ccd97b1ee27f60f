"""What several samplers' formulas have in common."""

from __future__ import annotations

from studio.core.explanation import Formula
from studio.core.maths import Symbol, sqrt, square
from studio.engine.scene import Scene


def velocity(v: Scene) -> tuple[Symbol, Formula]:
    return v.notes.define(
        "u", "u", "the velocity from picture to noise", v.eps - v.x0, sub="t", hue="noise"
    )


def shrink(v: Scene) -> tuple[Symbol, Formula]:
    """e^(−h): how far sigma/alpha falls."""
    return v.notes.define(
        "r", "r", "e⁻ʰ, with h the step in λ = ln(α/σ)", v.s1 * v.a / (v.a1 * v.s)
    )


def split(v: Scene) -> tuple[Symbol, Symbol, tuple[Formula, ...]]:
    """sigma_up and sigma_down, and the formulas for them."""
    eta = v.option("eta", "η", "how much noise is added back: 0 none, 1 all that may be")
    r, is_r = shrink(v)
    up, is_up = v.notes.define(
        "up", "σ", "how much noise is fresh", eta * v.s1 * sqrt(1 - square(r)), sub="↑"
    )
    down, is_down = v.notes.define(
        "down", "σ", "how much of the old noise stays", sqrt(square(v.s1) - square(up)), sub="↓"
    )
    return up, down, (is_r, is_up, is_down)
