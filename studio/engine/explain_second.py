"""The second-order samplers' steps as their papers write them; see `explain_samplers`."""

from __future__ import annotations

import math

from studio.core.explanation import Formula, Section
from studio.core.maths import Symbol, Term, ln, sqrt
from studio.diffusion.samplers.dpmpp_2m import FEW
from studio.engine.explain_first import euler, euler_ancestral
from studio.engine.explain_parts import shrink, split, velocity
from studio.engine.scene import Scene


def heun(v: Scene) -> Section:
    n = v.notes
    if not v.there.sigma:
        plain = euler(v)
        words = "The step to a clean picture is Euler's: there is no noise left to look ahead at."
        return Section("The step: Heun", words, plain.formulas)
    flow = v.flow or not v.here.alpha
    c: Term = v.a + v.s if flow else v.a
    c1: Term = v.a1 + v.s1 if flow else v.a1
    slope, is_slope = velocity(v) if flow else (v.eps, None)
    _, is_ahead = n.define(
        "ahead", "x", "where Euler would go", v.a1 * v.x0 + v.s1 * v.eps, sub="e", hue="next"
    )
    # The second look is the one thing that is not stored, and the step is linear in it.
    ds = v.there.sigma / n.value(c1) - v.here.sigma / n.value(c)
    mean = (n.tensors["x_next"] / n.value(c1) - n.tensors["x"] / n.value(c)) / ds
    slope1 = n.tensor(
        "d1",
        slope.letter,
        "the same at the second look, as x_t′ implies it",
        2 * mean - n.tensors[slope.key],
        sub="t′",
        hue="noise",
    )
    if v.flow:
        end = v.x + (v.s1 - v.s) * ((slope + slope1) / 2)
    else:
        end = c1 * (v.x / c + (v.s1 / c1 - v.s / c) * ((slope + slope1) / 2))
    words = (
        "Heun goes ahead with Euler, asks the network again there, and takes the mean of the two "
        "slopes: two calls, and an error of the third order. The second slope is not stored; it "
        "is the one that the stored x_t and x_t′ imply."
    )
    formulas = (*([is_slope] if is_slope else []), is_ahead, Formula(v.x_next, end))
    return Section("The step: Heun", words, formulas)


def dpmpp_2m(v: Scene) -> Section:
    r, is_r = shrink(v)
    D, is_D, order = _expected(v)
    end = v.s1 / v.s * v.x + v.a1 * (1 - r) * D
    return Section("The step: DPM++ 2M", order, (is_r, *is_D, v.arrive(end)))


def dpmpp_2m_sde(v: Scene) -> Section:
    eta = v.option("eta", "η", "how much noise is added back: 0 none, 1 as the paper")
    r, is_r = shrink(v)
    D, is_D, order = _expected(v)
    end = v.s1 / v.s * r**eta * v.x + v.a1 * (1 - r ** (1 + eta)) * D
    formulas = [is_r, *is_D]
    if eta.value and v.there.sigma:
        up, is_up = v.notes.define(
            "up", "σ", "how much noise is fresh", v.s1 * sqrt(1 - r ** (2 * eta)), sub="↑"
        )
        formulas.append(is_up)
        if up.value:
            end = end + up * v.option("s_noise", "k", "the noise scale") * v.fresh()
            order += " What it takes away too much, fresh noise gives back."
    return Section("The step: DPM++ 2M SDE", order, (*formulas, v.arrive(end)))


def dpmpp_2s_ancestral(v: Scene) -> Section:
    n = v.notes
    up, down, halves = split(v)
    if not v.here.alpha or not down.value:
        plain = euler_ancestral(v)
        words = "From pure noise and to a clean picture there is no half way: this step is Euler's."
        return Section("The step: DPM++ 2S ancestral", words, plain.formulas)
    ratio = math.sqrt(v.here.ratio * down.value / v.there.alpha)
    alpha = 1 / (1 + ratio) if v.flow else 1 / math.sqrt(1 + ratio**2)
    am = n.number("am", "α", "how much picture half way", alpha, sub="½")
    sm = n.number("sm", "σ", "how much noise half way", alpha * ratio, sub="½")
    _, is_middle = n.define(
        "middle", "x", "the sample half way", am * v.x0 + sm * v.eps, sub="½", hue="noisy"
    )
    noise: Term | None = None
    if up.value:
        noise = up * v.option("s_noise", "k", "the noise scale") * v.fresh()
    weight = v.a1 - down * v.a / v.s
    rest = down / v.s * v.x if noise is None else down / v.s * v.x + noise
    found = (n.tensors["x_next"] - n.value(rest)) / n.value(weight)
    look = n.tensor(
        "x0m",
        "x",
        "the picture predicted half way, as x_t′ implies it",
        found,
        "hat",
        "½",
        hue="clean",
    )
    end = down / v.s * v.x + weight * look
    words = (
        "The network is asked a second time half way in log σ/α, and its answer there serves for "
        "the whole step: second order. Fresh noise then brings σ↓ up to the next level. The "
        "second answer is not stored; it is the one that the stored x_t and x_t′ imply."
    )
    formulas = (*halves, is_middle, Formula(v.x_next, end if noise is None else end + noise))
    return Section("The step: DPM++ 2S ancestral", words, formulas)


def _expected(v: Scene) -> tuple[Symbol, tuple[Formula, ...], str]:
    """D of DPM-Solver++ 2M, what it is made of, and the words for it."""
    n, previous = v.notes, v.step.before.previous
    last = v.index + 1 == v.steps
    first_order = (
        (not previous, "it is the first, and has no step to remember"),
        (not v.here.alpha, "from pure noise it is infinitely long in λ"),
        (not v.there.sigma, "to a clean picture it is infinitely long in λ"),
        (last and v.steps < FEW, f"a run of fewer than {FEW} steps ends like that"),
    )
    reason = next((why for true, why in first_order if true), "")
    if not reason:
        before = previous[-1][1]
        h_value = math.log(before.ratio / v.here.ratio) if before.alpha else math.inf
        reason = "the step before was at the same level" if h_value <= 0 else ""
    if reason:
        words = (
            f"DPM-Solver++ takes x̂₀ as it is for all of this step (first order), since {reason}."
        )
        return v.x0, (), words
    x0_before, before = previous[-1]
    old = n.tensor(
        "x0_before",
        "x",
        "the picture predicted one step before",
        x0_before,
        "hat",
        "0",
        "−",
        hue="clean",
    )
    h, is_h = n.define("h", "h", "this step in λ", ln(v.s * v.a1 / (v.a * v.s1)))
    ab = n.number("ab", "α", "how much picture one step before", before.alpha, sub="t", sup="−")
    sb = n.number("sb", "σ", "how much noise one step before", before.sigma, sub="t", sup="−")
    hb, is_hb = n.define("hb", "h", "the step before in λ", ln(sb * v.a / (ab * v.s)), sup="−")
    D, is_D = n.define(
        "D", "D", "the picture expected half way", v.x0 + h / (2 * hb) * (v.x0 - old), hue="clean"
    )
    words = (
        "DPM-Solver++ remembers x̂₀ of the step before and goes on in its direction: D is where x̂₀ "
        "should be half way. Second order, for one call of the network."
    )
    return D, (is_h, is_hb, is_D), words
