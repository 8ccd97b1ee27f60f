from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.errors import BadInput
from studio.diffusion.levels import Level
from studio.diffusion.prediction import KINDS, to_epsilon, to_x0
from tests.predictions import from_x0

angles = st.floats(0.05, math.pi / 2 - 0.05)
PURE = Level(0.0, 1.0, 999.0)


def preserving(angle: float) -> Level:
    return Level(math.cos(angle), math.sin(angle), 0.0)


def flowing(angle: float) -> Level:
    sigma = angle * 2 / math.pi
    return Level(1 - sigma, sigma, 0.0)


def exploding(angle: float) -> Level:
    return Level(1.0, math.tan(angle), 0.0)


levels = st.builds(
    lambda make, angle: make(angle), st.sampled_from([preserving, flowing, exploding]), angles
)


def sample(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x0, epsilon = torch.randn(2, 1, 2, 3, 3, generator=generator, dtype=torch.float64)
    return x0, epsilon


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(KINDS), levels, st.integers(0, 10**6))
def test_there_and_back(kind: str, level: Level, seed: int) -> None:
    x0, epsilon = sample(seed)
    x = level.alpha * x0 + level.sigma * epsilon
    torch.testing.assert_close(to_epsilon(x0, x, level), epsilon, rtol=1e-9, atol=1e-9)
    output = from_x0(kind, x0, x, level)
    torch.testing.assert_close(to_x0(kind, output, x, level), x0, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(from_x0(kind, to_x0(kind, output, x, level), x, level), output)


@settings(max_examples=20, deadline=None)
@given(levels, st.integers(0, 10**6))
def test_each_kind_is_what_its_paper_says(level: Level, seed: int) -> None:
    x0, epsilon = sample(seed)
    x = level.alpha * x0 + level.sigma * epsilon
    wanted = {
        "epsilon": epsilon,
        "v_prediction": level.alpha * epsilon - level.sigma * x0,
        "sample": x0,
        "flow_prediction": epsilon - x0,
    }
    assert set(wanted) == set(KINDS)
    for kind, output in wanted.items():
        torch.testing.assert_close(from_x0(kind, x0, x, level), output, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "epsilon"])
def test_from_pure_noise_all_but_epsilon_know_x0(kind: str) -> None:
    x0, epsilon = sample(3)
    output = from_x0(kind, x0, epsilon, PURE)
    torch.testing.assert_close(to_x0(kind, output, epsilon, PURE), x0)


def test_what_cannot_be_known_is_refused() -> None:
    x0, epsilon = sample(1)
    with pytest.raises(BadInput, match="zero"):
        to_x0("epsilon", epsilon, epsilon, PURE)
    with pytest.raises(ValueError, match="sigma = 0"):
        to_epsilon(x0, x0, Level(1.0, 0.0, 0.0))
    for convert in (to_x0, from_x0):
        with pytest.raises(ValueError, match="none of"):
            convert("wavelets", x0, epsilon, PURE)
