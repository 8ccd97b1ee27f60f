from __future__ import annotations

import inspect
import json
from typing import Any

import diffusers
import pytest

from studio.core.errors import CannotLoad
from studio.diffusion.config import DEFAULTS, DIFFUSION, FLOW, ScheduleConfig
from studio.diffusion.schedule import ScheduleConfig as SameConfig

FIELDS = ScheduleConfig.__dataclass_fields__


def test_a_stable_diffusion_file() -> None:
    text = """{
      "_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0",
      "beta_end": 0.012, "beta_schedule": "scaled_linear", "beta_start": 0.00085,
      "num_train_timesteps": 1000, "set_alpha_to_one": false, "skip_prk_steps": true,
      "steps_offset": 1, "trained_betas": null, "clip_sample": false}"""
    config = ScheduleConfig.from_diffusers(json.loads(text))
    assert config == ScheduleConfig(
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        set_alpha_to_one=False,
        steps_offset=1,
    )
    assert SameConfig is ScheduleConfig


def test_a_flow_matching_file() -> None:
    name = "FlowMatchEulerDiscreteScheduler"
    config = ScheduleConfig.from_diffusers({"_class_name": name, "shift": 3})
    assert config.flow
    assert config.prediction_type == "flow_prediction"
    assert config.shift == 3.0


@pytest.mark.parametrize("name", DIFFUSION + FLOW)
def test_defaults_are_those_of_diffusers(name: str) -> None:
    """What a file leaves out means what it means to the scheduler that the file names."""
    kind = getattr(diffusers, f"{name}Scheduler")
    theirs = {p.name: p.default for p in inspect.signature(kind.__init__).parameters.values()}
    config = ScheduleConfig.from_diffusers({"_class_name": f"{name}Scheduler"})
    # Spacing is left to each sampler: None here.
    for key in set(FIELDS) & set(theirs) - {"timestep_spacing"}:
        assert getattr(config, key) == theirs[key], key
    assert config.flow == (name in FLOW)
    assert set(DEFAULTS) <= set(DIFFUSION + FLOW)


@pytest.mark.parametrize(
    ("key", "curve"),
    [
        ("use_karras_sigmas", "karras"),
        ("use_exponential_sigmas", "exponential"),
        ("use_beta_sigmas", "beta"),
        ("unknown_key", "model"),
    ],
)
def test_the_curve_it_asks_for(key: str, curve: str) -> None:
    assert ScheduleConfig.from_diffusers({key: True}).sigmas == curve


def test_the_older_word_for_sample() -> None:
    config = ScheduleConfig.from_diffusers({"prediction_type": "original_sample"})
    assert config.prediction_type == "sample"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("_class_name", "EDMEulerScheduler"),
        ("_class_name", 7),
        ("prediction_type", "score"),
        ("prediction_type", ["epsilon"]),
        ("beta_schedule", "cosine2"),
        ("timestep_spacing", "random"),
        ("interpolation_type", "log_linear"),
        ("timestep_type", "continuous"),
        ("invert_sigmas", True),
        ("num_train_timesteps", 0),
        ("num_train_timesteps", 10.5),
        ("num_train_timesteps", "1000"),
        ("num_train_timesteps", True),
        ("steps_offset", -1),
        ("beta_start", -0.1),
        ("beta_end", float("nan")),
        ("trained_betas", "many"),
        ("trained_betas", []),
        ("trained_betas", [0.1, "x"]),
        ("shift", float("inf")),
        ("rescale_betas_zero_snr", "yes"),
        ("use_karras_sigmas", 1),
    ],
)
def test_what_cannot_be_used_is_named(key: str, value: Any) -> None:
    with pytest.raises(CannotLoad) as caught:
        ScheduleConfig.from_diffusers({key: value})
    if key != "_class_name":
        assert key in caught.value.message
