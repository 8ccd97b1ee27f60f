"""The samplers' names and parameters, as data. Their maths is in `studio.diffusion.samplers`.

Kept apart from the maths so that the window can list samplers before torch is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass

from studio.core.errors import BadInput
from studio.core.options import Choice, Number, Option

ETA = Number(
    "eta",
    "η (noise added back)",
    0.0,
    0.0,
    1.0,
    0.01,
    "0 is deterministic (DDIM); 1 adds as much noise at each step as DDPM does.",
)
ETA_ANCESTRAL = Number(
    "eta",
    "η (noise added back)",
    1.0,
    0.0,
    1.0,
    0.01,
    "0 is deterministic; 1 adds all the noise that the ancestral step allows.",
)
S_NOISE = Number("s_noise", "Noise scale", 1.0, 0.0, 2.0, 0.01, "Scales the noise added back.")


@dataclass(frozen=True)
class SamplerInfo:
    """What is known of a sampler without running it. `calls`: network calls a step."""

    name: str
    label: str
    options: tuple[Option, ...] = ()
    calls: int = 1
    stochastic: bool = False
    help: str = ""


SAMPLERS: dict[str, SamplerInfo] = {
    info.name: info
    for info in (
        SamplerInfo("ddim", "DDIM", (ETA,), help="Few, exact steps; η adds noise back."),
        SamplerInfo(
            "ddpm",
            "DDPM",
            (
                Choice(
                    "variance",
                    "Variance",
                    "posterior",
                    (("posterior", "β̃ₜ (posterior)"), ("beta", "βₜ (large)")),
                    "The two choices of the DDPM paper, section 3.2.",
                ),
            ),
            stochastic=True,
            help="The original: new noise at every step. Wants many steps.",
        ),
        SamplerInfo("euler", "Euler", help="One straight step along the probability-flow ODE."),
        SamplerInfo(
            "euler_ancestral",
            "Euler ancestral",
            (ETA_ANCESTRAL, S_NOISE),
            stochastic=True,
            help="Euler, with fresh noise at every step.",
        ),
        SamplerInfo("heun", "Heun", calls=2, help="Second order: looks ahead, then averages."),
        SamplerInfo(
            "dpmpp_2m", "DPM++ 2M", help="Second order from the step before. A good default."
        ),
        SamplerInfo(
            "dpmpp_2m_sde",
            "DPM++ 2M SDE",
            (ETA_ANCESTRAL, S_NOISE),
            stochastic=True,
            help="DPM++ 2M with fresh noise at every step.",
        ),
        SamplerInfo(
            "dpmpp_2s_ancestral",
            "DPM++ 2S ancestral",
            (ETA_ANCESTRAL, S_NOISE),
            calls=2,
            stochastic=True,
            help="Second order with a midpoint, and fresh noise.",
        ),
        SamplerInfo(
            "lcm", "LCM", stochastic=True, help="For latent-consistency models: 1 to 8 steps."
        ),
    )
}
"""Every sampler by name. `studio.diffusion.samplers.STEPS` has exactly these names."""


SPACINGS: tuple[tuple[str, str], ...] = (
    ("model", "Model's own"),
    ("leading", "Leading"),
    ("trailing", "Trailing"),
    ("linspace", "Linspace"),
)
SIGMAS: tuple[tuple[str, str], ...] = (
    ("model", "Model's own"),
    ("karras", "Karras"),
    ("exponential", "Exponential"),
    ("beta", "Beta"),
)


def sampler_info(name: str) -> SamplerInfo:
    """The sampler of that name. Raises BadInput with the list of names."""
    if name not in SAMPLERS:
        raise BadInput(f"There is no sampler named {name}.", f"Use one of: {', '.join(SAMPLERS)}.")
    return SAMPLERS[name]
