"""Every sampler that diffusers has too, step by step beside it, in float64."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import EulerDiscreteScheduler

from studio.diffusion.schedule import ScheduleConfig, make_schedule

# WORKAROUND diffusers 0.42 makes NumPy 2 arrays of tensors in a way that NumPy deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

Run = Callable[..., Any]

SPACINGS = ("leading", "trailing", "linspace")
KINDS = ("epsilon", "v_prediction", "sample")
STEPS = (1, 6, 20, 30)  # 6 and 30 do not divide the 1000 timesteps
BETAS: tuple[dict[str, Any], ...] = (
    {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012},
    {"beta_schedule": "linear"},
    {"beta_schedule": "squaredcos_cap_v2"},
    {"trained_betas": np.linspace(0.001, 0.03, 1000).tolist()},
)
CURVES: tuple[dict[str, bool], ...] = (
    {},
    {"use_karras_sigmas": True},
    {"use_exponential_sigmas": True},
    {"use_beta_sigmas": True},
)
SD = BETAS[0]
GRID = list(itertools.product(KINDS, SPACINGS, STEPS))


def pair(scheduler: Run, ours: Run, name: str, sampler: str, steps: int, **config: Any) -> Any:
    options = config.pop("options", None)
    theirs = scheduler(name, **config)
    theirs.set_timesteps(steps)
    return theirs, ours(theirs, sampler, steps, options)


@pytest.mark.parametrize("variance", ["fixed_small", "fixed_large"])
@pytest.mark.parametrize(("kind", "spacing", "steps"), GRID)
def test_ddpm(
    scheduler: Run, ours: Run, agree: Run, kind: str, spacing: str, steps: int, variance: str
) -> None:
    config = {"prediction_type": kind, "timestep_spacing": spacing, "steps_offset": 1}
    options = {"variance": "posterior" if variance == "fixed_small" else "beta"}
    extra = {"variance_type": variance, "clip_sample": False, "options": options}
    agree(*pair(scheduler, ours, "DDPMScheduler", "ddpm", steps, **SD, **config, **extra))


@pytest.mark.parametrize("eta", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(("kind", "spacing", "steps"), GRID)
def test_ddim(
    scheduler: Run,
    ours: Run,
    agree: Run,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    spacing: str,
    steps: int,
    eta: float,
) -> None:
    config = {"prediction_type": kind, "timestep_spacing": spacing, "clip_sample": False}
    for one, offset in ((True, 0), (False, 1)):
        final = {"set_alpha_to_one": one, "steps_offset": offset, "options": {"eta": eta}}
        theirs, mine = pair(
            scheduler, ours, "DDIMScheduler", "ddim", steps, **SD, **config, **final
        )
        step = theirs.step
        monkeypatch.setattr(theirs, "step", lambda o, t, x, step=step: step(o, t, x, eta=eta))
        agree(theirs, mine)


@pytest.mark.parametrize(
    ("sampler", "kind", "spacing", "steps"),
    [
        (sampler, *case)
        for sampler, case in itertools.product(("euler", "heun", "euler_ancestral"), GRID)
        if (sampler, case[0]) != ("euler_ancestral", "sample")  # diffusers has none of that kind
    ],
)
def test_euler_and_heun(
    scheduler: Run, ours: Run, agree: Run, sampler: str, kind: str, spacing: str, steps: int
) -> None:
    name = {"euler": "Euler", "heun": "Heun", "euler_ancestral": "EulerAncestral"}[sampler]
    config = {"prediction_type": kind, "timestep_spacing": spacing, "steps_offset": 1}
    pairs = pair(scheduler, ours, f"{name}DiscreteScheduler", sampler, steps, **SD, **config)
    agree(*pairs, scaled=True, second=sampler == "heun")
    first = pairs[1].schedule
    scale = first.noise_scale / first.levels[0].alpha
    assert scale == pytest.approx(float(pairs[0].init_noise_sigma), rel=1e-9)


@pytest.mark.parametrize("sde", [False, True])
@pytest.mark.parametrize(("kind", "spacing", "steps"), GRID)
def test_dpmpp_2m(
    scheduler: Run, ours: Run, agree: Run, kind: str, spacing: str, steps: int, sde: bool
) -> None:
    config = {"prediction_type": kind, "timestep_spacing": spacing, "steps_offset": 1}
    algorithm = {"algorithm_type": "sde-dpmsolver++" if sde else "dpmsolver++"}
    name, sampler = "DPMSolverMultistepScheduler", "dpmpp_2m_sde" if sde else "dpmpp_2m"
    agree(*pair(scheduler, ours, name, sampler, steps, **SD, **config, **algorithm))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("steps", [1, 2, 4, 8, 30, 50])
def test_lcm(scheduler: Run, ours: Run, agree: Run, kind: str, steps: int) -> None:
    agree(*pair(scheduler, ours, "LCMScheduler", "lcm", steps, prediction_type=kind))


SCALED = {
    "euler": "EulerDiscreteScheduler",
    "heun": "HeunDiscreteScheduler",
    "euler_ancestral": "EulerAncestralDiscreteScheduler",
}
PLAIN = {
    "ddpm": "DDPMScheduler",
    "ddim": "DDIMScheduler",
    "dpmpp_2m": "DPMSolverMultistepScheduler",
    "lcm": "LCMScheduler",
}


@pytest.mark.parametrize("betas", BETAS)
@pytest.mark.parametrize("sampler", [*SCALED, *PLAIN])
def test_every_beta_schedule(
    scheduler: Run, ours: Run, agree: Run, sampler: str, betas: dict[str, Any]
) -> None:
    name = (SCALED | PLAIN)[sampler]
    clip = {"clip_sample": False} if sampler in ("ddpm", "ddim") else {}
    pairs = pair(scheduler, ours, name, sampler, 12, **betas, **clip)
    agree(*pairs, scaled=sampler in SCALED, second=sampler == "heun")


@pytest.mark.parametrize("schedule", ["laplace", "sigmoid"])
def test_beta_schedules_that_only_ddpm_has(
    scheduler: Run, ours: Run, agree: Run, schedule: str
) -> None:
    config = {"beta_schedule": schedule, "clip_sample": False}
    agree(*pair(scheduler, ours, "DDPMScheduler", "ddpm", 12, **config))


def test_the_exponential_beta_schedule(scheduler: Run, ours: Run, agree: Run) -> None:
    pairs = pair(scheduler, ours, "HeunDiscreteScheduler", "heun", 12, beta_schedule="exp")
    agree(*pairs, scaled=True, second=True)


@pytest.mark.parametrize("curve", CURVES[1:])
@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("steps", [1, 7, 20])
@pytest.mark.parametrize("sampler", ["euler", "heun", "dpmpp_2m", "dpmpp_2m_sde"])
def test_sigma_curves(
    scheduler: Run,
    ours: Run,
    agree: Run,
    sampler: str,
    steps: int,
    spacing: str,
    curve: dict[str, bool],
) -> None:
    name = SCALED.get(sampler, "DPMSolverMultistepScheduler")
    config: dict[str, Any] = {**SD, **curve, "timestep_spacing": spacing, "steps_offset": 1}
    if sampler == "dpmpp_2m_sde":
        config["algorithm_type"] = "sde-dpmsolver++"
    theirs, mine = pair(scheduler, ours, name, sampler, steps, **config)
    agree(theirs, mine, scaled=sampler in SCALED, second=sampler == "heun")
    words = next(iter(curve)).split("_")[1]
    plain = {key: value for key, value in config.items() if key not in curve}
    again = make_schedule(
        ScheduleConfig.from_diffusers({**plain, "_class_name": name}), sampler, steps, sigmas=words
    )
    assert again.levels == mine.schedule.levels  # asked for by name, the curve is the same


def test_karras_on_a_cosine_schedule_keeps_fractional_timesteps_until_they_are_cut(
    scheduler: Run, ours: Run, agree: Run
) -> None:
    config = {**BETAS[2], "use_karras_sigmas": True}
    agree(*pair(scheduler, ours, "DPMSolverMultistepScheduler", "dpmpp_2m", 9, **config))


@pytest.mark.parametrize("final", ["zero", "sigma_min"])
@pytest.mark.parametrize("steps", [7, 14, 15, 20])  # DPM-Solver ends otherwise below 15
@pytest.mark.parametrize("sampler", ["euler", "dpmpp_2m"])
def test_final_sigmas(
    scheduler: Run, ours: Run, agree: Run, sampler: str, steps: int, final: str
) -> None:
    name = (SCALED | PLAIN)[sampler]
    pairs = pair(scheduler, ours, name, sampler, steps, final_sigmas_type=final, **SD)
    agree(*pairs, scaled=sampler == "euler")
    end = pairs[1].schedule.levels[-1]
    assert (end.sigma == 0) == (final == "zero")


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("steps", [5, 20])
def test_clipped_log_snr(scheduler: Run, ours: Run, agree: Run, spacing: str, steps: int) -> None:
    config = {**BETAS[2], "lambda_min_clipped": -5.1, "timestep_spacing": spacing}
    theirs, mine = pair(scheduler, ours, PLAIN["dpmpp_2m"], "dpmpp_2m", steps, **config)
    if spacing == "trailing":  # diffusers can come out one step short; every step is made here
        assert len(mine.steps) == steps
        assert mine.schedule.levels[0].timestep == float(theirs.timesteps[0])
    else:
        agree(theirs, mine)


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize(
    ("sampler", "kind"),
    [
        *itertools.product(
            ("ddpm", "ddim", "lcm", "euler", "dpmpp_2m"), ("v_prediction", "sample")
        ),
        ("euler_ancestral", "v_prediction"),
    ],
)
def test_zero_terminal_snr(
    scheduler: Run, ours: Run, agree: Run, sampler: str, spacing: str, kind: str
) -> None:
    name = (SCALED | PLAIN)[sampler]
    config = {**SD, "rescale_betas_zero_snr": True, "prediction_type": kind}
    config |= {"timestep_spacing": spacing}
    if sampler in ("ddpm", "ddim"):
        config["clip_sample"] = False
    theirs, mine = pair(scheduler, ours, name, sampler, 10, **config)
    agree(theirs, mine, scaled=sampler in SCALED)
    first = mine.schedule.levels[0]
    if spacing != "leading" or sampler == "lcm":
        exact = sampler in ("ddpm", "ddim", "lcm")
        assert first.alpha == (0 if exact else pytest.approx(2**-12))


@pytest.mark.parametrize("shift", [1.0, 3.0])
@pytest.mark.parametrize("steps", [1, 4, 28])
@pytest.mark.parametrize("name", ["FlowMatchEulerDiscrete", "FlowMatchHeunDiscrete"])
def test_flow_matching(
    scheduler: Run, ours: Run, agree: Run, name: str, steps: int, shift: float
) -> None:
    second = "Heun" in name
    sampler = "heun" if second else "euler"
    agree(*pair(scheduler, ours, f"{name}Scheduler", sampler, steps, shift=shift), second=second)


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("terminal", [None, 0.02])
def test_flow_matching_curves(
    scheduler: Run, ours: Run, agree: Run, curve: dict[str, bool], terminal: float | None
) -> None:
    config = {"shift": 3.0, "shift_terminal": terminal, **curve}
    agree(*pair(scheduler, ours, "FlowMatchEulerDiscreteScheduler", "euler", 9, **config))


@pytest.mark.parametrize("tokens", [64, 256, 1024, 4096])
@pytest.mark.parametrize("kind", ["exponential", "linear"])
@pytest.mark.parametrize("spacing", ["model", "trailing"])
def test_flow_matching_with_dynamic_shift(
    scheduler: Run, ours: Run, agree: Run, tokens: int, kind: str, spacing: str
) -> None:
    theirs = scheduler(
        "FlowMatchEulerDiscreteScheduler", use_dynamic_shifting=True, time_shift_type=kind
    )
    mu = 0.5 + (1.15 - 0.5) / (4096 - 256) * (tokens - 256)
    sigmas = np.linspace(1, 1 / 8, 8) if spacing == "trailing" else None
    theirs.set_timesteps(8, sigmas=sigmas, mu=mu)
    agree(theirs, ours(theirs, "euler", 8, tokens=tokens, spacing=spacing))


@pytest.mark.parametrize("shift", [1.0, 3.0])
@pytest.mark.parametrize("steps", [6, 20])
@pytest.mark.parametrize("sde", [False, True])
def test_flow_matching_with_dpm_solver(
    scheduler: Run, ours: Run, agree: Run, steps: int, shift: float, sde: bool
) -> None:
    config = {"use_flow_sigmas": True, "flow_shift": shift, "prediction_type": "flow_prediction"}
    algorithm = {"algorithm_type": "sde-dpmsolver++" if sde else "dpmsolver++"}
    sampler = "dpmpp_2m_sde" if sde else "dpmpp_2m"
    agree(*pair(scheduler, ours, PLAIN["dpmpp_2m"], sampler, steps, **config, **algorithm))


def test_diffusers_as_it_is_differs_by_no_more_than_float32_does() -> None:
    theirs = EulerDiscreteScheduler(**SD, timestep_spacing="trailing")
    theirs.set_timesteps(25)
    config = ScheduleConfig.from_diffusers(
        {**SD, "timestep_spacing": "trailing", "_class_name": "EulerDiscreteScheduler"}
    )
    ours = make_schedule(config, "euler", 25)
    assert theirs.sigmas.dtype == torch.float32
    ratios = [level.ratio for level in ours.levels]
    np.testing.assert_allclose(ratios, theirs.sigmas.numpy(), rtol=2e-5)
