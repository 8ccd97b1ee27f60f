"""Each sampler's step as its paper writes it, made of the symbols of a kept step.

A function says the same as the one of its name in `studio.diffusion.samplers`; the tests hold
each to the stored next x.
"""

from __future__ import annotations

from collections.abc import Callable

from studio.core.explanation import Section
from studio.engine.explain_first import ddim, ddpm, euler, euler_ancestral, lcm
from studio.engine.explain_second import dpmpp_2m, dpmpp_2m_sde, dpmpp_2s_ancestral, heun
from studio.engine.scene import Scene

EXPLAINED: dict[str, Callable[[Scene], Section]] = {
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
"""By the names in `studio.core.samplers`."""
