"""How classifier-free guidance made x̂0 of two predictions, in both ways that it is written."""

from __future__ import annotations

from torch import Tensor

from studio.core.explanation import Formula, Section
from studio.core.model_info import ModelInfo
from studio.engine.scene import Scene


def guidance(
    v: Scene, parts: tuple[Tensor, ...], held: bool, info: ModelInfo | None = None
) -> Section:
    """`parts`: x̂0 without the prompt and with it, [1, C, H, W], in half precision.

    `held`: a mask keeps some of x̂0 on the source, so that it is not all the guided one. `info`
    is of the model, if it is still there.
    """
    if not parts:
        return Section("Guidance", _alone(v, info))
    n = v.notes
    without, given = parts
    u = n.tensor("without", "u", "x̂₀ without the prompt", without, hue="clean")
    c = n.tensor("given", "c", "x̂₀ with the prompt", given, hue="clean")
    scale = n.number("scale", "s", "the guidance", v.recipe.guidance_scale, hue="choice")
    w, is_w = n.define("w", "w", "guidance as the paper counts it", scale - 1, hue="choice")
    phi = v.recipe.guidance_rescale
    one, other = u + scale * (c - u), (1 + w) * c - w * u
    words = (
        "Guidance goes from the prediction without the prompt towards the one with it, and on "
        "past it. Both ways to write it are in use; with s = 1 + w they are the same number."
    )
    if held:
        words += " Where the mask holds the picture, its own x̂₀ is put in the place of this."
    if not phi and not held:
        formulas = (n.stored(v.x0, one, exact=False), is_w, n.stored(v.x0, other, exact=False))
        return Section("Guidance", words, formulas)
    g, is_g = n.define("g", "g", "the guided x̂₀", one, hue="clean")
    first = (is_g, is_w, Formula(g, other))
    if not phi:
        return Section("Guidance", words, first)
    wanted = n.number("std_c", "std", "the contrast of c", _std(n.tensors["given"]), sub="c")
    has = n.number("std_g", "std", "the contrast of g", _std(n.tensors["g"]), sub="g")
    share = n.number("phi", "φ", "the guidance rescale", phi, hue="choice")
    end = share * (wanted / has) * g + (1 - share) * g
    words += " The rescale then gives g back the contrast of c, by the share φ."
    if held:
        _, is_rescaled = n.define("g1", "g", "g, rescaled", end, sup="′", hue="clean")
        return Section("Guidance", words, (*first, is_rescaled))
    return Section("Guidance", words, (*first, n.stored(v.x0, end, exact=False)))


def _alone(v: Scene, info: ModelInfo | None) -> str:
    """Why there is one prediction only."""
    if info and info.abilities.embedded_guidance:
        return (
            f"The network is told the guidance, {v.recipe.guidance_scale:g}, and is asked once a "
            "step. It was trained on what another came to with the prompt and without, at every "
            "guidance, so x̂₀ is guided already."
        )
    if info and not info.abilities.prompt:
        return (
            "This model takes no words, so there is nothing to guide by: the network is asked once "
            "a step, and what it says is x̂₀."
        )
    if info and not info.abilities.guided:
        return (
            "This model does without guidance: x̂₀ is the prediction under the prompt alone, and "
            "the network is asked once a step."
        )
    if v.recipe.guidance_scale != 1:
        return (
            "The prompt and the negative prompt say the same here, so there is nothing to guide "
            "between: the network is asked once a step."
        )
    return (
        "The guidance is 1 here: x̂₀ is the prediction under the prompt alone, and the "
        "network is asked once a step. Above 1 it is asked a second time, without the prompt."
    )


def _std(x: Tensor) -> float:
    return float(x.std())
