"""What a model was trained to do, read from its files without loading it."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from studio.core.errors import CannotLoad
from studio.core.geometry import Size
from studio.core.model_info import ModelInfo
from studio.core.recipe import Recipe
from studio.diffusion.schedule import Schedule, ScheduleConfig
from studio.models.loading import load
from studio.models.scheduling import scheduling
from studio.models.source import open_source, vae_factor


@dataclass(frozen=True)
class Predicts:
    """`kind` is one of `studio.diffusion.prediction.KINDS`; `flow`: trained by flow matching."""

    kind: str
    flow: bool


def schedule_of(info: ModelInfo, recipe: Recipe, size: Size) -> Schedule:
    """What the loaded model's `schedule` would be, without loading it. Raises CannotLoad."""
    if info.path is None:
        closed = load(info, torch.device("cpu"), torch.float32, lambda part: None)
        return closed.schedule(recipe, size)
    try:
        source = open_source(info.path)
        own, factor = scheduling(source), vae_factor(source)
    except (CannotLoad, KeyError, TypeError) as error:
        raise CannotLoad(
            f"The files of {info.title} do not say which noise levels it has.",
            "They may be incomplete: put them there again.",
        ) from error
    return own.schedule(recipe, size.height // factor, size.width // factor)


def predicts(info: ModelInfo) -> Predicts | None:
    """None if the model's files do not say, or are gone."""
    if info.path is None:
        return Predicts("sample", flow=False)  # closed forms give x̂0 itself
    try:
        config = ScheduleConfig.from_diffusers(open_source(info.path).config("scheduler"))
    except CannotLoad:
        return None
    return Predicts(config.prediction_type, config.flow)
