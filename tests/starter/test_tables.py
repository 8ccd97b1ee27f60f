"""What is measured of the starter model, on an untrained one and on points of known distance."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.diffusion.levels import Level
from studio.diffusion.loop import walk
from studio.diffusion.schedule import ScheduleConfig, make_schedule
from studio.diffusion.state import Prediction, State
from studio.starter.__main__ import MEASURES
from studio.starter.config import Config
from studio.starter.denoiser import build_scheduler
from studio.starter.frechet import Space, frechet, patches
from studio.starter.laboratory import Manner, latents, pictures
from studio.starter.probe import Probe
from studio.starter.repaint import heeded, repaint, repaintings
from studio.starter.report import PARTS, Extent, Report
from studio.starter.sampling import Networks
from studio.starter.scene import is_held_out
from studio.starter.tables import NOISES, Cell, bound_terms, markdown, sampler_latents
from studio.starter.train import Run

# WORKAROUND diffusers 0.42: it announces a rename and deprecates sharing its own options.
pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def networks(tiny: Config, tmp_path_factory: pytest.TempPathFactory) -> Networks:
    torch.set_num_threads(1)
    return Run(tmp_path_factory.mktemp("run"), tiny).networks


def test_the_distance_of_gaussians_is_the_closed_form() -> None:
    """For commuting covariances it is |m₁ − m₂|² + Σ (s₁ − s₂)² over the axes' deviations."""
    rng = np.random.default_rng(0)
    turn, _ = np.linalg.qr(rng.standard_normal((4, 4)))
    points = rng.standard_normal((500, 4))
    points -= points.mean(axis=0)
    points = points @ np.linalg.inv(np.linalg.cholesky(np.cov(points, rowvar=False))).T
    s1, s2, apart = np.array([1.0, 2, 3, 4]), np.array([2.0, 2, 1, 0.5]), np.array([1.0, 0, 2, 0])
    one, other = (points * s1) @ turn, (points * s2 + apart) @ turn
    assert frechet(one, other) == pytest.approx(5 + ((s1 - s2) ** 2).sum(), rel=1e-9)
    assert frechet(one, one) == pytest.approx(0, abs=1e-9)


def test_the_space_of_renders_has_unit_axes() -> None:
    rng = np.random.default_rng(1)
    seen = rng.standard_normal((400, 9)) * np.arange(1, 10) + 3
    points = Space.of(seen, 4)(seen)
    np.testing.assert_allclose(np.cov(points, rowvar=False), np.eye(4), atol=1e-9)


def test_a_picture_is_the_same_alone_as_in_its_batch(networks: Networks) -> None:
    words = ["a red house", "a tent at night", "by the sea"]
    manner = Manner(steps=3, guidance=2.0)
    (many,) = latents(networks, words, manner, seed=4)
    (alone,) = latents(networks, words[2:], manner, seed=6)
    torch.testing.assert_close(many[2:], alone, atol=2e-2, rtol=2e-2)
    assert not torch.allclose(many[0], many[1], atol=0.1)


def test_pictures_are_as_large_as_the_model_makes_them(networks: Networks, tiny: Config) -> None:
    made = pictures(networks, ["fog"], Manner(steps=2), seed=0)
    assert made.shape == (1, tiny.size, tiny.size, 3)


def test_more_noise_is_another_row(networks: Networks) -> None:
    noises = (("η = 0", "ddim", {"eta": 0.0}), ("σ̂", "ddpm", {"variance": "beta"}))
    made = list(sampler_latents(networks, ["fog"], seed=1, steps=(2, 4), noises=noises))
    assert [(row, column) for row, column, _ in made] == [
        ("η = 0", "S = 2"),
        ("σ̂", "S = 2"),
        ("η = 0", "S = 4"),
        ("σ̂", "S = 4"),
    ]
    assert not torch.equal(made[0][2], made[1][2])
    (alone,) = latents(networks, ["fog"], Manner(steps=4, spacing="leading"), seed=1)
    torch.testing.assert_close(made[2][2], alone)
    cells = [Cell(row, column, float(k)) for k, (row, column, _) in enumerate(made, 1)]
    assert markdown(cells, "").splitlines()[2:] == [
        "| η = 0 | 1.00 | 3.00 |",
        "| σ̂ | 2.00 | 4.00 |",
    ]


def left_of(variance: float, sampler: str, options: dict[str, float | str], steps: int) -> float:
    """The variance of Gaussian numbers that are denoised perfectly, as a share of `variance`.

    Every step is linear, so it is the sum of the squares of what the noise at the start and that
    of each step become.
    """
    config = ScheduleConfig.from_diffusers(dict(build_scheduler(4.0).config))
    schedule = make_schedule(config, sampler, steps, "leading")

    def perfect(x: torch.Tensor, level: Level) -> Prediction:
        return Prediction(level.alpha * variance / (level.alpha**2 * variance + level.sigma**2) * x)

    def noise(step: int, draw: int) -> torch.Tensor:
        unit = torch.zeros(steps + 1, dtype=torch.float64)
        unit[step + 1] = 1
        return unit

    state = State(0, noise(-1, 0))
    for step in walk(perfect, schedule, sampler, options, state, noise):
        state = step.after
    return float(state.x.square().sum()) / variance


