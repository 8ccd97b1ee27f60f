"""Every formula that is shown, computed with the numbers that are shown, on every sampler."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from studio.core.errors import BadInput
from studio.core.explanation import Explanation, Formula, Place, as_latex, as_text
from studio.core.maths import evaluate
from studio.core.recipe import Recipe
from studio.core.record import Origin, Record
from studio.core.samplers import SAMPLERS
from studio.diffusion.guidance import guide
from studio.diffusion.levels import Level
from studio.diffusion.loop import start, walk
from studio.diffusion.noise import Noise
from studio.diffusion.prediction import KINDS, to_epsilon, to_x0
from studio.diffusion.schedule import ScheduleConfig, make_schedule
from studio.diffusion.state import Prediction, State
from studio.engine.explain import explain
from studio.engine.explain_samplers import EXPLAINED
from studio.engine.trajectory import Trajectory
from studio.models.predicts import Predicts
from tests.predictions import from_x0

SHAPE = (3, 4, 5)
DIFFUSION = {
    "_class_name": "DDIMScheduler",
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "timestep_spacing": "trailing",
    "steps_offset": 1,
}
FLOW = {"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0}


def network(x: Tensor, timestep: float) -> Tensor:
    """Stands for a network: smooth, nonlinear, and different at every timestep."""
    return torch.tanh(1.3 * x + 0.3 * x.flip(-1) - 0.002 * timestep) + 0.1 * x.flip(-2)


class Run:
    """A run of `network`, kept as the engine keeps it."""

    def __init__(
        self,
        sampler: str,
        steps: int,
        kind: str = "epsilon",
        options: dict[str, Any] | None = None,
        config: dict[str, Any] | None = None,
        seed: int = 3,
        batch: int = 1,
        scale: float = 1.0,
        rescale: float = 0.0,
    ) -> None:
        flow = kind == "flow_prediction"
        config = config or (FLOW if flow else {**DIFFUSION, "prediction_type": kind})
        self.config = ScheduleConfig.from_diffusers(config)
        self.schedule = make_schedule(self.config, sampler, steps, tokens=20)
        self.predicts = Predicts(kind, self.config.flow)
        recipe = Recipe(
            model="none",
            sampler=sampler,
            sampler_options=options or {},
            steps=steps,
            seed=seed,
            batch=batch,
            guidance_scale=scale,
            guidance_rescale=rescale,
        )
        self.recipe = recipe
        self.kept = Trajectory(
            "run", Record(recipe), self.schedule.levels, self.schedule.targets, 0
        )
        noise = Noise([recipe.single(i).seed for i in range(batch)], SHAPE)
        x = start(None, noise.start(), self.schedule.levels[0], self.schedule.noise_scale)
        for step in walk(
            self.predict, self.schedule, sampler, recipe.options(), State(0, x), noise
        ):
            self.kept.add(step, 0.0)

    def predict(self, x: Tensor, level: Level) -> Prediction:
        given = to_x0(self.predicts.kind, network(x, level.timestep), x, level)
        if self.recipe.guidance_scale == 1.0:
            return Prediction(given)
        without = to_x0(self.predicts.kind, network(x, 0.3 * level.timestep), x, level)
        parts = [
            guide(c, u, self.recipe.guidance_scale, self.recipe.guidance_rescale)
            for c, u in zip(given.split(1), without.split(1), strict=True)
        ]
        return Prediction(torch.cat(parts), (without, given))

    def denoise(self, x: Tensor, level: Level) -> Tensor:
        return self.predict(x, level).x0

    def explain(self, index: int, image: int = 0, place: Place | None = None) -> Explanation:
        return explain(self.kept, index, image, self.predicts, place)


def close(one: float, other: float, size: float = 1.0) -> bool:
    return math.isclose(one, other, rel_tol=2e-5, abs_tol=2e-5 * max(1.0, size))


def check(explanation: Explanation) -> None:
    """Each right side, with the numbers shown, is its left side; what is stored agrees."""
    for formula in explanation.formulas():
        size = formula.left.rms or 1.0
        result = evaluate(formula.right)
        exact = formula.check is None or formula.check.exact
        if exact:
            assert result == formula.left.value or close(result, formula.left.value, size), formula
        assert formula.check is None or formula.check.agrees, formula
        if formula.check and formula.check.exact:
            assert formula.check.worst < 5e-5 * max(1.0, size), formula
    assert_stored_is_reached(explanation)


def assert_stored_is_reached(explanation: Explanation) -> None:
    ends = [f for f in explanation.sections[-1].formulas if f.left.key == "x_next"]
    assert len(ends) >= 1


def test_every_sampler_is_explained() -> None:
    assert set(EXPLAINED) == set(SAMPLERS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_every_formula_comes_out(sampler: str, kind: str) -> None:
    for steps in (6, 17):
        run = Run(sampler, steps, kind)
        for index in range(steps):
            check(run.explain(index))


@settings(max_examples=25)
@given(data=st.data())
def test_every_formula_comes_out_with_any_options(data: st.DataObject) -> None:
    sampler = data.draw(st.sampled_from(sorted(SAMPLERS)))
    kind = data.draw(st.sampled_from(KINDS))
    options: dict[str, Any] = {}
    names = {option.name for option in SAMPLERS[sampler].options}
    if "eta" in names:
        options["eta"] = data.draw(st.sampled_from([0.0, 0.3, 1.0]))
    if "s_noise" in names:
        options["s_noise"] = data.draw(st.sampled_from([0.0, 1.0, 1.7]))
    if "variance" in names:
        options["variance"] = data.draw(st.sampled_from(["posterior", "beta"]))
    steps = data.draw(st.integers(1, 20))
    run = Run(sampler, steps, kind, options, seed=data.draw(st.integers(0, 9)), batch=2)
    index = data.draw(st.integers(0, steps - 1))
    place = Place(
        data.draw(st.integers(0, 2)), data.draw(st.integers(0, 3)), data.draw(st.integers(0, 4))
    )
    check(run.explain(index, data.draw(st.integers(0, 1)), place))


@pytest.mark.parametrize("sampler", ["ddim", "ddpm", "lcm"])
def test_from_pure_noise_there_is_no_form_that_divides_by_zero(sampler: str) -> None:
    config = {**DIFFUSION, "prediction_type": "v_prediction", "rescale_betas_zero_snr": True}
    run = Run(sampler, 5, "v_prediction", config=config)
    assert run.schedule.levels[0].alpha == 0
    first = run.explain(0)
    check(first)
    assert len(first.sections[1].formulas) == 3
    assert len(run.explain(1).sections[1].formulas) == 4


def test_the_numbers_are_those_of_the_saved_tensors() -> None:
    """Worked out anew from what is written to trajectory.safetensors."""
    run = Run("ddim", 8, options={"eta": 0.5}, batch=2)
    rows, index, image, place = run.kept.rows(), 3, 1, Place(2, 1, 4)
    shown = {
        symbol.key: symbol
        for section in run.explain(index, image, place).sections
        for symbol in section.legend
    }
    x, x0 = rows["x"][index, image].astype(float), rows["x0"][index, image].astype(float)
    alpha, sigma = rows["alpha"][index], rows["sigma"][index]
    eps = (x - alpha * x0) / sigma
    at = (2, 1, 4)
    for key, tensor in (
        ("x", x),
        ("x0", x0),
        ("eps", eps),
        ("v", alpha * eps - sigma * x0),
        ("u", eps - x0),
        ("x_next", rows["x"][index + 1, image].astype(float)),
    ):
        assert shown[key].value == pytest.approx(tensor[at], rel=1e-9)
        assert shown[key].rms == pytest.approx(np.sqrt((tensor**2).mean()), rel=1e-9)
    bar, bar1 = alpha**2, rows["alpha_to"][index] ** 2
    assert shown["bar"].value == pytest.approx(bar)
    assert shown["log_snr"].value == pytest.approx(math.log(bar / (1 - bar)))
    eta = 0.5 * math.sqrt((1 - bar1) / (1 - bar)) * math.sqrt(1 - bar / bar1)
    assert shown["up"].value == pytest.approx(eta)
    fresh = (
        rows["x"][index + 1, image] - math.sqrt(bar1) * x0 - math.sqrt(1 - bar1 - eta**2) * eps
    ) / eta
    assert shown["z"].value == pytest.approx(fresh[at], rel=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_the_models_own_form_is_marked_and_is_what_it_put_out(kind: str) -> None:
    run = Run("ddim", 5, kind)
    explanation = run.explain(2)
    (own,) = [formula for formula in explanation.formulas() if formula.own]
    assert own is explanation.sections[1].formulas[0]
    step, level = run.kept.at(2), run.schedule.levels[2]
    output = from_x0(kind, step.x0, step.before.x, level)[0, 0, 2, 2]
    keys = {"epsilon": "eps", "v_prediction": "v", "sample": "F", "flow_prediction": "u"}
    shown = {s.key: s for s in explanation.sections[1].legend}
    assert shown[keys[kind]].value == pytest.approx(float(output), abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_second_looks_that_are_worked_out_are_what_the_network_says(kind: str) -> None:
    heun = Run("heun", 6, kind)
    index = 2
    shown = {s.key: s for s in heun.explain(index).sections[-1].legend}
    here, there = heun.schedule.levels[index], heun.schedule.targets[index]
    step = heun.kept.at(index)
    eps = to_epsilon(step.x0, step.before.x, here)
    ahead = there.alpha * step.x0 + there.sigma * eps
    look = heun.denoise(ahead, there)
    slope = to_epsilon(look, ahead, there) - (look if heun.schedule.flow else 0)
    assert shown["d1"].value == pytest.approx(float(slope[0, 0, 2, 2]), abs=1e-3)

    twice = Run("dpmpp_2s_ancestral", 6, kind)
    legend = {s.key: s for s in twice.explain(index).sections[-1].legend}
    step, here = twice.kept.at(index), twice.schedule.levels[index]
    ratio = math.sqrt(here.ratio * legend["down"].value / twice.schedule.targets[index].alpha)
    middle = twice.schedule.at(ratio)
    eps = to_epsilon(step.x0, step.before.x, here)
    look = twice.denoise(middle.alpha * step.x0 + middle.sigma * eps, middle)
    assert legend["x0m"].value == pytest.approx(float(look[0, 0, 2, 2]), abs=1e-3)


@pytest.mark.parametrize(("scale", "rescale"), [(4.0, 0.0), (7.5, 0.7), (0.0, 0.0)])
def test_both_ways_to_write_guidance_are_the_stored_prediction(
    scale: float, rescale: float
) -> None:
    run = Run("dpmpp_2m", 6, scale=scale, rescale=rescale, batch=2)
    rows, index, image, at = run.kept.rows(), 3, 1, (0, 2, 2)
    explanation = run.explain(index, image)
    check(explanation)
    (section,) = [s for s in explanation.sections if s.title == "Guidance"]
    one, _, other, *rescaled = section.formulas
    u, c = (rows[name][index, image].astype(float) for name in ("x0_unprompted", "x0_prompted"))
    guided = u + scale * (c - u)
    assert evaluate(one.right) == pytest.approx(guided[at])
    assert evaluate(other.right) == pytest.approx(guided[at])
    end = rescaled[0] if rescale else one
    stored = rows["x0"][index, image]
    # The two parts are kept in half precision, and guidance multiplies what that loses.
    lost = 2.0**-10 * (1 + 2 * abs(scale)) * max(abs(u).max(), abs(c).max())
    assert end.check is not None
    assert end.left.value == stored[at]
    assert abs(evaluate(end.right) - stored[at]) <= end.check.worst <= lost
    if not rescale:
        assert end.check.worst == pytest.approx(abs(guided - stored).max())


def test_without_guidance_it_says_so() -> None:
    (section,) = [s for s in Run("ddim", 3).explain(1).sections if s.title == "Guidance"]
    assert not section.formulas
    assert "guidance is 1" in section.words


def test_a_place_outside_is_moved_inside_and_no_such_step_is_refused() -> None:
    run = Run("ddim", 4)
    assert run.explain(0).place == Place(0, 2, 2)
    assert run.explain(0, place=Place(99, -4, 99)).place == Place(2, 0, 4)
    with pytest.raises(BadInput, match="no step 4"):
        run.explain(4)


def test_a_branchs_first_steps_are_explained_by_its_parents_recipe() -> None:
    run = Run("ddim", 6, options={"eta": 1.0})
    parent = run.kept.record
    run.kept.record = Record(
        Recipe(model="none", sampler="euler", steps=6), origin=Origin("p", 3, parent)
    )
    assert run.explain(2).sections[-1].title == "The step: DDIM with η"
    check(run.explain(2))
    assert run.explain(3).title == "Step 3 · Euler"


def formulas_of(run: Run) -> list[Formula]:
    return [formula for i in range(4) for formula in run.explain(i).formulas()]


def test_as_text_and_as_latex_have_every_formula() -> None:
    for sampler in SAMPLERS:
        explanation = Run(sampler, 4).explain(1)
        text, tex = as_text(explanation), as_latex(explanation)
        assert tex.count("\\\\") + tex.count("\\end{align*}") == 2 * len(
            list(explanation.formulas())
        )
        assert tex.count("{") == tex.count("}")
        assert tex.count("\\left(") == tex.count("\\right)")
        body = "".join(line for line in tex.splitlines() if not line.startswith("%"))
        assert body.isascii()
        for section in explanation.sections:
            assert section.title in text
            assert len(section.words.split(". ")) <= 4


def test_it_says_where_the_next_step_takes_another_level_for_this_ones_end() -> None:
    config = {**DIFFUSION, "prediction_type": "epsilon", "timestep_spacing": "linspace"}
    run = Run("ddim", 7, config=config)
    assert run.schedule.targets[2] != run.schedule.levels[3]
    assert "which the next step takes for" in run.explain(2).sections[0].words
    assert "takes for" not in Run("euler", 7).explain(2).sections[0].words
    assert "takes for" not in run.explain(6).sections[0].words


def test_a_step_that_something_else_took_part_in_is_not_said_to_agree() -> None:
    run = Run("ddim", 5)
    step = run.kept.steps[2]
    run.kept.steps[2] = replace(step, after=replace(step.after, x=step.after.x + 0.01))
    explanation = run.explain(2)
    (check,) = [f.check for f in explanation.formulas() if f.check]
    assert not check.agrees
    assert "differs by up to 0.010" in as_text(explanation)
