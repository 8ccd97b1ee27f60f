"""What a model's network was trained to output, read without loading it."""

from __future__ import annotations

from dataclasses import dataclass

from studio.core.errors import CannotLoad
from studio.core.model_info import ModelInfo
from studio.diffusion.schedule import ScheduleConfig
from studio.models.stable_diffusion import read_json


@dataclass(frozen=True)
class Predicts:
    """`kind` is one of `studio.diffusion.prediction.KINDS`; `flow`: trained by flow matching."""

    kind: str
    flow: bool


def predicts(info: ModelInfo) -> Predicts | None:
    """None if the model's files do not say, or are gone."""
    if info.path is None:
        return Predicts("sample", flow=False)  # closed forms give x̂0 itself
    try:
        config = ScheduleConfig.from_diffusers(
            read_json(info.path / "scheduler" / "scheduler_config.json")
        )
    except (OSError, ValueError, CannotLoad):
        return None
    return Predicts(config.prediction_type, config.flow)
