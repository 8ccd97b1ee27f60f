"""A model's own scheduler configuration, as diffusers writes it, read and checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from studio.core.errors import CannotLoad
from studio.diffusion.betas import BETA_SCHEDULES
from studio.diffusion.prediction import KINDS

DIFFUSION = (
    *("DDPM", "DDIM", "DDIMParallel", "DDPMParallel", "PNDM", "LMSDiscrete", "EulerDiscrete"),
    *("EulerAncestralDiscrete", "HeunDiscrete", "KDPM2Discrete", "KDPM2AncestralDiscrete"),
    *("DPMSolverMultistep", "DPMSolverSinglestep", "DPMSolverSDE", "DEISMultistep"),
    *("UniPCMultistep", "LCM", "TCD"),
)
FLOW = ("FlowMatchEulerDiscrete", "FlowMatchHeunDiscrete", "FlowMatchLCM")

_SMALL = {"beta_start": 0.00085, "beta_end": 0.012}
DEFAULTS: dict[str, dict[str, Any]] = {
    "LCM": {**_SMALL, "beta_schedule": "scaled_linear"},
    "TCD": {**_SMALL, "beta_schedule": "scaled_linear"},
    "HeunDiscrete": _SMALL,
    "KDPM2Discrete": _SMALL,
    "KDPM2AncestralDiscrete": _SMALL,
    "DPMSolverSDE": _SMALL,
    "PNDM": {"set_alpha_to_one": False},
    **{name: {"prediction_type": "flow_prediction"} for name in FLOW},
}
"""Where a scheduler class of diffusers has defaults other than the fields of ScheduleConfig."""

CHOICES: dict[str, tuple[str, ...]] = {
    "prediction_type": KINDS,
    "beta_schedule": tuple(BETA_SCHEDULES),
    "timestep_spacing": ("leading", "trailing", "linspace"),
    "final_sigmas_type": ("zero", "sigma_min"),
    "time_shift_type": ("exponential", "linear"),
}
UNSUPPORTED: dict[str, tuple[Any, ...]] = {
    "interpolation_type": ("linear",),
    "timestep_type": ("discrete",),
    "invert_sigmas": (False,),
    "stochastic_sampling": (False,),
    "use_lu_lambdas": (False,),
}
"""Keys that would change the levels, with the values under which they do not."""


@dataclass(frozen=True)
class ScheduleConfig:
    """The fields have the names and meanings that they have in a scheduler_config.json.

    `timestep_spacing` None: the file leaves it open, and each sampler spaces as its own
    scheduler in diffusers does. `flow`: flow matching (alpha = 1 − sigma) and not diffusion
    (alpha² + sigma² = 1).
    """

    prediction_type: str = "epsilon"
    num_train_timesteps: int = 1000
    beta_schedule: str = "linear"
    beta_start: float = 0.0001
    beta_end: float = 0.02
    trained_betas: tuple[float, ...] | None = None
    rescale_betas_zero_snr: bool = False
    timestep_spacing: str | None = None
    steps_offset: int = 0
    set_alpha_to_one: bool = True
    final_sigmas_type: str = "zero"
    lambda_min_clipped: float = -math.inf
    original_inference_steps: int = 50
    use_karras_sigmas: bool = False
    use_exponential_sigmas: bool = False
    use_beta_sigmas: bool = False
    flow: bool = False
    use_flow_sigmas: bool = False
    flow_shift: float = 1.0
    shift: float = 1.0
    use_dynamic_shifting: bool = False
    time_shift_type: str = "exponential"
    base_shift: float = 0.5
    max_shift: float = 1.15
    base_image_seq_len: int = 256
    max_image_seq_len: int = 4096
    shift_terminal: float | None = None

    @classmethod
    def from_diffusers(cls, config: Mapping[str, Any]) -> Self:
        """From a scheduler_config.json's contents. Keys that do not matter here are ignored.

        Raises CannotLoad for a scheduler that is not known, and for a value that cannot be used.
        """
        name = str(config.get("_class_name", "DDIMScheduler")).removesuffix("Scheduler")
        if name not in DIFFUSION + FLOW:
            raise CannotLoad(
                f"The model's scheduler {name} is not known.",
                "Its scheduler_config.json must name one of diffusers' common schedulers.",
            )
        for key, allowed in UNSUPPORTED.items():
            if config.get(key) is not None and config[key] not in allowed:
                raise _unusable(key, config[key])
        given = DEFAULTS.get(name, {}) | {k: v for k, v in config.items() if v is not None}
        if given.get("prediction_type") == "original_sample":  # EulerDiscrete's older word
            given["prediction_type"] = "sample"
        values = {f.name: _checked(f.name, given[f.name]) for f in fields(cls) if f.name in given}
        values["flow"] = name in FLOW or values.get("use_flow_sigmas", False)
        return cls(**values)

    @property
    def sigmas(self) -> str:
        """Which curve the configuration asks for: karras, exponential, beta or model."""
        if self.use_karras_sigmas:
            return "karras"
        if self.use_exponential_sigmas:
            return "exponential"
        return "beta" if self.use_beta_sigmas else "model"


def _checked(key: str, value: Any) -> Any:
    """The value as its field wants it, or CannotLoad."""
    if key in CHOICES:
        if value not in CHOICES[key]:
            raise _unusable(key, value)
        return value
    if key == "trained_betas":
        if not isinstance(value, list | tuple) or not value:
            raise _unusable(key, value)
        return tuple(_number(key, beta) for beta in value)
    default = ScheduleConfig.__dataclass_fields__[key].default
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise _unusable(key, value)
        return value
    number = _number(key, value)
    if isinstance(default, int):
        if number != int(number) or number < (0 if key == "steps_offset" else 1):
            raise _unusable(key, value)
        return int(number)
    return number


def _number(key: str, value: Any) -> float:
    finite = key == "lambda_min_clipped" or (
        isinstance(value, int | float) and math.isfinite(value)
    )
    if isinstance(value, bool) or not isinstance(value, int | float) or not finite:
        raise _unusable(key, value)
    if key in ("beta_start", "beta_end", "trained_betas") and not 0 < value <= 1:
        raise _unusable(key, value)
    return float(value)


def _unusable(key: str, value: Any) -> CannotLoad:
    shown = repr(value)[:40]
    return CannotLoad(f"The model's scheduler configuration has {key} = {shown}; that is unknown.")
