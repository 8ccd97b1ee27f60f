"""Muon: what one update is, and that it learns."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studio.starter.config import Config
from studio.starter.denoiser import Learner, build_unet, hidden_matrices
from studio.starter.lessons import Optimized
from studio.starter.muon import Muon, orthogonalized


@given(st.integers(1, 24), st.integers(1, 24), st.integers(0, 99), st.floats(1e-6, 1e6))
def test_singular_values_come_near_one(rows: int, columns: int, seed: int, scale: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    left = torch.linalg.qr(torch.randn(rows, rows, generator=generator)).Q
    right = torch.linalg.qr(torch.randn(columns, columns, generator=generator)).Q
    least = min(rows, columns)
    values = torch.linspace(0.2, 1, least)
    matrix = left[:, :least] @ values.diag() @ right[:least] * scale
    found = torch.linalg.svdvals(orthogonalized(matrix))
    assert found.shape == values.shape
    assert found.min() > 0.6
    assert found.max() < 1.3


def test_the_directions_stay() -> None:
    generator = torch.Generator().manual_seed(1)
    matrix = torch.randn(6, 9, generator=generator)
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    cosine = (orthogonalized(matrix) * (u @ v)).sum() / (orthogonalized(matrix).norm() * 6**0.5)
    assert cosine > 0.97


@pytest.mark.parametrize("shape", [(8, 8), (4, 64), (64, 4), (8, 4, 3, 3)])
def test_an_update_is_a_fifth_of_the_rate_whatever_the_shape(shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(2)
    weight = torch.nn.Parameter(torch.zeros(shape))
    weight.grad = torch.randn(shape, generator=generator)
    Muon([weight], lr=0.01).step()
    assert float(weight.detach().square().mean().sqrt()) == pytest.approx(0.002, rel=0.25)


def test_weights_decay_and_those_without_a_gradient_stay() -> None:
    moved, left = torch.nn.Parameter(torch.ones(3, 3)), torch.nn.Parameter(torch.ones(3, 3))
    moved.grad = torch.zeros(3, 3)
    Muon([moved, left], lr=0.1, decay=0.5).step()
    torch.testing.assert_close(moved.detach(), torch.full((3, 3), 0.95))
    torch.testing.assert_close(left.detach(), torch.ones(3, 3))


def test_it_solves_a_least_squares_problem_and_resumes_to_the_bit() -> None:
    generator = torch.Generator().manual_seed(3)
    x, wanted = torch.randn(64, 8, generator=generator), torch.randn(8, 8, generator=generator)

    def walk(weight: torch.nn.Parameter, muon: Muon, first: int, stop: int) -> float:
        for k in range(first, stop):
            muon.param_groups[0]["lr"] = 0.3 * (1 - k / 200)
            weight.grad = None
            loss = (x @ (weight - wanted)).square().mean()
            loss.backward()
            muon.step()
        return loss.item()

    whole = torch.nn.Parameter(torch.zeros(8, 8))
    assert walk(whole, Muon([whole], lr=0.3), 0, 200) < 1e-3
    part = torch.nn.Parameter(torch.zeros(8, 8))
    before = Muon([part], lr=0.3)
    walk(part, before, 0, 100)
    again = torch.nn.Parameter(part.detach().clone())
    after = Muon([again], lr=0.3)
    after.load_state_dict(before.state_dict())
    walk(again, after, 100, 200)
    assert torch.equal(again, whole)


def test_it_moves_the_hidden_matrices_and_adamw_all_else(tiny: Config) -> None:
    unet = build_unet(tiny.denoiser, 4, 8, 16)
    learner = Learner(tiny.denoiser, unet)
    lesson = Optimized({"learner": learner}, 1e-3, 1, hidden_matrices(unet))
    adamw, muon = (
        {id(p) for group in optimizer.param_groups for p in group["params"]}
        for optimizer in lesson.optimizers
    )
    assert adamw | muon == {id(p) for p in learner.parameters()}
    assert not adamw & muon
    named = dict(unet.named_parameters())
    assert {n for n, p in named.items() if id(p) in muon} == {
        n
        for n, p in named.items()
        if p.ndim > 1 and n.partition(".")[0] in ("down_blocks", "mid_block", "up_blocks")
    }
