"""Everything a training run depends on, as plain data that goes into a JSON file."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.core.errors import BadInput


@dataclass(frozen=True)
class AutoencoderConfig:
    """Pictures to latents: three halvings, so a side of 256 becomes 32.

    The first three `channels` must be at least 27, 48 and 48, for the pixels that pass through.
    """

    channels: tuple[int, ...] = (32, 48, 96, 128)
    latent_channels: int = 4
    crop: int = 96
    batch: int = 16
    learning_rate: float = 5e-4
    steps: int = 1000


@dataclass(frozen=True)
class TextConfig:
    """The CLIP text encoder, and how long it learns to name a scene's attributes beforehand."""

    width: int = 192
    layers: int = 3
    heads: int = 4
    batch: int = 64
    learning_rate: float = 1e-3
    steps: int = 600


@dataclass(frozen=True)
class DenoiserConfig:
    """The UNet and its diffusion.

    `snr_divisor` shifts the cosine schedule towards more noise. `drop` is the share of captions
    left empty for classifier-free guidance. `weight_objects` multiplies the loss where buildings,
    trees, boats, balloons, sun and moon are, as far as the noise lets them be seen.
    `weight_names` and `weight_map` belong to the auxiliary heads (attributes, and where what is).
    `time_width` is the length of the time's embedding; `norm_groups` divides every one of the
    `channels`.
    """

    channels: tuple[int, ...] = (48, 128, 224, 208)
    layers: int = 1
    heads: int = 4
    time_width: int = 512
    norm_groups: int = 16
    batch: int = 64
    learning_rate: float = 8e-4
    warmup: int = 100
    steps: int = 6000
    snr_divisor: float = 4.0
    snr_cap: float = 20.0
    drop: float = 0.1
    ema: float = 0.999
    weight_objects: float = 3.0
    weight_names: float = 0.1
    weight_map: float = 0.1


@dataclass(frozen=True)
class DecoderConfig:
    """The decoder's last lesson; `pictures` is how many latents are noised and denoised for it."""

    pictures: int = 1600
    batch: int = 32
    learning_rate: float = 3e-4
    steps: int = 1000


@dataclass(frozen=True)
class Config:
    """One training run from nothing to the finished folder.

    `size` is the pictures' side in pixels, a multiple of 8 for the autoencoder and of 2 more for
    each of the denoiser's levels but one.
    """

    seed: int = 7
    size: int = 256
    scenes: int = 36_000
    checkpoint_seconds: float = 400.0
    bfloat16: bool = True
    autoencoder: AutoencoderConfig = field(default_factory=AutoencoderConfig)
    text: TextConfig = field(default_factory=TextConfig)
    denoiser: DenoiserConfig = field(default_factory=DenoiserConfig)
    decoder: DecoderConfig = field(default_factory=DecoderConfig)


def save_config(config: Config, path: Path) -> None:
    """Write it as JSON."""
    path.write_text(json.dumps(dataclasses.asdict(config), indent=2) + "\n", encoding="utf-8")


def load_config(path: Path) -> Config:
    """Read what `save_config` wrote; raises BadInput on anything else, OSError without a file."""
    try:
        return _read(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path} is not a training configuration ({error}).") from error


def _read(data: dict[str, Any]) -> Config:

    def part(name: str) -> dict[str, Any]:
        return {k: tuple(v) if isinstance(v, list) else v for k, v in data[name].items()}

    return Config(
        **{
            **data,
            "autoencoder": AutoencoderConfig(**part("autoencoder")),
            "text": TextConfig(**part("text")),
            "denoiser": DenoiserConfig(**part("denoiser")),
            "decoder": DecoderConfig(**part("decoder")),
        }
    )
