"""The three things to learn, one after the other: pictures, words, and then denoising.

Every lesson draws its batch from (seed, lesson, step) alone, so a run that was interrupted goes
on exactly as if it had not been: nothing depends on a generator's past.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn

from studio.starter.autoencoder import reconstruction_loss, to_tensor
from studio.starter.cache import Cache
from studio.starter.captions import caption
from studio.starter.config import Config
from studio.starter.denoiser import Learner, hidden_matrices, timesteps
from studio.starter.muon import Muon
from studio.starter.scene import ATTRIBUTES, Scene, labels
from studio.starter.text import naming_head, naming_loss, tokenize


class Lesson(Protocol):
    """One stage of the training."""

    name: str
    steps: int
    batch: int

    def step(self, index: int, progress: float) -> float:
        """One update; `progress` runs from 0 to 1 over the lesson. Returns the loss."""

    def state(self) -> dict[str, Any]:
        """All that changes, as tensors and plain values."""

    def restore(self, state: dict[str, Any]) -> None:
        """Put back what `state` gave."""


def _rate(base: float, index: int, warmup: int, progress: float) -> float:
    """Linear warm-up, then half a cosine down to 2 % of the base."""
    return (
        base * min(1.0, (index + 1) / warmup) * (0.02 + 0.49 * (1 + math.cos(math.pi * progress)))
    )


def autocast(config: Config) -> torch.autocast:
    """Networks compute in bfloat16 inside, where the configuration says so."""
    return torch.autocast("cpu", torch.bfloat16, enabled=config.bfloat16)


def draws(config: Config, lesson: int, index: int) -> tuple[np.random.Generator, torch.Generator]:
    """The random numbers of one step of one lesson."""
    rng = np.random.default_rng([config.seed, lesson, index])
    return rng, torch.Generator().manual_seed(int(rng.integers(2**62)))


class Optimized:
    """What the lessons share: optimizers over some modules, clipping, a learning rate.

    `matrices` are the weights that Muon moves; AdamW moves all others.
    """

    def __init__(
        self,
        modules: dict[str, nn.Module],
        rate: float,
        warmup: int,
        matrices: Sequence[nn.Parameter] = (),
    ) -> None:
        self.modules = modules
        self._rate, self._warmup = rate, warmup
        self._parameters = [p for m in modules.values() for p in m.parameters()]
        chosen = {id(p) for p in matrices}
        others = [p for p in self._parameters if id(p) not in chosen]
        self.optimizers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=1e-3, fused=True)
        ]
        if matrices:
            self.optimizers.append(Muon(matrices, rate))

    def update(self, loss: Tensor, index: int, progress: float) -> None:
        """One step down the loss, its gradient's norm clipped at 1."""
        for weight in self._parameters:
            weight.grad = None
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._parameters, 1.0)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = _rate(self._rate, index, self._warmup, progress)
            optimizer.step()

    def state(self) -> dict[str, Any]:
        weights = {name: module.state_dict() for name, module in self.modules.items()}
        return {"weights": weights, "optimizers": [o.state_dict() for o in self.optimizers]}

    def restore(self, state: dict[str, Any]) -> None:
        for name, module in self.modules.items():
            module.load_state_dict(state["weights"][name])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)


class AutoencoderLesson(Optimized):
    """Reconstruct random crops."""

    name = "autoencoder"

    def __init__(self, config: Config, vae: AutoencoderKL, cache: Cache) -> None:
        own = config.autoencoder
        super().__init__({"vae": vae}, own.learning_rate, 50)
        self.steps, self.batch = own.steps, own.batch
        self._config, self._vae, self._pictures = config, vae, cache.pictures

    def step(self, index: int, progress: float) -> float:
        rng, generator = draws(self._config, 1, index)
        side = self._config.autoencoder.crop
        room = self._pictures.shape[1] - side + 1
        chosen = rng.integers(len(self._pictures), size=self.batch)
        corners = rng.integers(room, size=(self.batch, 2))
        crops = [
            self._pictures[i][y : y + side, x : x + side]
            for i, (y, x) in zip(chosen, corners, strict=True)
        ]
        with autocast(self._config):
            loss = reconstruction_loss(self._vae, to_tensor(np.stack(crops)), generator)
        self.update(loss, index, progress)
        return loss.item()


