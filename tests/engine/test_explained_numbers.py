"""Every number that is shown, recomputed by others from what is written to the disk.

Nothing of the explanation's own formulas is used: each sampler's step is worked out from its
paper here, in numpy, from the rows of the file that every run is kept in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open

from studio.core import events
from studio.core.explanation import Place
from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.core.request import Request
from studio.core.wishes import Explain
from studio.diffusion.prediction import KINDS
from studio.models.catalogue import Catalogue
from tests.engine.conftest import Bench
from tests.tiny import make_tiny

STEPS, INDEX, IMAGE, PLACE = 4, 2, 1, Place(3, 5, 9)
AT = (IMAGE, PLACE.channel, PLACE.row, PLACE.column)
SCALE = 3.5


@dataclass
class Shown:
    """What the panel shows, by key, and one row of the file."""

    values: dict[str, float]
    rows: dict[str, Any]

    def row(self, name: str, index: int = INDEX) -> float:
        return float(self.rows[name][index].astype(float)[AT])

    @property
    def a(self) -> float:
        return float(self.rows["alpha"][INDEX])

    @property
    def s(self) -> float:
        return float(self.rows["sigma"][INDEX])

    @property
    def a1(self) -> float:
        return float(self.rows["alpha_to"][INDEX])

    @property
    def s1(self) -> float:
        return float(self.rows["sigma_to"][INDEX])

    @property
    def eps(self) -> float:
        return (self.row("x") - self.a * self.row("x0")) / self.s

    @property
    def next(self) -> float:
        return self.row("x", INDEX + 1)


def ddim(of: Shown) -> float:
    bar, bar1 = of.a**2, of.a1**2
    sigma = 0.4 * math.sqrt((1 - bar1) / (1 - bar)) * math.sqrt(1 - bar / bar1)
    near(of.values["up"], sigma)
    mean = of.a1 * of.row("x0") + math.sqrt(1 - bar1 - sigma**2) * of.eps
    return mean + sigma * of.values["z"]


def ddpm(of: Shown) -> float:
    bar, bar1 = of.a**2, of.a1**2
    beta = 1 - bar / bar1
    mean = math.sqrt(bar1) * beta / (1 - bar) * of.row("x0")
    mean += math.sqrt(bar / bar1) * (1 - bar1) / (1 - bar) * of.row("x")
    posterior = (1 - bar1) / (1 - bar) * beta
    near(of.values["mean"], mean)
    near(of.values["beta"], beta)
    near(of.values["posterior"], posterior)
    return mean + math.sqrt(posterior) * of.values["z"]


def euler(of: Shown) -> float:
    return of.a1 * (of.row("x") / of.a + (of.s1 / of.a1 - of.s / of.a) * of.eps)


def split(of: Shown) -> tuple[float, float]:
    here, there = of.s / of.a, of.s1 / of.a1
    up = of.a1 * math.sqrt(there**2 * (here**2 - there**2) / here**2)
    down = math.sqrt(of.s1**2 - up**2)
    near(of.values["up"], up)
    near(of.values["down"], down)
    return up, down


def euler_ancestral(of: Shown) -> float:
    up, down = split(of)
    return of.a1 * of.row("x0") + down * of.eps + up * of.values["z"]


def heun(of: Shown) -> float:
    ds = of.s1 / of.a1 - of.s / of.a
    return of.a1 * (of.row("x") / of.a + ds * (of.eps + of.values["d1"]) / 2)


def second_order(of: Shown, eta: float) -> float:
    lam, lam1 = math.log(of.a / of.s), math.log(of.a1 / of.s1)
    before = math.log(of.rows["alpha"][INDEX - 1] / of.rows["sigma"][INDEX - 1])
    h, h0 = lam1 - lam, lam - before
    near(of.values["h"], h)
    near(of.values["hb"], h0)
    near(of.values["r"], math.exp(-h))
    x0, old = of.row("x0"), of.row("x0", INDEX - 1)
    near(of.values["x0_before"], old)
    mid = x0 + h / h0 / 2 * (x0 - old)
    near(of.values["D"], mid)
    found = of.s1 / of.s * math.exp(-eta * h) * of.row("x")
    found += of.a1 * (1 - math.exp(-(1 + eta) * h)) * mid
    if eta:
        found += of.s1 * math.sqrt(1 - math.exp(-2 * eta * h)) * of.values["z"]
    return found


def dpmpp_2s_ancestral(of: Shown) -> float:
    up, down = split(of)
    h = math.log(of.s * of.a1 / (of.a * down))
    found = down / of.s * of.row("x") + of.a1 * (1 - math.exp(-h)) * of.values["x0m"]
    return found + up * of.values["z"]


def lcm(of: Shown) -> float:
    t = float(of.rows["timestep"][INDEX]) * 10
    skip, out = 0.25 / (t**2 + 0.25), t / math.sqrt(t**2 + 0.25)
    jumped = skip * of.row("x") + out * of.row("x0")
    near(of.values["f"], jumped)
    return of.a1 * jumped + of.s1 * of.values["z"]


PAPERS: dict[str, tuple[dict[str, Any], Callable[[Shown], float]]] = {
    "ddim": ({"eta": 0.4}, ddim),
    "ddpm": ({}, ddpm),
    "euler": ({}, euler),
    "euler_ancestral": ({}, euler_ancestral),
    "heun": ({}, heun),
    "dpmpp_2m": ({}, lambda of: second_order(of, 0.0)),
    "dpmpp_2m_sde": ({"eta": 0.7}, lambda of: second_order(of, 0.7)),
    "dpmpp_2s_ancestral": ({}, dpmpp_2s_ancestral),
    "lcm": ({}, lcm),
}


def near(one: float, other: float, size: float = 1.0) -> None:
    assert one == pytest.approx(other, rel=1e-5, abs=1e-5 * size)


@pytest.fixture(scope="module", params=[kind for kind in KINDS if kind != "flow_prediction"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("models") / request.param, request.param)


def test_they_are_those_of_the_file_and_of_the_papers(bench: Bench, model: Path) -> None:
    catalogue: Catalogue = bench.catalogue
    name = catalogue.add(model).name
    for sampler, (options, paper) in PAPERS.items():
        recipe = Recipe(
            model=name,
            prompt="red",
            size=Size(64, 64),
            steps=STEPS,
            seed=7,
            batch=2,
            guidance_scale=SCALE,
            sampler=sampler,
            sampler_options=options,
        )
        finished = bench.finish(Request(recipe))
        bench.engine.ask(Explain(finished.run, INDEX, IMAGE, PLACE))
        told = bench.until(events.Explained)
        assert isinstance(told, events.Explained)
        assert told.explanation is not None
        saved = bench.folders.data / "runs" / f"{finished.run}.safetensors"
        with safe_open(saved, framework="numpy") as file:
            rows = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        symbols = {s.key: s for part in told.explanation.sections for s in part.legend}
        of = Shown({key: symbol.value for key, symbol in symbols.items()}, rows)
        for key, found in (
            ("x", of.row("x")),
            ("x0", of.row("x0")),
            ("x_next", of.next),
            ("without", of.row("x0_unprompted")),
            ("given", of.row("x0_prompted")),
            ("bar", of.a**2),
            ("bar1", of.a1**2),
            ("t", float(rows["timestep"][INDEX])),
            ("log_snr", float(rows["log_snr"][INDEX])),
            ("scale", SCALE),
            ("w", SCALE - 1),
        ):
            assert of.values[key] == pytest.approx(found, rel=1e-9), key
        near(of.values["eps"], of.eps)
        near(of.values["v"], of.a * of.eps - of.s * of.row("x0"))
        near(of.values["u"], of.eps - of.row("x0"))
        for key, name_ in (("x", "x"), ("x0", "x0"), ("given", "x0_prompted")):
            whole = rows[name_][INDEX, IMAGE].astype(float)
            assert symbols[key].rms == pytest.approx(np.sqrt((whole**2).mean()), rel=1e-9)
        near(paper(of), of.next, max(1.0, float(np.abs(rows["x"][INDEX + 1]).max())))
