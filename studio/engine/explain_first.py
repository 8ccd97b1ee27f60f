"""The first-order samplers' steps as their papers write them; see `explain_samplers`."""

from __future__ import annotations

from studio.core.explanation import Section
from studio.core.maths import Term, sqrt, square
from studio.diffusion.samplers.lcm import SIGMA_DATA, TIMESTEP_SCALING
from studio.engine.explain_parts import split, velocity
from studio.engine.scene import Scene


def ddim(v: Scene) -> Section:
    n, eta = v.notes, v.option("eta", "η", "how much noise is added back: 0 none, 1 as DDPM")
    if v.preserving:
        right = eta * sqrt((1 - v.bar1) / (1 - v.bar)) * sqrt(1 - v.bar / v.bar1)
    else:
        right = eta * v.s1 * sqrt(1 - square(v.s1 * v.a / (v.a1 * v.s)))
    up, defined = n.define("up", "σ", "how much of the noise is fresh", right, sub="η")
    if not up.value:
        end = v.signal1 * v.x0 + v.noise1 * v.eps
        words = (
            "DDIM with η = 0 draws no noise: it takes x̂₀ at its word and puts the same noise ε "
            "back, only less of it. Nothing is left to chance, so the seed alone decides."
        )
        return Section("The step: DDIM", words, (v.arrive(end),))
    down = sqrt(square(v.noise1) - square(up))
    end = v.signal1 * v.x0 + down * v.eps + up * v.fresh()
    words = (
        "DDIM goes back to the next noise level with part of the noise it found and part drawn "
        "anew. The two variances add up to the level's own, so no noise is lost or gained."
    )
    return Section("The step: DDIM with η", words, (defined, v.arrive(end)))


def ddpm(v: Scene) -> Section:
    """Ho et al. 2020, equations 6 and 7; Kingma et al. 2021, appendix A, for other levels."""
    n = v.notes
    if v.preserving:
        keep, kept = n.define(
            "keep", "α", "ᾱ of this stride alone", v.bar / v.bar1, accent="bar", sub="t|t′"
        )
        beta, noised = n.define(
            "beta", "β", "the variance of this stride forwards", 1 - keep, sub="t|t′"
        )
        share, share1 = 1 - v.bar, 1 - v.bar1
        to_x, to_x0 = sqrt(keep) * share1 / share, sqrt(v.bar1) * beta / share
    else:
        keep, kept = n.define("keep", "α", "α of this stride alone", v.a / v.a1, sub="t|t′")
        beta_right = square(v.s) - square(keep) * square(v.s1)
        beta, noised = n.define(
            "beta", "β", "the variance of this stride forwards", beta_right, sub="t|t′"
        )
        share, share1 = square(v.s), square(v.s1)
        to_x, to_x0 = keep * share1 / share, v.a1 * beta / share
    mean, meant = n.define(
        "mean",
        "μ",
        "the mean of q(x_t′ | x_t, x̂₀)",
        to_x0 * v.x0 + to_x * v.x,
        accent="tilde",
        sub="t",
        hue="noisy",
    )
    large = v.options["variance"] == "beta"
    posterior, spread = n.define(
        "posterior",
        "β",
        "the variance of q(x_t′ | x_t, x̂₀)",
        share1 / share * beta,
        accent="tilde",
        sub="t",
    )
    variance = beta if large else posterior
    formulas = [kept, noised, meant, spread]
    if v.here.timestep > 0 and variance.value > 0:
        end: Term = mean + sqrt(variance) * v.fresh()
        words = (
            "DDPM draws the next sample from the posterior: its mean lies between x̂₀ and x_t, and "
            f"noise of variance {'β_t' if large else 'β̃_t'} is added. That is the exact reverse "
            "of one forward step, if x̂₀ is right."
        )
    else:
        end = mean
        words = (
            "The last step of DDPM draws no noise and ends at the mean of the posterior. At a "
            "clean level that is x̂₀ itself."
        )
    return Section("The step: DDPM", words, (*formulas, v.arrive(end)))


def euler(v: Scene) -> Section:
    if v.flow:
        u, is_u = velocity(v)
        words = (
            "The sample moves in a straight line along its velocity u, from noise to picture, as "
            "far as σ falls. Euler's method takes the velocity of the start for all of the way."
        )
        return Section("The step: Euler", words, (is_u, v.arrive(v.x + (v.s1 - v.s) * u)))
    end = v.arrive(v.a1 * v.x0 + v.s1 * v.eps)
    words = (
        "Scaled to x/α, the sample moves along its slope ε as far as σ/α falls: Euler's method on "
        "the probability-flow ODE. Written out, that is x̂₀ with less of the same noise."
    )
    if not v.here.alpha:
        return Section("The step: Euler", words, (end,))
    scaled, is_scaled = v.notes.define(
        "scaled", "x", "x_t scaled to signal 1", v.x / v.a, accent="tilde", sub="t", hue="noisy"
    )
    moved = v.a1 * (scaled + (v.s1 / v.a1 - v.s / v.a) * v.eps)
    return Section("The step: Euler", words, (is_scaled, v.arrive(moved), end))


def euler_ancestral(v: Scene) -> Section:
    up, down, halves = split(v)
    end = v.a1 * v.x0 + down * v.eps
    words = (
        "Euler's step goes below the next noise level, to σ↓, and fresh noise brings it up to it "
        "again. So the picture never quite settles: other steps make another picture."
    )
    if not up.value:
        words = "No noise is drawn in this step, so it is Euler's: x̂₀ with less of the same noise."
        return Section("The step: Euler ancestral", words, (*halves, v.arrive(end)))
    end = end + up * v.option("s_noise", "k", "the noise scale") * v.fresh()
    return Section("The step: Euler ancestral", words, (*halves, v.arrive(end)))


def lcm(v: Scene) -> Section:
    n = v.notes
    t = n.number(
        "tau", "τ", f"the timestep × {TIMESTEP_SCALING:g}", v.here.timestep * TIMESTEP_SCALING
    )
    sd = n.number("sd", "σ", "the data's deviation, by convention", SIGMA_DATA, sub="d")
    below = square(t) + square(sd)
    skip, is_skip = n.define(
        "skip", "c", "weight of x_t: 1 at t = 0", square(sd) / below, sub="skip"
    )
    out, is_out = n.define("out", "c", "weight of x̂₀", t / sqrt(below), sub="out")
    f, is_f = n.define(
        "f", "f", "the consistency model's answer", out * v.x0 + skip * v.x, hue="clean"
    )
    if v.index + 1 == v.steps:
        words = "The last jump of a consistency model: its answer is the picture."
        return Section("The step: LCM", words, (is_skip, is_out, is_f, v.arrive(f)))
    words = (
        "A consistency model jumps to the end of the path at once; the answer is noised again to "
        "the next level, and the next jump starts nearer. All of the noise is fresh each time."
    )
    return Section(
        "The step: LCM", words, (is_skip, is_out, is_f, v.arrive(v.a1 * f + v.s1 * v.fresh()))
    )
