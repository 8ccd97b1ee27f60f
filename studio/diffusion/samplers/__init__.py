"""The samplers by name. What they are called and can be told is in `studio.core.samplers`."""

from __future__ import annotations

from studio.diffusion.samplers.ddim import ddim, euler, euler_ancestral
from studio.diffusion.samplers.ddpm import ddpm
from studio.diffusion.samplers.dpmpp_2m import dpmpp_2m, dpmpp_2m_sde
from studio.diffusion.samplers.dpmpp_2s import dpmpp_2s_ancestral
from studio.diffusion.samplers.heun import heun
from studio.diffusion.samplers.lcm import lcm
from studio.diffusion.samplers.turn import Sampler, Turn

__all__ = ["STEPS", "Sampler", "Turn"]

STEPS: dict[str, Sampler] = {
    "ddim": ddim,
    "ddpm": ddpm,
    "euler": euler,
    "euler_ancestral": euler_ancestral,
    "heun": heun,
    "dpmpp_2m": dpmpp_2m,
    "dpmpp_2m_sde": dpmpp_2m_sde,
    "dpmpp_2s_ancestral": dpmpp_2s_ancestral,
    "lcm": lcm,
}
