"""A last lesson: the decoder learns to forgive what the denoiser leaves in the latents.

Encoded pictures have spotless latents, generated ones do not: they keep a grain that a decoder
which has only seen the former shows as salt and pepper. So it goes on learning from latents that
were noised a little, half of them cleaned again by the denoiser as in sampling. The encoder stays
as it is, and with it what the denoiser has learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.starter.autoencoder import picture_loss, to_tensor
from studio.starter.cache import Cache
from studio.starter.captions import caption
from studio.starter.config import Config
from studio.starter.lessons import Optimized, autocast, draws
from studio.starter.sampling import Networks
from studio.starter.text import tokenize

_SCHEDULE = 20  # sampling steps, of which the last few are walked
_GRAIN = 0.25  # largest deviation of the plain noise, where latents have 1


@torch.no_grad()
def degrade(
    networks: Networks, latents: Tensor, captions: Sequence[str], rng: np.random.Generator
) -> Tensor:
    """Noise latents (n, c, h, w) to one of the last levels and denoise them in DDIM steps."""
    context = networks.encoder(tokenize(networks.tokenizer, list(captions))).last_hidden_state
    networks.scheduler.set_timesteps(_SCHEDULE)
    timesteps = networks.scheduler.timesteps[-int(rng.integers(2, 8)) :]
    square = networks.scheduler.alphas_cumprod[timesteps[0]]
    noise = torch.from_numpy(rng.standard_normal(latents.shape).astype(np.float32))
    x: Tensor = square.sqrt() * latents + (1 - square).sqrt() * noise
    for t in timesteps:
        with torch.autocast("cpu", torch.bfloat16):
            v = networks.unet(x, t, context, return_dict=False)[0].float()
        x = networks.scheduler.step(v, t, x).prev_sample
    return x


def degraded(
    networks: Networks, cache: Cache, latents: npt.NDArray[np.float16], config: Config
) -> npt.NDArray[np.float16]:
    """The first `decoder.pictures` latents, each noised and denoised once."""
    blocks = []
    for start in range(0, config.decoder.pictures, 32):
        rng = np.random.default_rng([config.seed, 7, start])
        stop = min(start + 32, config.decoder.pictures)
        captions = [caption(s, rng, complete=True) for s in cache.scenes[start:stop]]
        z = torch.from_numpy(latents[start:stop].astype(np.float32))
        blocks.append(degrade(networks, z, captions, rng).numpy().astype(np.float16))
    return np.concatenate(blocks)


class DecoderLesson(Optimized):
    """Crops of pictures from crops of imperfect latents."""

    name = "decoder"

    def __init__(
        self,
        config: Config,
        vae: Any,
        cache: Cache,
        latents: npt.NDArray[np.float16],
        imperfect: npt.NDArray[np.float16],
    ) -> None:
        own = config.decoder
        modules = {"decoder": vae.decoder, "post_quant": vae.post_quant_conv}
        super().__init__(modules, own.learning_rate, 50)
        self.steps, self.batch = own.steps, own.batch
        self._config, self._vae, self._cache = config, vae, cache
        self._latents, self._imperfect = latents, imperfect

    def step(self, index: int, progress: float) -> float:
        rng, _ = draws(self._config, 5, index)
        cells = self._config.autoencoder.crop // 8
        room = self._latents.shape[-1] - cells + 1
        z, x = [], []
        for k in range(self.batch):
            source = self._imperfect if k % 2 else self._latents
            i = int(rng.integers(len(source)))
            row, column = rng.integers(room, size=2)
            part = source[i, :, row : row + cells, column : column + cells].astype(np.float32)
            if k % 2 == 0:
                part += rng.uniform(0, _GRAIN) * rng.standard_normal(part.shape)
            z.append(part)
            top, left, side = 8 * row, 8 * column, 8 * cells
            x.append(self._cache.pictures[i, top : top + side, left : left + side])
        inputs = torch.from_numpy(np.stack(z).astype(np.float32))
        inputs = inputs.contiguous(memory_format=torch.channels_last)
        with autocast(self._config):
            y = self._vae.decode(inputs).sample
        loss = picture_loss(y, to_tensor(np.stack(x)))
        self.update(loss, index, progress)
        return loss.item()
