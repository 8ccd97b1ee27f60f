import math

import numpy as np
import pytest
import torch
from torch import Tensor

from studio.diffusion.forward import PROCESSES, STEPS, Chains, Process, jump
from studio.diffusion.noise import Noise

SHAPE = (2, 6, 7)
NOISE = Noise([5], SHAPE)
X0 = torch.rand((1, *SHAPE), generator=torch.Generator().manual_seed(0)) * 2 - 1
NAMES = [process.name for process in PROCESSES]


def draw(t: int) -> Tensor:
    return NOISE(t, 1)


def test_the_levels_are_the_papers() -> None:
    linear, scaled, cosine, flow = PROCESSES
    betas = np.linspace(1e-4, 0.02, 1000)
    assert linear.beta(1) == pytest.approx(1e-4)
    assert linear.beta(1000) == pytest.approx(0.02)
    assert scaled.beta(1000) == pytest.approx(0.012)
    for t in (1, 10, 500, 1000):
        assert linear.level(t).alpha == pytest.approx(math.sqrt(np.prod(1 - betas[:t])))

    def f(t: float) -> float:
        return math.cos((t / 1000 + 0.008) / 1.008 * math.pi / 2) ** 2

    for t in (1, 10, 500, 900):
        assert cosine.bars[t] == pytest.approx(f(t) / f(0))
    assert (flow.level(250).alpha, flow.level(250).sigma) == (0.75, 0.25)
    for process in PROCESSES:
        assert (process.level(0).alpha, process.level(0).sigma) == (1, 0)
        assert process.level(STEPS).alpha < 0.1
        assert (np.diff(process.bars) < 0).all()


@pytest.mark.parametrize("t", [0, 1, 7, 100, 333, 1000])
def test_a_jump_with_the_noise_of_the_steps_lands_where_they_do(t: int) -> None:
    reached, places = Chains(PROCESSES, X0, draw).at(t)
    assert reached == t
    for process, (x, piled) in zip(PROCESSES, places, strict=True):
        landed = jump(X0.double(), piled, process.level(t))
        torch.testing.assert_close(landed, x, rtol=0, atol=1e-11)


def test_the_steps_are_the_definition() -> None:
    x = [X0.double()] * 3
    for t in range(1, 41):
        x = [
            math.sqrt(1 - process.beta(t)) * of + math.sqrt(process.beta(t)) * draw(t).double()
            for process, of in zip(PROCESSES[:3], x, strict=True)
        ]
    _, places = Chains(PROCESSES, X0, draw).at(40)
    for wanted, (found, _) in zip(x, places[:3], strict=True):
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)


def test_wherever_it_was_before_it_comes_to_the_same_place() -> None:
    chains = Chains(PROCESSES, X0, draw)
    for t in (950, 120, 340, 341, 0, 777):
        _, places = chains.at(t)
        _, fresh = Chains(PROCESSES, X0, draw).at(t)
        for (x, piled), (x1, piled1) in zip(places, fresh, strict=True):
            assert torch.equal(x, x1)
            assert torch.equal(piled, piled1)


def test_it_goes_no_further_than_it_is_told_and_comes_there_in_the_end() -> None:
    chains = Chains(PROCESSES, X0, draw)
    assert [chains.at(250, most=100)[0] for _ in range(4)] == [100, 200, 250, 250]
    assert chains.at(30, most=100)[0] == 30


@pytest.mark.parametrize("name", NAMES[:3])
def test_chain_and_jump_have_the_same_distribution_but_are_not_the_same(name: str) -> None:
    process: Process = PROCESSES[NAMES.index(name)]
    many = 4000
    x0 = torch.full((1, 1, 1, many), 0.7)
    noise = Noise([1], (1, 1, many))
    t = 300
    _, ((x, _),) = Chains([process], x0, lambda t: noise(t, 1)).at(t)
    once = jump(x0, noise(0, 1), process.level(t)).double()
    level = process.level(t)
    assert not torch.allclose(x, once)
    for sample in (x, once):
        assert float(sample.mean()) == pytest.approx(0.7 * level.alpha, abs=5 * level.sigma / 63)
        assert float(sample.std()) == pytest.approx(level.sigma, rel=0.06)


def test_flow_matching_draws_noise_once_so_its_steps_are_its_jump() -> None:
    flow = PROCESSES[3]
    _, ((x, piled),) = Chains([flow], X0, draw).at(640)
    torch.testing.assert_close(x, jump(X0, draw(0), flow.level(640)).double(), rtol=0, atol=1e-6)
    torch.testing.assert_close(piled, draw(0).double(), rtol=0, atol=1e-12)