def _answers(scenes: Sequence[Scene]) -> Tensor:
    return torch.tensor([labels(s) for s in scenes])


class TextLesson(Optimized):
    """Name the scene's attributes from its caption, as far as it says them."""

    name = "text"

    def __init__(self, config: Config, encoder: Any, tokenizer: Any, cache: Cache) -> None:
        own = config.text
        head = naming_head(own.width)
        super().__init__({"text": encoder, "names": head}, own.learning_rate, 50)
        self.steps, self.batch = own.steps, own.batch
        self._config, self._encoder, self._head = config, encoder, head
        self._tokenizer, self._scenes = tokenizer, cache.scenes

    def step(self, index: int, progress: float) -> float:
        rng, _ = draws(self._config, 2, index)
        scenes = [self._scenes[i] for i in rng.integers(len(self._scenes), size=self.batch)]
        ids = tokenize(self._tokenizer, [caption(s, rng) for s in scenes])
        with autocast(self._config):
            scores = self._head(self._encoder(ids).pooler_output)
            loss = naming_loss(scores, _answers(scenes))
        self.update(loss, index, progress)
        return loss.item()


class DenoiserLesson(Optimized):
    """Denoise latents under captions, text encoder and UNet together, with an averaged copy."""

    name = "denoiser"

    def __init__(
        self,
        config: Config,
        learner: Learner,
        encoder: Any,
        tokenizer: Any,
        cache: Cache,
        latents: npt.NDArray[np.float16],
    ) -> None:
        own = config.denoiser
        modules = {"text": encoder, "learner": learner}
        super().__init__(modules, own.learning_rate, own.warmup, hidden_matrices(learner.unet))
        self.steps, self.batch = own.steps, own.batch
        self._config, self._learner, self._encoder = config, learner, encoder
        self._tokenizer, self._cache, self._latents = tokenizer, cache, latents
        self._kept = [*encoder.parameters(), *learner.unet.parameters()]
        self.average = [p.detach().clone() for p in self._kept]
        self.last: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def step(self, index: int, progress: float) -> float:
        own = self._config.denoiser
        rng, generator = draws(self._config, 3, index)
        chosen = rng.integers(len(self._latents), size=self.batch)
        scenes = [self._cache.scenes[i] for i in chosen]
        captions = [caption(s, rng) if rng.random() >= own.drop else "" for s in scenes]
        ids = tokenize(self._tokenizer, captions)
        x0 = torch.from_numpy(self._latents[chosen].astype(np.float32))
        x0 = x0.contiguous(memory_format=torch.channels_last)
        noise = torch.randn(x0.shape, generator=generator)
        maps = torch.from_numpy(self._cache.maps[chosen])
        t = timesteps(rng, self.batch)
        with autocast(self._config):
            context = self._encoder(ids).last_hidden_state
            main, names, where = self._learner.losses(x0, noise, t, context, _answers(scenes), maps)
        loss = main + own.weight_names * names + own.weight_map * where
        self.update(loss, index, progress)
        share = 1 - min(own.ema, (1 + index) / (10 + index))
        torch._foreach_lerp_(self.average, [p.detach() for p in self._kept], share)
        self.last = (main.item(), names.item() / len(ATTRIBUTES), where.item())
        return self.last[0]

    def state(self) -> dict[str, Any]:
        return {**super().state(), "average": self.average}

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        for mine, saved in zip(self.average, state["average"], strict=True):
            mine.copy_(saved)

    def swap_average(self) -> None:
        """Exchange the weights in use with their running average; again to change back."""
        with torch.no_grad():
            for mine, average in zip(self._kept, self.average, strict=True):
                held = mine.detach().clone()
                mine.copy_(average)
                average.copy_(held)
