"""Every family, in the whole engine: a trajectory, a pause, an edit, a branch, a fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open

from studio.core import events
from studio.core.edits import Edit
from studio.core.geometry import Size
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.core.request import Fork, Request
from studio.core.samplers import SAMPLERS
from studio.core.wishes import Explain, Look, View
from studio.engine.replay import replay_request
from studio.imaging.metadata import read_record
from tests.engine.conftest import Bench
from tests.models.rows_unet import make_lcm, make_two
from tests.models.tiny_flow import make_flux, make_pixart, make_sd3, make_z_image
from tests.models.tiny_lecture import make_ddpm, make_dit
from tests.models.tiny_sdxl import make_sdxl
from tests.tiny import make_tiny

STEPS, MIDDLE = 4, 2
FAMILIES: dict[str, Callable[[Path], Path]] = {
    "Stable Diffusion 3": make_sd3,
    "FLUX.1 dev": make_flux,
    "FLUX.1 schnell": partial(make_flux, guidance=False),
    "FLUX.1 Fill": partial(make_flux, fill=True),
    "Z-Image": partial(make_z_image, shift=6.0),
    "PixArt-Σ": make_pixart,
    "Stable Diffusion": make_tiny,
    "Stable Diffusion, v, zero SNR": make_two,
    "Stable Diffusion, inpainting": partial(make_tiny, in_channels=9),
    "Stable Diffusion XL": make_sdxl,
    "Stable Diffusion XL, LCM": make_lcm,
    "Stable Diffusion XL, inpainting": partial(make_sdxl, in_channels=9),
    "DDPM": make_ddpm,
    "DiT": make_dit,
}
EXPLAINED = ["FLUX.1 dev", "PixArt-Σ", "Stable Diffusion, v, zero SNR", "DDPM"]
"""One that flows, and three that diffuse: from a rest of signal, from none, and clipped."""


@dataclass(frozen=True)
class Words:
    """What a family is told, at first and then. `changes`: an edit for one that takes no words."""

    prompt: str = "a red boat"
    edited: str = "a blue sea"
    negative: str = "fog"
    another: str = "rain"
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def edit(self) -> Mapping[str, Any]:
        return self.changes or {"prompt": self.edited}


WORDS = {
    "DiT": Words("golden retriever", "goldfish", "goldfish", "tench"),
    "DDPM": Words("", "", "", "", {"sampler_options": {"eta": 1.0}}),
}


@dataclass(frozen=True)
class Case:
    """An engine with one model in its catalogue, and a recipe for it as its window begins with."""

    bench: Bench
    recipe: Recipe
    words: Words

    def made(self, request: Request) -> np.ndarray:
        return pixels(self.bench.finish(request))


@pytest.fixture(scope="module", params=FAMILIES)
def case(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Case]:
    folder = tmp_path_factory.mktemp("family")
    bench = Bench(folder)
    info = bench.catalogue.add(FAMILIES[request.param](folder / "model"))
    able, words = info.abilities, WORDS.get(request.param, Words())
    recipe = Recipe(
        prompt=words.prompt,
        negative_prompt=words.negative,
        model=info.name,
        size=Size(64, 48),
        steps=STEPS,
        sampler=able.default_sampler,
        guidance_scale=able.default_guidance,
        seed=7,
    )
    yield Case(bench, recipe, words)
    bench.close()


def pixels(finished: events.Finished) -> np.ndarray:
    return finished.results[0].picture.pixels


def photo(size: Size) -> Picture:
    chance = np.random.default_rng(3)
    return Picture(chance.integers(0, 255, (size.height, size.width, 3), np.uint8))


def spot(size: Size) -> Mask:
    painted = np.zeros((size.height, size.width), np.uint8)
    painted[30:70, 40:90] = 255
    return Mask(painted)


def test_a_run_tells_every_step_and_every_view_of_it(case: Case) -> None:
    bench = case.bench
    finished = bench.finish(Request(case.recipe))
    steps = bench.of(events.Stepped, finished.run)
    assert [step.index for step in steps] == list(range(STEPS))  # type: ignore[attr-defined]
    assert steps[-1].sigma < steps[0].sigma  # type: ignore[attr-defined]
    shown: list[View] = ["x0", "x", "noise", "change"]
    if bench.catalogue.find(case.recipe.model).abilities.negative_prompt:
        shown += ["prompted", "unprompted", "guidance"]
    for view in shown:
        bench.engine.ask(Look(finished.run, MIDDLE, view=view))
        looked = bench.until(events.Looked)
        while not looked.exact:  # type: ignore[attr-defined]
            looked = bench.until(events.Looked)
        assert looked.picture.size == case.recipe.size  # type: ignore[attr-defined]


def test_it_is_paused_and_edited_and_replays_from_its_file(case: Case) -> None:
    bench, plain = case.bench, case.made(Request(case.recipe))
    run = bench.engine.submit(Request(case.recipe))
    bench.engine.pause(run)
    bench.until(events.Paused, run=run)
    while (paused := bench.told[-1]) and paused.index < MIDDLE:  # type: ignore[attr-defined]
        bench.engine.step_once(run)
        bench.until(events.Paused, run=run)
    bench.engine.edit(run, Edit(0, case.words.edit), None)
    assert isinstance(bench.until(events.Edited, events.Warned, run=run), events.Edited)
    bench.engine.resume(run)
    finished = bench.until(events.Finished, events.Failed, run=run)
    assert isinstance(finished, events.Finished), finished
    assert not np.array_equal(pixels(finished), plain)
    record = read_record(finished.results[0].path)
    assert record.recipe.edits == (Edit(MIDDLE, case.words.edit),)
    again = replay_request(record, bench.library, lambda request: bench.finish(request).run)
    assert np.array_equal(case.made(again), pixels(finished))


def test_a_branch_is_bit_identical_from_every_step(case: Case) -> None:
    whole = case.bench.finish(Request(case.recipe))
    for step in range(STEPS + 1):
        branch = case.made(Request(case.recipe.going_on(step), fork=Fork(whole.run, step)))
        assert np.array_equal(branch, pixels(whole))


def test_a_fill_leaves_every_pixel_outside_as_it_was(case: Case) -> None:
    source = photo(Size(150, 110))
    mask, recipe = spot(source.size), replace(case.recipe, feather=0)
    result = case.bench.finish(Request(recipe, source, mask)).results[0]
    assert result.changed_outside == 0
    changed = (result.picture.pixels != source.pixels).any(axis=2)
    assert not changed[mask.pixels == 0].any()
    assert changed[mask.pixels > 0].mean() > 0.9


def test_a_picture_is_refined(case: Case) -> None:
    recipe = replace(case.recipe, strength=0.5)
    finished = case.bench.finish(Request(recipe, photo(Size(64, 48))))
    steps = case.bench.of(events.Stepped, finished.run)
    assert [step.index for step in steps] == [2, 3]  # type: ignore[attr-defined]
    assert finished.results[0].picture.size == recipe.size


def test_what_it_is_told_changes_the_picture(case: Case) -> None:
    """So that agreement elsewhere is not that of two deaf networks."""
    plain = case.made(Request(case.recipe)).astype(int)
    able = case.bench.catalogue.find(case.recipe.model).abilities
    others = [replace(case.recipe, **case.words.edit)]
    if able.guided:
        others.append(replace(case.recipe, guidance_scale=case.recipe.guidance_scale + 5))
    if able.negative_prompt:
        others.append(replace(case.recipe, negative_prompt=case.words.another))
    for recipe in others:
        assert np.abs(case.made(Request(recipe)) - plain).max() > 0


@pytest.mark.parametrize("case", EXPLAINED, indirect=True)
@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_every_sampler_draws_and_is_explained(case: Case, sampler: str, tmp_path: Path) -> None:
    """Over levels from pure noise to none: no division by nothing, and no NaN."""
    bench, recipe = case.bench, replace(case.recipe, sampler=sampler, seed=11)
    finished = bench.finish(Request(recipe, trajectory=tmp_path / "steps"))
    with safe_open(tmp_path / "steps" / "trajectory.safetensors", "np") as file:
        for name in ("x", "x0"):
            assert np.isfinite(file.get_tensor(name)).all()
    checks = []
    for index in range(STEPS):
        bench.engine.ask(Explain(finished.run, index, 0))
        told = bench.until(events.Explained)
        assert told.explanation is not None, told  # type: ignore[attr-defined]
        checks += [
            formula.check
            for section in told.explanation.sections  # type: ignore[attr-defined]
            for formula in section.formulas
            if formula.check
        ]
    assert checks
    assert all(check.agrees for check in checks)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("FLUX.1 dev", "told the guidance, 3.5"),
        ("FLUX.1 schnell", "does without guidance"),
        ("DDPM", "takes no words"),
    ],
    indirect=["case"],
)
def test_why_there_is_one_prediction_is_said(case: Case, words: str) -> None:
    run = case.bench.finish(Request(case.recipe)).run
    case.bench.engine.ask(Explain(run, 1, 0))
    told = case.bench.until(events.Explained)
    sections = {s.title: s.words for s in told.explanation.sections}  # type: ignore[attr-defined]
    assert words in sections["Guidance"]


@pytest.mark.parametrize("case", ["DDPM"], indirect=True)
def test_that_pixels_are_clipped_is_said(case: Case) -> None:
    run = case.bench.finish(Request(case.recipe)).run
    case.bench.engine.ask(Explain(run, 1, 0))
    told = case.bench.until(events.Explained)
    sections = {s.title: s.words for s in told.explanation.sections}  # type: ignore[attr-defined]
    assert "clipped to −1…1" in sections["The prediction"]