@pytest.mark.parametrize("variance", [4.0, 0.7, 0.2, 0.06])
def test_with_a_perfect_denoiser_the_table_has_the_papers_order(variance: float) -> None:
    """Fréchet distances of Gaussians, as variances of the model's latents from coarse to fine."""
    table = []
    for steps in (10, 20, 50, 100, 1000):
        ends = [left_of(variance, sampler, options, steps) for _, sampler, options in NOISES]
        table.append([(1 - share**0.5) ** 2 for share in ends])
        if steps <= 100:
            assert all(a < b for a, b in itertools.pairwise(table[-1][:4]))
        assert ends[4] > max(ends[:4]), "σ̂ leaves more noise"
    for column in range(4):
        assert all(a[column] > b[column] for a, b in itertools.pairwise(table))


def test_patches_are_overlapping_squares_of_all_channels() -> None:
    z = np.arange(2 * 3 * 6 * 6).reshape(2, 3, 6, 6)
    cut = patches(z, 4)
    assert cut.shape == (2 * 2 * 2, 3 * 4 * 4)
    np.testing.assert_array_equal(cut[1].reshape(3, 4, 4), z[0, :, :4, 2:])
    np.testing.assert_array_equal(patches(z, 8), z.reshape(2, -1))


def test_a_table_has_room_for_what_is_missing() -> None:
    cells = [Cell("a", "x", 1.0), Cell("b", "y", 2.0)]
    assert markdown(cells, "").splitlines()[2:] == ["| a | 1.00 |  |", "| b |  | 2.00 |"]


def test_the_bounds_terms_add_up_to_what_a_perfect_guess_leaves(networks: Networks) -> None:
    clean = torch.randn(3, 4, 4, 4, generator=torch.Generator().manual_seed(0))
    terms = bound_terms(networks, clean, ["fog"] * 3, seed=1, levels=6)
    assert [term.level.timestep for term in terms] == sorted(
        (term.level.timestep for term in terms), reverse=True
    )
    for here, there in itertools.pairwise(terms):
        rise = np.exp(there.level.log_snr) - np.exp(here.level.log_snr)
        assert here.term == pytest.approx(0.5 * rise * here.x0, rel=1e-6)
        assert here.epsilon == pytest.approx(np.exp(here.level.log_snr) * here.x0, rel=1e-6)
    assert terms[-1].term == 0


def test_what_is_painted_over_is_asked_to_be_another(networks: Networks) -> None:
    tasks = repaintings(3, 4)
    assert [task.attribute for task in tasks] == ["building", "light"] * 2
    for task in tasks:
        assert getattr(task.before, task.attribute) != getattr(task.after, task.attribute)
        assert task.before.layout == task.after.layout
        assert not is_held_out(task.after)
        left, top, right, bottom = task.box
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
    before, after = repaint(networks, tasks[:2], steps=2, guidance=2.0, seed=1)
    for task, was, now in zip(tasks, before, after, strict=False):
        side = len(was)
        left, top, right, bottom = (round(side * edge) for edge in task.box)
        changed = (was != now).any(axis=2)
        assert changed[top:bottom, left:right].any()
        changed[top:bottom, left:right] = False
        assert not changed.any()
    assert len(heeded(Probe(), tasks[:2], after)) == 2


def test_every_part_of_the_report_is_written(networks: Networks, tmp_path: Path) -> None:
    assert tuple(PARTS) == MEASURES
    torch.manual_seed(0)
    extent = Extent(seen=4, held_out=3, table=4, repainted=2, steps=2)
    report = Report(networks, Probe(), extent, tmp_path)
    for name in ("adherence", "bound", "inpainting"):
        texts = list(PARTS[name](report))
        assert all("|---" in text for text in texts)
        assert ("dB" in texts[0]) == (name == "adherence")
    assert (tmp_path / "inpainting.png").exists()
    assert (tmp_path / "seen.png").exists()


def test_the_distances_are_to_renders(
    networks: Networks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.starter.report.RENDERS", 40)
    monkeypatch.setattr("studio.starter.report.STEPS", (2, 3))
    torch.manual_seed(0)
    report = Report(networks, Probe(), replace(Extent(), table=4, steps=2), tmp_path)
    (text,) = PARTS["guidance"](report)
    assert text.count("\n|") == 2 + 7
    texts = list(PARTS["samplers"](report))
    assert [text.count("\n|") for text in texts] == [2 + 5, 2 + 5]
    assert ["latents" in text for text in texts] == [True, False]
    assert texts[0].splitlines()[2] == "|  | S = 2 | S = 3 |"
