"""What to begin with for a model: sampler, steps and guidance, as its scheduler suggests them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.core.errors import CannotLoad
from studio.models.source import Source

SAMPLERS = {
    "DDIM": "ddim",
    "DDPM": "ddpm",
    "EulerDiscrete": "euler",
    "EulerAncestralDiscrete": "euler_ancestral",
    "HeunDiscrete": "heun",
    "LCM": "lcm",
    "TCD": "lcm",  # its γ = 1, and for as few steps
    "DPMSolverMultistep": "dpmpp_2m",
}
"""Ours by the name of diffusers' scheduler."""
MULTISTEP = ("PNDM", "LMSDiscrete", "DEISMultistep", "UniPCMultistep", "DPMSolverSinglestep")
"""Others that remember earlier steps: DPM++ 2M is their successor."""


def defaults(source: Source, guidance: float) -> dict[str, Any]:
    """Fields of `Abilities` for a diffusion model; `guidance` where nothing speaks against it.

    A model that was distilled to a few steps says so by a scheduler made for them: LCM's, or
    Euler's with trailing timesteps, as those of the Turbo and Lightning models are. Their
    guidance is in their weights.
    """
    try:
        config = source.config("scheduler")
    except CannotLoad:
        return {"default_guidance": guidance}  # loading it will say what is wrong
    name = str(config.get("_class_name", "DDIM")).removesuffix("Scheduler")
    sampler = SAMPLERS.get(name, "dpmpp_2m" if name in MULTISTEP else "ddim")
    if sampler == "dpmpp_2m" and str(config.get("algorithm_type")).startswith("sde"):
        sampler = "dpmpp_2m_sde"
    chosen = {"default_sampler": sampler, "default_guidance": guidance}
    if sampler == "lcm" or _few_steps(sampler, config):
        return chosen | {"default_steps": 4, "default_guidance": 1.0}
    return chosen


def _few_steps(sampler: str, config: Mapping[str, Any]) -> bool:
    # Models of v and of zero-terminal SNR have trailing timesteps too, and want all their steps.
    return (
        sampler in ("euler", "euler_ancestral")
        and config.get("timestep_spacing") == "trailing"
        and config.get("prediction_type", "epsilon") == "epsilon"
        and not config.get("rescale_betas_zero_snr")
    )
