"""From nothing to a finished model, in one work folder that holds all that is needed to resume."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from diffusers.models.attention_processor import AttnProcessor

from studio.core.errors import BadInput
from studio.starter.autoencoder import (
    build_autoencoder,
    standardize_latents,
    start_from_components,
    to_tensor,
)
from studio.starter.cache import Cache, open_cache
from studio.starter.captions import words
from studio.starter.config import Config, load_config, save_config
from studio.starter.denoiser import Learner, build_scheduler, build_unet
from studio.starter.export import export
from studio.starter.inherit import inherit
from studio.starter.lessons import AutoencoderLesson, DenoiserLesson, TextLesson
from studio.starter.polish import DecoderLesson, degraded
from studio.starter.sampling import Networks, load_networks
from studio.starter.showcase import showcase
from studio.starter.text import build_text_encoder, build_tokenizer
from studio.starter.walk import Progress, walk

_COUNTED = 300  # pictures behind the principal components and the latents' mean


@dataclass(frozen=True)
class Minutes:
    """Wall-clock budgets of the lessons; None trains the configured number of steps instead."""

    autoencoder: float | None = None
    text: float | None = None
    denoiser: float | None = None
    decoder: float | None = None


class Run:
    """A training run in a work folder: its configuration, networks and what was learned so far."""

    def __init__(self, folder: Path, config: Config) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        known = folder / "config.json"
        if not known.exists():
            save_config(config, known)
        elif load_config(known) != config:
            raise BadInput(f"{folder} holds a run with other settings.", "Use another folder.")
        torch.manual_seed(config.seed)
        self.folder, self.config = folder, config
        self.side = config.size // 8
        self.tokenizer = build_tokenizer(words())
        self.scheduler = build_scheduler(config.denoiser.snr_divisor)
        self.vae: Any = build_autoencoder(config.autoencoder, config.size)
        self.vae.to(memory_format=torch.channels_last)
        self.encoder: Any = build_text_encoder(config.text, self.tokenizer)
        channels, width = config.autoencoder.latent_channels, config.text.width
        self.unet: Any = build_unet(config.denoiser, channels, self.side, width)
        self.unet.to(memory_format=torch.channels_last)
        # WORKAROUND torch 2.13: the fused attention's backward pass is slow on a CPU.
        self.unet.set_attn_processor(AttnProcessor())
        self.learner = Learner(config.denoiser, self.unet)

    def train(
        self, minutes: Minutes, processes: int = 2, start: Path | None = None
    ) -> Iterator[Progress]:
        """All lessons, resuming where the folder stands; yields every step.

        With `start`, a model folder, the text encoder is taken from there instead of a lesson, and
        the denoiser begins with its weights where they fit. The folder is copied into the run's,
        so that resuming needs neither it nor the argument. Raises BadInput if it does not fit.
        """
        config, every = self.config, self.config.checkpoint_seconds
        started = self._start_from(start)
        cache = open_cache(
            self.folder / "cache", config.seed, config.size, config.scenes, processes
        )
        start_from_components(self.vae, cache.pictures[:_COUNTED])
        lesson = AutoencoderLesson(config, self.vae, cache)
        yield from walk(lesson, self.folder, every, minutes.autoencoder)
        if not started:
            text = TextLesson(config, self.encoder, self.tokenizer, cache)
            yield from walk(text, self.folder, every, minutes.text)
        # What was learned so far is in the networks now, whether just learned or restored.
        latents = self._latents(cache)
        denoise = DenoiserLesson(config, self.learner, self.encoder, self.tokenizer, cache, latents)
        for progress in walk(denoise, self.folder, every, minutes.denoiser):
            if progress.saved:
                denoise.swap_average()
                self._show(f"{progress.step:06d}")
                self.export(self.folder / "model")
                denoise.swap_average()
            yield progress
        denoise.swap_average()
        imperfect = degraded(self.networks, cache, latents, config)
        polish = DecoderLesson(config, self.vae, cache, latents, imperfect)
        yield from walk(polish, self.folder, every, minutes.decoder)
        self._show("final")
        self.export(self.folder / "model")

    def _start_from(self, start: Path | None) -> bool:
        """Take over what fits of the model that the run starts from; whether there is one."""
        kept = self.folder / "start"
        known = kept.exists()
        if start and not known and any(self.folder.glob("*.pt")):
            raise BadInput(f"{self.folder} has begun without a model.", "Use another folder.")
        if start and known and not _same_files(start, kept):
            raise BadInput(f"{self.folder} has begun with another model.", "Use another folder.")
        if (known or start) and not (self.folder / "denoiser.pt").exists():
            self._take_over(load_networks(start or kept))
        if start and not known:
            copy = self.folder / "start.part"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(start, copy)
            copy.rename(kept)
        return known or start is not None

    def _take_over(self, known: Networks) -> None:
        advice = "Start from another one, or from none."
        if known.tokenizer.get_vocab() != self.tokenizer.get_vocab():
            raise BadInput("The model to start from reads other words.", advice)
        theirs, mine = known.encoder.state_dict(), self.encoder.state_dict()
        if {n: w.shape for n, w in theirs.items()} != {n: w.shape for n, w in mine.items()}:
            raise BadInput("The text encoder to start from is of another size.", advice)
        self.encoder.load_state_dict(theirs)
        try:
            inherit(self.unet, known.unet)
        except ValueError as error:
            raise BadInput(f"The denoiser to start from does not fit: {error}.", advice) from error

    def _latents(self, cache: Cache) -> npt.NDArray[np.float16]:
        """Every cached picture encoded, (n, channels, side, side); written once."""
        standardize_latents(self.vae, cache.pictures[:_COUNTED])
        path, done = self.folder / "latents.npy", self.folder / "encoded"
        if not done.exists():
            shape = (len(cache.pictures), self.config.autoencoder.latent_channels, *[self.side] * 2)
            out = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape)
            for start in range(0, len(out), 50):
                x = to_tensor(cache.pictures[start : start + 50])
                with (
                    torch.no_grad(),
                    torch.autocast("cpu", torch.bfloat16, enabled=self.config.bfloat16),
                ):
                    z = self.vae.encode(x).latent_dist.mean
                out[start : start + len(x)] = z.float().numpy().astype(np.float16)
            out.flush()
            done.touch()
        latents: npt.NDArray[np.float16] = np.load(path, mmap_mode="r")
        return latents

    def _show(self, name: str) -> None:
        page = showcase(self.networks, steps=20, guidance=3.0, seed=1, count=8, columns=4)
        page.save(self.folder / f"sheet-{name}.png")

    @property
    def networks(self) -> Networks:
        """What makes pictures, with the weights as they are now."""
        return Networks(self.unet, self.vae, self.encoder, self.tokenizer, self.scheduler)

    def publish(self, folder: Path) -> None:
        """Copy the model of the last checkpoint, averaged weights, to where it is to be used."""
        for part in sorted((self.folder / "model").iterdir()):
            if part.is_dir():
                shutil.rmtree(folder / part.name, ignore_errors=True)
                shutil.copytree(part, folder / part.name)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(part, folder / part.name)

    def export(self, folder: Path) -> None:
        """The networks as they are now, as a Stable Diffusion folder."""
        export(folder, self.networks)


def _same_files(one: Path, other: Path) -> bool:
    names = [
        sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
        for folder in (one, other)
    ]
    if names[0] != names[1]:
        return False
    _, *others = filecmp.cmpfiles(one, other, names[0], shallow=False)
    return not any(others)


def pretty(progress: Progress) -> str:
    """One line: lesson, step, loss, speed, time left."""
    minutes, seconds = divmod(round(progress.seconds_left), 60)
    return (
        f"{progress.lesson:11s} step {progress.step:6d}  {progress.done:6.1%}  "
        f"loss {progress.loss:.4f}  {progress.pictures_per_second:6.1f} pictures/s  "
        f"{minutes:d}:{seconds:02d} left{'  saved' if progress.saved else ''}"
    )
