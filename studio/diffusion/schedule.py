"""The noise levels of one run, from a model's own scheduler configuration.

Where diffusers' schedulers differ from each other or from the papers, each sampler follows the
scheduler of its name, so that a picture made with diffusers can be made again:

- DDIM steps to timestep t − T//steps (T: training timesteps) and then goes on as if it had
  landed on the next timestep of its list. With leading spacing the two are the same, otherwise
  only where steps divides T with trailing spacing. `Schedule.targets` has where a step lands.
- DDIM ends at ᾱ₀ and not at 1 where the configuration says `set_alpha_to_one: false`.
- Euler, Heun and DPM-Solver have no pure noise: under zero-terminal-SNR their first alpha² is
  2⁻²⁴. DDPM, DDIM and LCM have alpha = 0 there.
- Euler starts from noise of deviation sigma with linspace and trailing spacing, from deviation 1
  otherwise (`Schedule.noise_scale`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from studio.core.errors import BadInput
from studio.core.samplers import SIGMAS, SPACINGS, sampler_info
from studio.diffusion.config import ScheduleConfig
from studio.diffusion.flow import flow_at, flow_levels
from studio.diffusion.levels import Level
from studio.diffusion.sigmas import CURVES
from studio.diffusion.spacing import Array, Grid, consistency, space
from studio.diffusion.training import Training, between

__all__ = ["Schedule", "ScheduleConfig", "make_schedule"]

END = Level(1.0, 0.0, 0.0)
WHOLE = ("ddpm", "ddim", "lcm")
MULTISTEP = ("dpmpp_2m", "dpmpp_2m_sde")


@dataclass(frozen=True)
class Schedule:
    """The levels a run visits; `levels[-1]` is the end, where nothing is denoised any more.

    `at` gives the level with a sigma/alpha between them. Step i goes from `levels[i]` to
    `targets[i]`, which is `levels[i + 1]` unless the module's docstring says otherwise. `flow`:
    these are levels of flow matching. A run without a source starts from noise times
    `noise_scale`.
    """

    levels: tuple[Level, ...]
    at: Callable[[float], Level]
    targets: tuple[Level, ...] = ()
    flow: bool = False
    noise_scale: float = 1.0

    def __post_init__(self) -> None:
        if not self.targets:
            object.__setattr__(self, "targets", self.levels[1:])

    @property
    def steps(self) -> int:
        return len(self.levels) - 1

    def start(self, strength: float) -> int:
        """The first step for a source picture that is given up by `strength`, 0…1.

        As in diffusers' pipelines, which refuse a strength that is too small for one step; here
        one step is left. Those of flow models cut the steps that are left out to a whole number,
        those of diffusion models the steps that are taken.
        """
        if self.flow:
            return min(int(self.steps - self.steps * strength), self.steps - 1)
        return self.steps - min(max(int(self.steps * strength), 1), self.steps)


def make_schedule(
    config: ScheduleConfig,
    sampler: str,
    steps: int,
    spacing: str = "model",
    sigmas: str = "model",
    tokens: int | None = None,
) -> Schedule:
    """The schedule of `steps` steps.

    `spacing` and `sigmas` are names in `studio.core.samplers`; "model" is what the configuration
    says. `tokens` is the length of the image's token sequence, for flow models whose shift
    depends on it. Raises BadInput for an unknown name and for more steps than there are levels.
    """
    sampler_info(sampler)
    if spacing not in dict(SPACINGS) or sigmas not in dict(SIGMAS):
        raise BadInput(f"There is no schedule named {spacing} with {sigmas} sigmas.")
    if steps < 1:
        raise BadInput(f"Steps must be at least 1, not {steps}.")
    if config.flow:
        levels = flow_levels(config, steps, spacing, sigmas, tokens)
        return Schedule(levels, partial(flow_at, train=config.num_train_timesteps), flow=True)
    training = Training.of(config)
    times = _times(config, training, sampler, steps, spacing)
    curve = _curve(config, sampler, sigmas)
    if sampler in WHOLE and curve == "model":
        return _whole(config, training, sampler, times)
    return _continuous(config, training, sampler, times, curve, spacing)


def _times(
    config: ScheduleConfig, training: Training, sampler: str, steps: int, spacing: str
) -> Array:
    train = last = config.num_train_timesteps
    if sampler == "lcm" and spacing == "model":
        return consistency(steps, train, config.original_inference_steps)
    if sampler in MULTISTEP:
        # log(alpha/sigma) falls with the timestep; those below the bound are left out.
        last = int(np.sum(-np.log(training.ratios) >= config.lambda_min_clipped))
    grid = Grid.WHOLE if sampler in WHOLE else Grid.FRACTIONAL
    return space(
        _spacing(config, sampler, spacing),
        Grid.WITH_END if sampler in MULTISTEP else grid,
        steps,
        train,
        config.steps_offset,
        last,
    )


def _spacing(config: ScheduleConfig, sampler: str, spacing: str) -> str:
    if spacing != "model":
        return spacing
    return config.timestep_spacing or ("leading" if sampler in WHOLE else "linspace")


def _curve(config: ScheduleConfig, sampler: str, sigmas: str) -> str:
    """The configuration's own curve is for the samplers whose schedulers in diffusers read it."""
    if sigmas != "model":
        return sigmas
    return "model" if sampler in (*WHOLE, "euler_ancestral") else config.sigmas


def _whole(config: ScheduleConfig, training: Training, sampler: str, times: Array) -> Schedule:
    """Levels exactly at trained timesteps."""
    steps, here = len(times), [training.level(int(t)) for t in times]
    if sampler != "ddim":
        return Schedule((*here, END), training.at)
    end = END if config.set_alpha_to_one else training.level(0)
    stride = config.num_train_timesteps // steps
    targets = [training.level(int(t) - stride) if t >= stride else end for t in times]
    return Schedule((*here, targets[-1]), training.at, tuple(targets))


def _continuous(
    config: ScheduleConfig,
    training: Training,
    sampler: str,
    times: Array,
    curve: str,
    spacing: str,
) -> Schedule:
    """Levels by sigma/alpha, at timesteps that can lie between the trained ones."""
    ratios, multistep = training.ratios_at(times), sampler in MULTISTEP
    if curve != "model":
        # DPM-Solver's curve spans all that was trained, Euler's what its spacing visits.
        high, low = training.ratios[[-1, 0]] if multistep else ratios[[0, -1]]
        ratios = CURVES[curve](float(high), float(low), len(times))
        times = training.timesteps_at(ratios)
        if multistep:  # conditions on whole timesteps; why differently so is diffusers' secret
            if curve == "karras" and config.beta_schedule != "squaredcos_cap_v2":
                times = times.round()
            times = np.trunc(times)
    levels = [between(r, t) for r, t in zip(ratios.tolist(), times.tolist(), strict=True)]
    end = END
    if config.final_sigmas_type == "sigma_min" and (multistep or sampler == "euler"):
        end = between(float(training.ratios[0]), 0.0)
    whole = multistep or sampler in WHOLE
    unit = whole or _spacing(config, sampler, spacing) == "leading"
    return Schedule((*levels, end), training.at, noise_scale=1.0 if unit else levels[0].sigma)
