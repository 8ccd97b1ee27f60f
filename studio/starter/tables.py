"""The papers' tables for this model: samplers, guidance, and the loss over the noise levels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.diffusion.levels import Level
from studio.diffusion.noise import Noise
from studio.starter.laboratory import (
    BATCH,
    Manner,
    latents,
    pictures,
    predictor,
    schedule_of,
)
from studio.starter.sampling import Networks

STEPS = (10, 20, 50, 100, 1000)
NOISES: tuple[tuple[str, str, dict[str, float | str]], ...] = (
    ("η = 0", "ddim", {"eta": 0.0}),
    ("η = 0.2", "ddim", {"eta": 0.2}),
    ("η = 0.5", "ddim", {"eta": 0.5}),
    ("η = 1", "ddim", {"eta": 1.0}),
    ("σ̂", "ddpm", {"variance": "beta"}),
)
"""The rows of table 1 of the DDIM paper (Song, Meng & Ermon 2021): its σ̂ is DDPM with βₜ."""
SCALES = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)

Score = Callable[[npt.NDArray[np.uint8]], float]
"""A number for a set of pictures (n, side, side, 3)."""


@dataclass(frozen=True)
class Cell:
    """One number of a table, and where it stands."""

    row: str
    column: str
    value: float


def sampler_latents(
    networks: Networks,
    captions: Sequence[str],
    *,
    seed: int,
    steps: Sequence[int],
    noises: Sequence[tuple[str, str, dict[str, float | str]]] = NOISES,
) -> Iterator[tuple[str, str, Tensor]]:
    """Row, column and latents of each number of steps with each amount of noise.

    One picture a caption, without guidance, in every cell from the same seeds. The timesteps are
    the paper's, every (T/S)-th from the start: so the last stretch is short. With "trailing" it is
    long, and ends in the same blurred guess whatever the noise was before.
    """
    for count in steps:
        for name, sampler, options in noises:
            manner = Manner(sampler, dict(options), count, spacing="leading")
            yield name, f"S = {count}", torch.cat(list(latents(networks, captions, manner, seed)))


def guidance_cells(
    networks: Networks,
    captions: Sequence[str],
    scores: dict[str, Score],
    *,
    seed: int,
    steps: int = 20,
    scales: Sequence[float] = SCALES,
) -> Iterator[Cell]:
    """Each score at each guidance scale, by deterministic DDIM."""
    for scale in scales:
        made = pictures(networks, captions, Manner(steps=steps, guidance=scale), seed)
        for name, score in scores.items():
            yield Cell(f"{scale:g}", name, score(made))


@dataclass(frozen=True)
class Bound:
    """The loss at one noise level, means over pictures and latent numbers.

    `x0`: ‖x0 − x̂0‖², `epsilon`: the same as an error of the noise, `term`: its share of the
    variational bound in nats a number, ½·(SNR(s) − SNR(t))·‖x0 − x̂0‖² for the stretch from the
    level before (Kingma et al. 2021, equation 13).
    """

    level: Level
    x0: float
    epsilon: float
    term: float


@torch.no_grad()
def bound_terms(
    networks: Networks,
    clean: Tensor,
    captions: Sequence[str],
    *,
    seed: int,
    levels: int = 25,
) -> list[Bound]:
    """The terms over `levels` stretches of the schedule, for latents (n, c, h, w) and captions."""
    schedule = schedule_of(networks, Manner("ddpm", {}, levels))
    steps = schedule.levels[:-1]
    found = []
    for index, here in enumerate(steps):
        errors = []
        for first in range(0, len(clean), BATCH):
            x0 = clean[first : first + BATCH]
            noise = Noise(range(seed + first, seed + first + len(x0)), tuple(x0.shape[1:]))
            x = here.alpha * x0 + here.sigma * noise(index)
            predict = predictor(networks, captions[first : first + BATCH], 1.0)
            errors.append((predict(x, here).x0 - x0).square().mean(dim=(1, 2, 3)))
        error = float(torch.cat(errors).mean())
        snr = (here.alpha / here.sigma) ** 2
        cleaner = steps[index + 1] if index + 1 < len(steps) else None
        # The last stretch ends at a clean picture, where the bound has another term.
        rise = (cleaner.alpha / cleaner.sigma) ** 2 - snr if cleaner else 0.0
        found.append(Bound(here, error, error * snr, 0.5 * rise * error))
    return found


def markdown(cells: Sequence[Cell], corner: str, form: str = "{:.2f}") -> str:
    """A table with a row a `row` and a column a `column`, in the order they first appear."""
    rows = list(dict.fromkeys(cell.row for cell in cells))
    columns = list(dict.fromkeys(cell.column for cell in cells))
    values = {(cell.row, cell.column): form.format(cell.value) for cell in cells}
    lines = [f"| {corner} | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for row in rows:
        told = " | ".join(values.get((row, column), "") for column in columns)
        lines.append(f"| {row} | {told} |")
    return "\n".join(lines) + "\n"


def bound_markdown(terms: Sequence[Bound]) -> str:
    """The levels from noise to picture, with their losses."""
    lines = ["| t | log-SNR | ‖x0 − x̂0‖² | ‖ε − ε̂‖² | bound, nats |", "|---|---|---|---|---|"]
    for term in terms:
        lines.append(
            f"| {term.level.timestep:.0f} | {term.level.log_snr:.2f} | {term.x0:.4f} | "
            f"{term.epsilon:.4f} | {term.term:.4f} |"
        )
    return "\n".join(lines) + "\n"
