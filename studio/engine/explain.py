"""One kept step, explained: where it is, what was predicted, how guidance and sampler went on."""

from __future__ import annotations

import math
from dataclasses import replace

from studio.core.errors import StudioError
from studio.core.events import Explained
from studio.core.explanation import Explanation, Formula, Place, Section
from studio.core.maths import Symbol, Term, ln
from studio.core.model_info import ModelInfo
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.core.samplers import sampler_info
from studio.core.wishes import Explain
from studio.diffusion.hold import noisiness
from studio.diffusion.state import State, Step
from studio.engine.archive import Archive
from studio.engine.explain_guidance import guidance
from studio.engine.explain_material import made_of
from studio.engine.explain_samplers import EXPLAINED
from studio.engine.pixels import to_latent_mask
from studio.engine.scene import Scene, make_scene
from studio.engine.trajectory import Trajectory
from studio.imaging.cropping import cut_mask
from studio.models.catalogue import Catalogue
from studio.models.predicts import Predicts, predicts

NAMES = {
    "epsilon": "predicts the noise ε",
    "v_prediction": "predicts the velocity v",
    "sample": "predicts the picture x̂₀ itself",
    "flow_prediction": "predicts the flow's velocity u",
}
CHANGED = {
    "prompt": "the prompt",
    "negative_prompt": "the negative prompt",
    "guidance_scale": "the guidance",
    "guidance_rescale": "the guidance rescale",
    "sampler_options": "the sampler's options",
    "adapters": "the LoRAs",
}
"""What the fields of an edit are called in a sentence."""


def explain(
    trajectory: Trajectory,
    index: int,
    image: int,
    model: Predicts | None,
    place: Place | None = None,
    info: ModelInfo | None = None,
) -> Explanation:
    """Step `index` of picture `image`, with the numbers at `place` (the middle by default).

    Computes nothing with a network. With `info` of a model that can tell, also what it is made
    of. Raises BadInput if there is no such step.
    """
    step = _single(trajectory.at(index), image)
    recipe = recipe_at(trajectory.record, index).single(image)
    here, there = trajectory.levels[index], trajectory.targets[index]
    channels, height, width = (int(side) for side in step.x0.shape[1:])
    place = _inside(place, channels, height, width)
    flow = model.flow if model else abs(here.alpha + here.sigma - 1) < 1e-9
    steps = len(trajectory.levels) - 1
    after = trajectory.levels[index + 1] if index + 1 < steps else None
    scene = make_scene(step, here, there, after, recipe, steps, flow, place)
    held = trajectory.mask_at(index) is not None
    sections = [_where(scene), _prediction(scene, model, info), _same(scene)]
    sections.append(replace(guidance(scene, step.parts, held, info), short="Guidance"))
    sections += _held(trajectory, scene)
    material, told = made_of(trajectory, scene, info)
    sections += told
    sections.append(replace(EXPLAINED[recipe.sampler](scene), short="Step"))
    return Explanation(
        f"Step {index} · {sampler_info(recipe.sampler).label}",
        tuple(sections),
        place,
        (channels, height, width),
        material,
    )


def answer(wish: Explain, archive: Archive, catalogue: Catalogue) -> Explained:
    """What cannot be explained is answered too: with the reason."""
    try:
        trajectory = archive.get(wish.run)
        info = info_of(trajectory.record, wish.index, catalogue)
        model = predicts(info) if info else None
        found = explain(trajectory, wish.index, wish.image, model, wish.place, info)
    except StudioError as error:
        return Explained(wish.run, wish.index, wish.image, None, f"{error.message} {error.hint}")
    return Explained(wish.run, wish.index, wish.image, found)


def model_of(record: Record, index: int, catalogue: Catalogue) -> Predicts | None:
    """What the model of a step predicts; None if it is no longer there: its steps still are."""
    info = info_of(record, index, catalogue)
    return predicts(info) if info else None


def info_of(record: Record, index: int, catalogue: Catalogue) -> ModelInfo | None:
    """The model of a step, if it is still there."""
    try:
        return catalogue.find(recipe_at(record, index).model)
    except StudioError:
        return None


def recipe_at(record: Record, index: int) -> Recipe:
    """The recipe that made step `index`: a branch's first steps are its parent's."""
    while record.origin and index < record.origin.step:
        record = record.origin.record
    return record.recipe.at(index)


def _single(step: Step, image: int) -> Step:
    def state(of: State) -> State:
        previous = tuple((x0[image : image + 1], level) for x0, level in of.previous)
        return State(of.index, of.x[image : image + 1], previous)

    parts = tuple(part[image : image + 1] for part in step.parts)
    return Step(state(step.before), step.x0[image : image + 1], state(step.after), parts)


