"""DPM++ 2S ancestral beside k-diffusion's own lines, in sigma space."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from studio.diffusion.levels import Level
from studio.diffusion.loop import walk
from studio.diffusion.schedule import ScheduleConfig, make_schedule
from studio.diffusion.state import State, plain

SHAPE = (2, 1, 3, 3)
CONFIGS: tuple[dict[str, Any], ...] = (
    {"beta_schedule": "scaled_linear"},
    {"beta_schedule": "scaled_linear", "timestep_spacing": "trailing"},
    {"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0},
)


def noise(step: int, draw: int) -> Tensor:
    generator = torch.Generator().manual_seed(step + 10 * draw)
    return torch.randn(SHAPE, generator=generator, dtype=torch.float64)


def model(z: Tensor, sigma: float) -> Tensor:
    """Stands for a denoiser of z = x/alpha, as k-diffusion has them."""
    return torch.tanh(z / (1 + sigma))


@pytest.mark.parametrize("eta", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("s_noise", [1.0, 1.1])
@pytest.mark.parametrize("config", CONFIGS, ids=["linspace", "trailing", "flow"])
def test_agrees_with_k_diffusion(config: dict[str, Any], eta: float, s_noise: float) -> None:
    schedule = make_schedule(ScheduleConfig.from_diffusers(config), "dpmpp_2s_ancestral", 9)
    first = 1 if schedule.levels[0].alpha == 0 else 0  # k-diffusion cannot start from infinity

    def denoise(x: Tensor, level: Level) -> Tensor:
        return model(x / level.alpha, level.ratio)

    options = {"eta": eta, "s_noise": s_noise}
    state = State(first, schedule.levels[first].alpha * 5 * noise(99, 0))
    z = state.x / schedule.levels[first].alpha
    sigmas = [torch.tensor(level.ratio, dtype=torch.float64) for level in schedule.levels]
    for step in walk(plain(denoise), schedule, "dpmpp_2s_ancestral", options, state, noise):
        i = step.before.index
        z = k_diffusion(z, sigmas[i], sigmas[i + 1], eta, s_noise, noise(i, 0))
        x = step.after.x / schedule.levels[i + 1].alpha
        torch.testing.assert_close(x, z, rtol=1e-9, atol=1e-9)


def test_from_pure_noise_it_looks_once() -> None:
    """Half way from there is pure noise again, and a second look would see the same."""
    schedule = make_schedule(ScheduleConfig.from_diffusers(CONFIGS[2]), "dpmpp_2s_ancestral", 5)
    looks: list[float] = []

    def denoise(x: Tensor, level: Level) -> Tensor:
        looks.append(level.alpha)
        return torch.zeros_like(x)

    options = {"eta": 0.5}  # with 1 there is no half way at all
    begin = State(0, noise(0, 0))
    steps = walk(plain(denoise), schedule, "dpmpp_2s_ancestral", options, begin, noise)
    next(steps)
    assert looks == [0.0]


def k_diffusion(
    x: Tensor, sigma: Tensor, following: Tensor, eta: float, s_noise: float, noise: Tensor
) -> Tensor:
    """One step of `sample_dpmpp_2s_ancestral`, in its own notation."""
    up = (following**2 * (sigma**2 - following**2) / sigma**2) ** 0.5
    up = torch.minimum(following, eta * up)
    down = (following**2 - up**2) ** 0.5
    denoised = model(x, float(sigma))
    if down == 0:
        return x + (x - denoised) / sigma * (down - sigma)
    t, t_next = -sigma.log(), -down.log()
    r = 1 / 2
    h = t_next - t
    s = t + r * h
    x_2 = ((-s).exp() / (-t).exp()) * x - (-h * r).expm1() * denoised
    denoised_2 = model(x_2, float((-s).exp()))
    x = ((-t_next).exp() / (-t).exp()) * x - (-h).expm1() * denoised_2
    return x + noise * s_noise * up
