"""Latents by the app's own loop and samplers, a batch at a time: for measuring, not for the app.

The app denoises one picture at a time, so that each is the same alone as in a batch. Here a
thousand pictures are wanted and the last bit of each does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.core.options import Value
from studio.diffusion.guidance import guide
from studio.diffusion.levels import Level
from studio.diffusion.loop import start, walk
from studio.diffusion.noise import Noise
from studio.diffusion.prediction import to_x0
from studio.diffusion.schedule import Schedule, ScheduleConfig, make_schedule
from studio.diffusion.state import Predict, Prediction, State
from studio.starter.sampling import Networks, to_pictures
from studio.starter.text import tokenize

BATCH = 32


@dataclass(frozen=True)
class Manner:
    """How pictures are made: by which sampler, in how many steps, under which guidance.

    `spacing` is a name in `studio.core.samplers`; "model" is what the model's folder says.
    """

    sampler: str = "ddim"
    options: dict[str, Value] = field(default_factory=dict)
    steps: int = 20
    guidance: float = 1.0
    spacing: str = "model"


def schedule_of(networks: Networks, manner: Manner) -> Schedule:
    """Those of the model's own levels that are visited."""
    config = ScheduleConfig.from_diffusers(dict(networks.scheduler.config))
    return make_schedule(config, manner.sampler, manner.steps, manner.spacing)


@torch.no_grad()
def predictor(networks: Networks, captions: Sequence[str], guidance: float) -> Predict:
    """x̂0 of a batch, each picture under its caption. Computes in bfloat16."""
    ids = tokenize(networks.tokenizer, [*captions, ""])
    context = networks.encoder(ids).last_hidden_state
    told, untold = context[:-1], context[-1:].expand(len(captions), -1, -1)
    kind = networks.scheduler.config.prediction_type

    def said(x: Tensor, level: Level, words: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            output = networks.unet(x, level.timestep, words, return_dict=False)[0]
        return to_x0(kind, output.float(), x, level)

    def predict(x: Tensor, level: Level) -> Prediction:
        with torch.no_grad():
            conditional = said(x, level, told)
            if guidance == 1.0:
                return Prediction(conditional)
            return Prediction(guide(conditional, said(x, level, untold), guidance))

    return predict


def latents(
    networks: Networks, captions: Sequence[str], manner: Manner, seed: int
) -> Iterator[Tensor]:
    """The finished latents of one picture a caption, in batches. Picture i has seed + i."""
    schedule = schedule_of(networks, manner)
    side = networks.unet.config.sample_size
    shape = (networks.unet.config.in_channels, side, side)
    for first in range(0, len(captions), BATCH):
        some = captions[first : first + BATCH]
        noise = Noise(range(seed + first, seed + first + len(some)), shape)
        begin = start(None, noise.start(), schedule.levels[0], schedule.noise_scale)
        predict = predictor(networks, some, manner.guidance)
        yield run(predict, schedule, manner, State(0, begin), noise)


def run(
    predict: Predict,
    schedule: Schedule,
    manner: Manner,
    state: State,
    noise: Callable[[int, int], Tensor],
) -> Tensor:
    """Where the steps from `state` on arrive."""
    for step in walk(predict, schedule, manner.sampler, manner.options, state, noise):
        state = step.after
    return state.x


@torch.no_grad()
def decoded(networks: Networks, z: Tensor) -> npt.NDArray[np.uint8]:
    """Pictures (n, side, side, 3) of latents."""
    parts = [networks.vae.decode(z[i : i + 8]).sample for i in range(0, len(z), 8)]
    return np.stack([np.asarray(p) for p in to_pictures(torch.cat(parts))])


def pictures(
    networks: Networks, captions: Sequence[str], manner: Manner, seed: int
) -> npt.NDArray[np.uint8]:
    """One picture a caption, (n, side, side, 3)."""
    found = [decoded(networks, z) for z in latents(networks, captions, manner, seed)]
    return np.concatenate(found)