def _inside(place: Place | None, channels: int, height: int, width: int) -> Place:
    if place is None:
        return Place(0, height // 2, width // 2)
    return Place(
        min(max(place.channel, 0), channels - 1),
        min(max(place.row, 0), height - 1),
        min(max(place.column, 0), width - 1),
    )


def _where(v: Scene) -> Section:
    n = v.notes
    signal = v.here.alpha**2 / (v.here.alpha**2 + v.here.sigma**2)
    snr: Term = v.bar / (1 - v.bar) if v.preserving else v.a**2 / v.s**2
    _, is_log = n.define("log_snr", "log SNR", "signal to noise, natural logarithm", ln(snr))
    time = n.number("t", "t", "what the network is told of the level", v.here.timestep)
    time1 = n.number("t1", "t", "the same after the step", v.there.timestep, sup="′", hue="next")
    lands = (
        f"t = {v.there.timestep:.4g}"
        if v.next is None or v.next == v.there
        else f"t = {v.there.timestep:.4g}, which the next step takes for {v.next.timestep:.4g}, as "
        "diffusers' sampler of this name does"
    )
    words = (
        f"At this level {signal:.1%} of the sample's variance is picture and {1 - signal:.1%} "
        f"noise. Step {v.index} of {v.steps} goes from t = {v.here.timestep:.4g} to {lands}."
    )
    words += _changed(v)
    mix = Formula(v.x, v.signal * v.x0 + v.noise * v.eps)
    more: tuple[Symbol, ...] = (time, time1)
    more += (v.a, v.s, v.bar1) if v.preserving else (v.a1, v.s1)
    return Section("The noisy sample", words, (mix, is_log), more, "Sample")


def _changed(v: Scene) -> str:
    """What was changed by hand before this step, as one more sentence; "" for nothing."""
    edits = [edit for edit in v.recipe.edits if edit.step == v.index]
    names = [CHANGED[name] for edit in edits for name in edit.changes]
    names += ["the mask" for edit in edits if edit.mask]
    if not names:
        return ""
    last = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return f" The run was changed here, on its way. New from this step on: {last}."


def _prediction(v: Scene, model: Predicts | None, info: ModelInfo | None) -> Section:
    """x̂0 from each of the four things that a network may output."""
    n = v.notes
    alpha, sigma = n.value(v.signal), n.value(v.noise)
    eps, x0 = n.tensors["eps"], n.tensors["x0"]
    velocity = n.tensor(
        "v",
        "v",
        "velocity on the circle",
        alpha * eps - sigma * x0,
        sub="t",
        hue="noise",
    )
    flow = n.tensor("u", "u", "velocity on the line to noise", eps - x0, sub="t", hue="noise")
    output = n.tensor("F", "F", "the network's output is x̂₀", x0, sub="θ", hue="clean")
    whole = v.signal * v.x - v.noise * velocity
    forms: dict[str, Term] = {
        "epsilon": (v.x - v.noise * v.eps) / v.signal,
        "v_prediction": whole if v.preserving else whole / (v.a**2 + v.s**2),
        "sample": output,
        "flow_prediction": v.x - v.s * flow if v.flow else (v.x - v.s * flow) / (v.a + v.s),
    }
    if not v.here.alpha:
        del forms["epsilon"]  # x is all noise there, and to know it is to know nothing of x0
    own = model.kind if model else ""
    order = sorted(forms, key=lambda kind: kind != own)
    titles = {
        "epsilon": "ε form",
        "v_prediction": "v form",
        "sample": "x̂₀ form",
        "flow_prediction": "flow form",
    }
    formulas = tuple(Formula(v.x0, forms[kind], titles[kind], kind == own) for kind in order)
    says = f"This model {NAMES[own]}" if own else "Models predict ε, v, x̂₀ or u"
    words = (
        f"{says}; at a known x_t and level each of the four forms tells the others, so they are "
        "one prediction in four coordinates. After guidance the stored x̂₀ is what all agree on."
    )
    limit = info.abilities.x0_limit if info else math.inf
    if math.isfinite(limit):
        words += (
            f" It is clipped to −{limit:g}…{limit:g}, black to white, as pixels are: where that "
            "changes it, ε is the noise that goes with the clipped one."
        )
    return Section("The prediction", words, formulas, short="Prediction")


def _same(v: Scene) -> Section:
    """What the other forms are, worked out from x̂0."""
    n = v.notes
    eps = (v.x - v.signal * v.x0) / v.noise
    defined = [
        Formula(v.eps, eps),
        n.define(
            "v",
            "v",
            "velocity on the circle",
            v.signal * v.eps - v.noise * v.x0,
            sub="t",
            hue="noise",
        )[1],
        n.define(
            "u",
            "u",
            "velocity on the line to noise",
            v.eps - v.x0,
            sub="t",
            hue="noise",
        )[1],
    ]
    words = (
        "The noise is what is left of x_t without x̂₀; the two velocities are how noise and "
        "picture change places along a circle (v) or a straight line (u)."
    )
    return Section("The same in ε, v and u", words, tuple(defined), short="Forms")


def _held(trajectory: Trajectory, v: Scene) -> list[Section]:
    """What the mask keeps, at this level and at the probed place."""
    held = trajectory.mask_at(v.index)
    if held is None:
        return []
    if trajectory.plan is None:
        since = v.recipe.masked(v.index)
        words = (
            "Outside the mask that was painted on the way x̂₀ stays what the step before it showed"
            + (f", step {since.step - 1}" if since else "")
            + ": what is painted over is all that still changes."
        )
        return [Section("What is held", words, short="Held")]
    height, width = (int(side) for side in v.step.x0.shape[2:])
    mask = to_latent_mask(cut_mask(held, trajectory.plan), height, width)
    level = noisiness(v.here)
    free = (mask > 0) & (mask >= level)
    at = v.notes.place
    m = v.notes.number("m", "m", "the mask at this place", float(mask[0, 0, at.row, at.column]))
    q = v.notes.number("q", "q", "how far from clean: 2/π·atan(σ/α)", level)
    here = "free" if bool(free[0, 0, at.row, at.column]) else "held"
    words = (
        f"{float(free.float().mean()):.1%} of the places are free at this level; at the others x̂₀ "
        f"is the picture's own, and this place is {here}. A place is free where m > 0 and m ≥ q, "
        "so what is masked in part joins in late."
    )
    return [Section("What is held", words, (), (m, q), "Held")]
