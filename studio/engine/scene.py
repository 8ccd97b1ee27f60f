"""One kept step and its surroundings, as the symbols that its formulas are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from studio.core.explanation import Formula, Place
from studio.core.maths import Symbol, Term, sqrt
from studio.core.options import Value
from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.diffusion.noise import Noise
from studio.diffusion.prediction import to_epsilon
from studio.diffusion.state import Step
from studio.engine.notebook import Notebook


@dataclass(frozen=True)
class Scene:
    """A step of one picture. `x`, `x0`, `eps` and `x_next` are the tensors that are stored, or
    follow from these; `a`, `s` are the level it is at, `a1`, `s1` the one it goes to."""

    notes: Notebook
    step: Step
    """Of one picture: tensors [1, C, H, W]."""
    here: Level
    there: Level
    next: Level | None
    """Where the next step starts, which some samplers let differ from `there`; None at the end."""
    recipe: Recipe
    """As it held at this step."""
    options: Mapping[str, Value]
    steps: int
    flow: bool
    x: Symbol
    x0: Symbol
    eps: Symbol
    x_next: Symbol
    a: Symbol
    s: Symbol
    a1: Symbol
    s1: Symbol
    bar: Symbol
    bar1: Symbol

    @property
    def index(self) -> int:
        return self.step.before.index

    @property
    def preserving(self) -> bool:
        """Whether alpha² + sigma² = 1, before and after: then ᾱ says it all."""
        levels = (self.here, self.there)
        return all(abs(v.alpha**2 + v.sigma**2 - 1) < 1e-9 for v in levels)

    @property
    def signal(self) -> Term:
        """√ᾱ_t, or α_t where ᾱ is not enough."""
        return sqrt(self.bar) if self.preserving else self.a

    @property
    def noise(self) -> Term:
        """√(1 − ᾱ_t), or σ_t."""
        return sqrt(1 - self.bar) if self.preserving else self.s

    @property
    def signal1(self) -> Term:
        return sqrt(self.bar1) if self.preserving else self.a1

    @property
    def noise1(self) -> Term:
        return sqrt(1 - self.bar1) if self.preserving else self.s1

    def fresh(self) -> Symbol:
        """The noise that the sampler drew in this step, drawn again."""
        shape = tuple(self.step.x0.shape[1:])
        drawn = Noise([self.recipe.seed], shape)(self.index)
        return self.notes.tensor(
            "z", "z", "noise drawn anew in this step, from (seed, step)", drawn, hue="fresh"
        )

    def option(self, name: str, letter: str, meaning: str) -> Symbol:
        return self.notes.number(name, letter, meaning, float(self.options[name]), hue="choice")

    def arrive(self, right: Term) -> Formula:
        """Where the step goes, against the stored next x."""
        return self.notes.stored(self.x_next, right)


def make_scene(
    step: Step,
    here: Level,
    there: Level,
    after: Level | None,
    recipe: Recipe,
    steps: int,
    flow: bool,
    place: Place,
) -> Scene:
    """`step` is of one picture and `recipe` is that picture's own (its seed, batch 1)."""
    n = Notebook(place)
    x0, x = step.x0.double(), step.before.x.double()
    return Scene(
        n,
        step,
        here,
        there,
        after,
        recipe,
        recipe.options(),
        steps,
        flow,
        x=n.tensor("x", "x", "the noisy sample before the step", x, sub="t"),
        x0=n.tensor("x0", "x", "the clean picture predicted", x0, "hat", "0", hue="clean"),
        eps=n.tensor(
            "eps",
            "ε",
            "the noise that is in x_t if x̂₀ is right",
            _epsilon(x0, x, here),
            sub="t",
            hue="noise",
        ),
        x_next=n.tensor(
            "x_next", "x", "the noisy sample after the step", step.after.x, sub="t′", hue="next"
        ),
        a=n.number("a", "α", "how much picture x_t holds (its factor)", here.alpha, sub="t"),
        s=n.number("s", "σ", "how much noise x_t holds (its deviation)", here.sigma, sub="t"),
        a1=n.number(
            "a1", "α", "how much picture after the step", there.alpha, sub="t′", hue="next"
        ),
        s1=n.number("s1", "σ", "how much noise after the step", there.sigma, sub="t′", hue="next"),
        bar=n.number(
            "bar", "α", "the picture's share of x_t's variance", here.alpha**2, "bar", "t"
        ),
        bar1=n.number(
            "bar1",
            "α",
            "the same after the step",
            there.alpha**2,
            "bar",
            "t′",
            hue="next",
        ),
    )


def _epsilon(x0: Tensor, x: Tensor, here: Level) -> Tensor:
    return to_epsilon(x0, x, here)
